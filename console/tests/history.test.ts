import { createIdentity } from '@nexus/client';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { input, messages, open, Server, type, visitor } from './common.ts';
import { adopt, owner } from './key.ts';

const value = (page: Page) => input(page).inputValue();
const kept = (page: Page, owner = 'visitor') =>
  page.evaluate((name) => JSON.parse(localStorage.getItem(name) ?? '[]') as string[], `nexus.history.${owner}`);

/** Runs lines one by one. */
async function ran(page: Page, ...lines: string[]): Promise<void> {
  for (const line of lines) {
    await type(page, line);
    await expect.poll(() => value(page)).toBe('');
  }
}

/** Presses a key and waits for the line to become this. */
async function press(page: Page, key: string, line: string): Promise<void> {
  await input(page).press(key);
  await expect.poll(() => value(page)).toBe(line);
}

test('up and down go through what was typed, and back to the empty line', async () => {
  const page = await open(await Server.start());
  await ran(page, '/echo one', '/echo two', '/ping');
  await press(page, 'ArrowUp', '/ping');
  await press(page, 'ArrowUp', '/echo two');
  await press(page, 'ArrowUp', '/echo one');
  await press(page, 'ArrowUp', '/echo one');
  await press(page, 'ArrowDown', '/echo two');
  await press(page, 'ArrowDown', '/ping');
  await press(page, 'ArrowDown', '');
  expect(await page.getByRole('listbox').count()).toBe(0);
});

test('what was typed before restricts what comes back', async () => {
  const page = await open(await Server.start());
  await ran(page, '/echo one', '/ping', '/echo two', '/help');
  await input(page).fill('/ec');
  await input(page).press('Escape');
  await press(page, 'ArrowUp', '/echo two');
  await press(page, 'ArrowUp', '/echo one');
  await press(page, 'ArrowDown', '/echo two');
  await press(page, 'ArrowDown', '/ec');
});

test('a line that comes back runs by Enter, and is the newest again', async () => {
  const page = await open(await Server.start());
  await ran(page, '/echo one', '/ping');
  await press(page, 'ArrowUp', '/ping');
  await press(page, 'ArrowUp', '/echo one');
  await input(page).press('Enter');
  await expect.poll(() => messages(page).count()).toBe(3);
  expect(await kept(page)).toEqual(['/ping', '/echo one']);
});

test('it is there at the next visit', async () => {
  const page = await open(await Server.start());
  await ran(page, '/echo one');
  await page.reload();
  await input(page).focus();
  await press(page, 'ArrowUp', '/echo one');
});

test('each key has its own', async () => {
  const page = await open(await Server.start());
  await ran(page, '/echo mine');
  const identity = await createIdentity();
  await adopt(page, identity);
  await ran(page, '/ping');
  await press(page, 'ArrowUp', '/ping');
  await press(page, 'ArrowUp', '/ping');
  expect(await kept(page, identity.address)).toEqual(['/ping']);
  expect(await kept(page)).toEqual(['/echo mine']);
});

test('lines that may hold a secret are not kept', async () => {
  const page = await open(await Server.start());
  const words = 'test test test test test test test test test test test junk';
  const secrets = [words, `ns_${'a'.repeat(43)}`, `0x${'1'.repeat(64)}`, 'password:x'];
  await ran(page, '/ping', ...secrets.map((secret) => `/echo ${secret}`));
  expect(await kept(page)).toEqual(['/ping']);
  const everything = await page.evaluate(() => JSON.stringify(localStorage));
  for (const secret of ['junk', 'ns_', '1111', 'password']) expect(everything).not.toContain(secret);
});

test('no more lines are kept than the setting says', async () => {
  const { context, identity } = await owner();
  const page = await open(await Server.start(), context);
  await ran(page, '/echo one', '/echo two', '/echo three');
  await type(page, '/config/set --history 2');
  await expect.poll(() => kept(page, identity.address)).toEqual(['/echo three', '/config/set --history 2']);
  await ran(page, '/ping');
  expect(await kept(page, identity.address)).toEqual(['/config/set --history 2', '/ping']);
});

test('Shift+Delete removes the line that came back', async () => {
  const page = await open(await Server.start());
  await ran(page, '/echo one', '/ping');
  await press(page, 'ArrowUp', '/ping');
  await page.getByText('Line 2 of 2').waitFor();
  await press(page, 'Shift+Delete', '');
  expect(await kept(page)).toEqual(['/echo one']);
});

test('all of it can be cleared', async () => {
  const page = await open(await Server.start());
  await ran(page, '/echo one', '/ping');
  await press(page, 'ArrowUp', '/ping');
  await page.getByRole('button', { name: 'Clear history' }).click();
  await expect.poll(() => kept(page)).toEqual([]);
  await press(page, 'ArrowUp', '');
});

test('where nothing can be kept, it lasts as long as the page', async () => {
  const context = await visitor();
  await context.addInitScript(() => {
    const get = () => {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    };
    Object.defineProperty(window, 'localStorage', { get });
  });
  const page = await open(await Server.start(), context);
  await ran(page, '/echo one', '/ping');
  await press(page, 'ArrowUp', '/ping');
  await press(page, 'ArrowUp', '/echo one');
});

test('in a line of several rows the arrows move the caret first', async () => {
  const page = await open(await Server.start());
  await ran(page, '/ping', '/echo a\nb');
  await press(page, 'ArrowUp', '/echo a\nb');
  await press(page, 'ArrowUp', '/echo a\nb');
  await press(page, 'ArrowUp', '/ping');
});
