/** The seven known faults of the console's forerunner, each as what happens instead. */

import { expect, test } from 'vitest';
import { input, messages, open, Server, type, visitor } from './common.ts';
import { owner } from './key.ts';
import { commands, message, settled } from './log.ts';
import { siteFor } from './site.ts';

const EXECUTE = '**/api/v1/commands/execute';

test('fault 1, commands are missing: why is said, with the setting that mends it, and they come by themselves', async () => {
  const server = await Server.start();
  const origin = await siteFor(server.url);
  const page = await (await visitor()).newPage();
  await page.goto(origin);
  await page.getByRole('alert').getByText(`ALLOWED_ORIGINS=${origin}`).waitFor();
  await input(page).fill('/identity');
  const found = page.getByRole('listbox').getByRole('option').getByText('/identity', { exact: true });
  expect(await found.count()).toBe(0);
  await server.stop();
  await server.go({ ALLOWED_ORIGINS: origin });
  await found.waitFor();
});

test('fault 2, a result without a title: every message has its command before anything is sent', async () => {
  const page = await open(await Server.start());
  const titles: (string | null)[][] = [];
  await page.route(EXECUTE, async (route) => {
    titles.push(await commands(page));
    await route.continue();
  });
  await type(page, '/ping');
  await settled(page, '/ping').getByText('pong').waitFor();
  expect(titles).toEqual([['/ping']]);
  expect(await page.getByText('unknown').count()).toBe(0);
});

test('fault 3, results are mixed up: each command gets its own, in whatever order they come, by stream or by answer', async () => {
  const { context, identity } = await owner();
  const page = await open(await Server.start(), context);
  await page.getByText('live').waitFor();
  const release: (() => void)[] = [];
  await page.route(EXECUTE, async (route) => {
    const { command } = route.request().postDataJSON();
    const response = await route.fetch({ postData: route.request().postData() ?? '' });
    if (command !== '/ping') await new Promise<void>((resolve) => release.push(resolve));
    await route.fulfill({ response });
  });
  await type(page, '/echo same --times 2');
  await type(page, '/ping');
  await type(page, '/whoami');
  await type(page, '/echo same --times 2');
  await settled(page, '/ping').getByText('pong').waitFor();
  await expect.poll(() => release.length).toBe(3);
  for (const go of release.reverse()) go();
  await expect.poll(() => messages(page).and(page.locator('[data-state=success]')).count()).toBe(4);
  expect(await commands(page)).toEqual(['/echo same --times 2', '/ping', '/whoami', '/echo same --times 2']);
  await message(page, '/whoami').getByText(identity.address).first().waitFor();
  for (const place of [0, 3]) await messages(page).nth(place).getByText('same same').first().waitFor();
});

test('fault 4, /help asks the server: it asks nobody', async () => {
  const page = await open(await Server.start());
  await page.getByText(/^\d+ ms$/).waitFor();
  await page.waitForLoadState('networkidle');
  const seen: string[] = [];
  page.on('request', (request) => seen.push(request.url()));
  await type(page, '/help');
  await settled(page, '/help').locator('li').first().waitFor();
  await type(page, '/ping');
  await settled(page, '/ping').getByText('pong').waitFor();
  expect(seen.map((url) => new URL(url).pathname)).toEqual(['/api/v1/commands/execute']);
});

test('fault 5, lists are shown as JSON: texts are bullets, and objects a table', async () => {
  const { context } = await owner();
  const page = await open(await Server.start(), context);
  await page.getByText('live').waitFor();
  await type(page, '/echo item --times 3');
  await expect.poll(() => settled(page, '/echo item --times 3').getByRole('listitem').count()).toBe(3);
  // What is signed is remembered, whether or not there is a session yet.
  await type(page, '/whoami');
  await settled(page, '/whoami').waitFor();
  await type(page, '/history');
  await settled(page, '/history').getByRole('table').getByText('/whoami').waitFor();
  expect(await page.getByRole('log').getByText('[{').count()).toBe(0);
});

test('fault 6, a command with a panel has two messages: it has one, which waits and then is settled', async () => {
  const { context, identity } = await owner();
  const page = await open(await Server.start(), context);
  await page.getByText('live').waitFor();
  await type(page, '/identity');
  await page.getByRole('dialog').getByRole('button', { name: /create|register|verify/i }).first().click();
  await settled(page, '/identity').getByText(identity.address).first().waitFor();
  await page.keyboard.press('Escape');
  await type(page, '/whoami');
  await settled(page, '/whoami').waitFor();
  expect(await commands(page)).toEqual(['/identity', '/whoami']);
});

test('fault 7, a result says "Command completed": it says what the server has said', async () => {
  const { context } = await owner();
  const page = await open(await Server.start(), context);
  await page.getByText('live').waitFor();
  await type(page, '/whoami');
  await settled(page, '/whoami').getByText(/^You are 0x/).waitFor();
  await type(page, '/countdown 0');
  await settled(page, '/countdown 0').getByText('Lift-off').waitFor();
  expect(await page.getByText('Command completed').count()).toBe(0);
});
