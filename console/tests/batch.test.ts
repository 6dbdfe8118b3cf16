import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { input, messages, open, Server } from './common.ts';

const bar = (page: Page) => page.getByRole('group', { name: 'Several commands' });
const button = (page: Page, name: RegExp | string) => bar(page).getByRole('button', { name });
const isFocused = (locator: Locator) => locator.evaluate((element) => element === document.activeElement);

/** The paths of all that was posted. */
function posted(page: Page): string[] {
  const paths: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST') paths.push(new URL(request.url()).pathname.replace('/api/v1/commands', ''));
  });
  return paths;
}

test('several pasted lines are offered as one batch, and run in one request', async () => {
  const page = await open(await Server.start());
  const paths = posted(page);
  await input(page).fill('/echo one\n\n/echo two\n/ping\n');
  await button(page, 'Run 3 commands as one batch').click();
  await expect.poll(() => messages(page).count()).toBe(3);
  await messages(page).getByText('pong').waitFor();
  expect(paths.filter((path) => path.startsWith('/'))).toEqual(['/batch']);
  expect(await input(page).inputValue()).toBe('');
  await expect.poll(() => bar(page).count()).toBe(0);
});

test('they can run one after another, each when the one before has its answer', async () => {
  const page = await open(await Server.start());
  const running = new Set<unknown>();
  const together: number[] = [];
  await page.route('**/commands/execute', async (route) => {
    running.add(route);
    together.push(running.size);
    const response = await route.fetch();
    running.delete(route);
    await route.fulfill({ response });
  });
  await input(page).fill('/echo one\n/echo two\n/nonsense\n/ping');
  await button(page, 'One after another').click();
  await messages(page).getByText('pong').waitFor();
  expect(together).toEqual([1, 1, 1, 1]);
});

test('nothing is run by Enter before somebody has chosen how', async () => {
  const page = await open(await Server.start());
  const paths = posted(page);
  await input(page).fill('/echo one\n/ping');
  await input(page).press('Enter');
  await expect.poll(() => isFocused(button(page, /as one batch/))).toBe(true);
  expect(paths).toEqual([]);
  await page.keyboard.press('Enter');
  await messages(page).getByText('pong').waitFor();
  expect(await isFocused(input(page))).toBe(true);
});

test('it can be cancelled', async () => {
  const page = await open(await Server.start());
  await input(page).fill('/echo one\n/ping');
  await button(page, 'Cancel').click();
  await expect.poll(() => bar(page).count()).toBe(0);
  expect(await input(page).inputValue()).toBe('');
  expect(await messages(page).count()).toBe(0);
});

test('lines that open a panel or run in the page are left out, and told', async () => {
  const page = await open(await Server.start());
  await input(page).fill('/ping\n/identity\n/echo a\n/clear');
  await bar(page).getByText('Left out, as it opens a panel: /identity').waitFor();
  await bar(page).getByText('Left out, as it runs in this page: /clear').waitFor();
  await button(page, 'Run 2 commands as one batch').click();
  await messages(page).getByText('pong').waitFor();
  expect(await messages(page).count()).toBe(2);
});

test('more than a batch takes are told, and can run one after another', async () => {
  const page = await open(await Server.start());
  await input(page).fill('/ping\n'.repeat(51));
  await bar(page).getByText('A batch takes 50 commands at most.').waitFor();
  expect(await button(page, /as one batch/).count()).toBe(0);
  expect(await button(page, 'One after another').count()).toBe(1);
});

test('lines that are typed by Shift+Enter are offered too', async () => {
  const page = await open(await Server.start());
  await input(page).pressSequentially('/ping');
  await input(page).press('Shift+Enter');
  await input(page).pressSequentially('/echo a');
  await button(page, 'Run 2 commands as one batch').waitFor();
});

test('a text of several lines that are no commands is no batch', async () => {
  const page = await open(await Server.start());
  await input(page).fill('/echo one\ntwo');
  await expect.poll(() => bar(page).count()).toBe(0);
});
