import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { messages, open, Server, type } from './common.ts';
import { owner, runElsewhere } from './key.ts';
import { message, settled } from './log.ts';

const log = (page: Page) => page.getByRole('log');

test('ten thousand messages are kept, of which only those around what is in sight are mounted', { timeout: 180_000 }, async () => {
  const server = await Server.start();
  const here = await owner();
  const page = await open(server, here.context);
  await page.getByText('live').waitFor();
  await runElsewhere(server, here, 10_100);
  await message(page, '/echo 10099').waitFor({ timeout: 120_000 });
  expect(await messages(page).count()).toBeLessThan(100);
  expect(await message(page, '/echo 10099').getAttribute('aria-setsize')).toBe('10100');
  await page.getByText('100 oldest messages have given way').waitFor();
  const first = () =>
    log(page).evaluate((element) => {
      element.scrollTo(0, 0);
      const article = element.querySelector('article');
      return [article?.getAttribute('aria-label'), article?.getAttribute('aria-posinset')];
    });
  await expect.poll(first).toEqual(['/echo 100', '101']);
  expect(await messages(page).count()).toBeLessThan(100);
});

test('the end stays in sight, unless its reader has scrolled up; then a button leads back', async () => {
  const server = await Server.start();
  const here = await owner();
  const page = await open(server, here.context);
  await page.getByText('live').waitFor();
  await runElsewhere(server, here, 40);
  const isInSight = (command: string) =>
    message(page, command).evaluate((element) => {
      const { bottom } = element.getBoundingClientRect();
      return bottom <= (element.closest('[role=log]')?.getBoundingClientRect().bottom ?? 0) + 1;
    });
  await message(page, '/echo 39').waitFor();
  await expect.poll(() => isInSight('/echo 39')).toBe(true);
  expect(await log(page).getAttribute('aria-live')).toBe('polite');
  await log(page).hover();
  await page.mouse.wheel(0, -2_000);
  await page.getByRole('button', { name: 'To the end' }).waitFor();
  // What is scrolled into sight is nothing new.
  expect(await log(page).getAttribute('aria-live')).toBe('off');
  await type(page, '/ping');
  await page.getByRole('button', { name: '1 new' }).click();
  await settled(page, '/ping').getByText('pong').waitFor();
  await expect.poll(() => isInSight('/ping')).toBe(true);
  expect(await page.getByRole('button', { name: 'new' }).count()).toBe(0);
});

test('a message says its command, its state and its time, and has no line below before there is something', async () => {
  const page = await open(await Server.start());
  await page.route('**/api/v1/commands/execute', () => {}, { times: 1 });
  await type(page, '/echo waits');
  const waiting = message(page, '/echo waits');
  await waiting.getByText('Waiting for the answer').waitFor();
  expect(await waiting.locator('header').textContent()).toMatch(/^■\/echo waitsruns\d\d:\d\d:\d\d$/);
  const height = (await waiting.boundingBox())?.height ?? 0;
  await type(page, '/ping');
  await settled(page, '/ping').getByText('pong').waitFor();
  expect(await message(page, '/ping').locator('header').textContent()).toMatch(/^■\/pingsucceeded\d\d:\d\d:\d\d$/);
  expect((await message(page, '/ping').boundingBox())?.height).toBeGreaterThan(height);
  await type(page, '/nothing');
  expect(await settled(page, '/nothing').locator('header').textContent()).toMatch(/^■\/nothingfailed\d\d:\d\d:\d\d$/);
});

test('of a command that is very long only the beginning stands above its answer', async () => {
  const page = await open(await Server.start());
  await type(page, `/echo ${'a'.repeat(70_000)}`);
  const head = messages(page).first().locator('header');
  await messages(page).first().getByText('body_too_large').waitFor();
  expect((await head.locator('code').textContent())?.length).toBe(1_001);
  expect((await messages(page).first().getAttribute('aria-label'))?.length).toBe(1_001);
});
