/** Panels as such, and those of /config and /prompt. */

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { serious } from './axe.ts';
import { Server, input, messages, open, type, visitor } from './common.ts';
import { owner } from './key.ts';
import { create, opened, panel } from './panel.ts';

const gone = (page: Page) => panel(page).waitFor({ state: 'detached' });

test('what a definition marks as code is shown as code', async () => {
  const page = await open(await Server.start(), (await owner()).context);
  await opened(page, '/config');
  await panel(page).locator('code').getByText('system').waitFor();
  await expect(panel(page).textContent()).resolves.not.toContain('`');
});

test('a panel is a titled dialog, which Esc, its button and a click beside it close; the focus returns', async () => {
  const page = await open(await Server.start());
  for (const close of [
    () => page.keyboard.press('Escape'),
    () => panel(page).getByRole('button', { name: 'Close' }).click(),
    () => page.mouse.click(5, 400),
  ]) {
    await opened(page, '/identity');
    await page.getByRole('dialog', { name: 'Identity' }).waitFor();
    await panel(page).getByText('An identity is a key').click();
    await panel(page).waitFor();
    await close();
    await gone(page);
    expect(await input(page).evaluate((element) => element === document.activeElement)).toBe(true);
  }
  expect(await messages(page).count()).toBe(0);
});

test('what belongs to an identity leads who has none to it', async () => {
  const page = await open(await Server.start());
  for (const line of ['/config', '/prompt']) {
    await opened(page, line);
    await panel(page).getByText('This belongs to an identity.').waitFor();
    await panel(page).getByRole('button', { name: 'Identity…' }).click();
    await panel(page).getByRole('button', { name: 'Create an identity' }).waitFor();
    await page.keyboard.press('Escape');
    await gone(page);
  }
});

test('settings are read, saved as a whole, and applied to the page at once', async () => {
  const { context, elsewhere } = await owner();
  const server = await Server.start();
  const other = elsewhere(server);
  await other.execute('/config/set', { args: { history: 200 }, sign: true });
  const page = await open(server, context);
  await opened(page, '/config');
  const history = panel(page).getByLabel('Lines of history');
  await history.waitFor();
  expect(await history.inputValue()).toBe('200');
  expect(await panel(page).getByRole('radio', { name: 'system' }).isChecked()).toBe(true);
  expect(await messages(page).count()).toBe(1);

  await panel(page).getByRole('radio', { name: 'dark' }).check();
  await panel(page).getByLabel('Raw results').check();
  await panel(page).getByRole('button', { name: 'Save' }).click();
  await panel(page).getByText('Saved.').waitFor();
  await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('dark');
  expect(await messages(page).count()).toBe(2);
  const { data } = await other.execute('/config', { sign: true });
  expect(data).toMatchObject({ overrides: { theme: 'dark', history: 200, raw_results: true } });
  expect(data).not.toHaveProperty('overrides.language');

  await panel(page).getByRole('radio', { name: 'zh' }).check();
  await panel(page).getByRole('button', { name: 'Save' }).click();
  await panel(page).getByText('已保存。').waitFor();
  await panel(page).getByRole('button', { name: '恢复默认' }).click();
  await panel(page).getByText('Saved.').waitFor();
  expect((await other.execute('/config', { sign: true })).data).toMatchObject({ overrides: {} });
  expect(await history.inputValue()).toBe('500');
});

test('what is set by a typed line is applied too', async () => {
  const { context } = await owner();
  const page = await open(await Server.start(), context);
  await type(page, '/config/set --theme dark --language zh');
  await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('dark');
  await expect.poll(() => page.locator('html').getAttribute('lang')).toContain('zh');
});

test('what nobody has set on the server leaves the page as it is', async () => {
  const { context } = await owner({ language: 'zh-CN' });
  const page = await open(await Server.start(), context);
  await opened(page, '/config');
  await panel(page).getByLabel('历史行数').fill('200');
  await panel(page).getByRole('button', { name: '保存' }).click();
  await panel(page).getByText('已保存。').waitFor();
  expect(await page.locator('html').getAttribute('lang')).toContain('zh');
});

test('a setting that cannot be is told at its field, which has the focus', async () => {
  const { context } = await owner();
  const page = await open(await Server.start(), context);
  await opened(page, '/config');
  const history = panel(page).getByLabel('Lines of history');
  await history.fill('5000');
  await panel(page).getByRole('button', { name: 'Save' }).click();
  await panel(page).getByRole('alert').getByText('Not everything is as it must be').waitFor();
  const told = await history.getAttribute('aria-errormessage');
  expect(await page.locator(`[id="${told}"]`).textContent()).toBe('must be a whole number from 0 to 1000');
  expect(await history.getAttribute('aria-invalid')).toBe('true');
  await expect.poll(() => history.evaluate((element) => element === document.activeElement)).toBe(true);
  await messages(page).getByText('must be a whole number from 0 to 1000').first().waitFor();

  await history.fill('7');
  await panel(page).getByRole('button', { name: 'Save' }).click();
  await panel(page).getByText('Saved.').waitFor();
  expect(await history.getAttribute('aria-invalid')).toBe(null);
});

test('what is read with an ended session is read with a new one', async () => {
  const { context } = await owner();
  const page = await open(await Server.start(), context);
  await opened(page, '/identity');
  await panel(page).getByText('until').waitFor();
  await page.keyboard.press('Escape');
  // Another program of this key has ended all its sessions.
  await page.evaluate(async () => {
    const name = Object.keys(localStorage).find((each) => each.startsWith('nexus.session.')) ?? '';
    const { token } = JSON.parse(localStorage.getItem(name) ?? '');
    await fetch('/api/v1/auth/logout', { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  });
  await opened(page, '/config');
  await panel(page).getByLabel('Lines of history').waitFor();
  expect(await messages(page).count()).toBe(1);
});

test('prompts are listed, written, opened, replaced and deleted, each with one message', async () => {
  const { context } = await owner();
  const page = await open(await Server.start(), context);
  await opened(page, '/prompt');
  await panel(page).getByText('You have no prompts yet.').waitFor();

  await panel(page).getByRole('button', { name: 'New prompt' }).click();
  const name = panel(page).getByLabel('Name');
  expect(await name.evaluate((element) => element === document.activeElement)).toBe(true);
  await name.fill('A tone');
  await panel(page).getByLabel('Text').fill('Be brief.\nSay why.');
  await panel(page).getByRole('button', { name: 'Save' }).click();
  await panel(page).getByText('must be 1 to 64 of a-z, 0-9 and -').waitFor();
  await name.fill('tone');
  await panel(page).getByRole('button', { name: 'Save' }).click();
  await panel(page).getByText('tone is saved.').waitFor();
  await panel(page).getByText('18 characters').waitFor();

  await panel(page).getByRole('button', { name: 'Open tone' }).click();
  expect(await panel(page).getByLabel('Text').inputValue()).toBe('Be brief.\nSay why.');
  await panel(page).getByLabel('Text').fill('Be brief.');
  await panel(page).getByRole('button', { name: 'Save' }).click();
  await panel(page).getByText('9 characters').waitFor();

  await panel(page).getByRole('button', { name: 'Delete tone' }).click();
  await panel(page).getByText('Delete the prompt “tone”?').waitFor();
  await panel(page).getByRole('button', { name: 'Cancel' }).click();
  await panel(page).getByRole('button', { name: 'Delete tone' }).click();
  await panel(page).getByRole('button', { name: 'Delete', exact: true }).click();
  await panel(page).getByText('tone is deleted.').waitFor();
  await panel(page).getByText('You have no prompts yet.').waitFor();
  // Listed, refused, written, opened, replaced, deleted.
  expect(await messages(page).count()).toBe(6);
});

test('while the server is down a panel says so, and tries again', async () => {
  const { context } = await owner();
  const page = await open(await Server.start(), context);
  await page.route(
    '**/commands/execute',
    (route) => route.fulfill({ status: 503, json: { status: 'error', code: 'draining', message: 'Going down.' } }),
    { times: 1 },
  );
  await opened(page, '/prompt');
  await panel(page).getByRole('alert').getByText('Going down.').waitFor();
  await panel(page).getByRole('button', { name: 'Try again' }).click();
  await panel(page).getByText('You have no prompts yet.').waitFor();
});

for (const scheme of ['light', 'dark'] as const) {
  test(`axe-core finds nothing serious in any panel, ${scheme}`, async () => {
    const page = await open(await Server.start(), await visitor({ scheme, reducedMotion: 'reduce' }));
    await opened(page, '/identity');
    await panel(page).getByLabel('12 to 24 words').fill('one two');
    await panel(page).getByRole('button', { name: 'Import an identity' }).click();
    await panel(page).getByRole('alert').getByText('There are 2 words.').waitFor();
    expect(await serious(page, 'dialog')).toEqual([]);
    await page.keyboard.press('Escape');
    await create(page);
    await panel(page).getByRole('button', { name: 'Show the secret' }).click();
    await panel(page).getByRole('button', { name: 'Disconnect' }).click();
    await panel(page).getByRole('button', { name: 'Delete at the server' }).click();
    expect(await serious(page, 'dialog')).toEqual([]);
    await page.keyboard.press('Escape');
    await opened(page, '/config');
    await panel(page).getByLabel('Lines of history').fill('-1');
    await panel(page).getByRole('button', { name: 'Save' }).click();
    await panel(page).getByText('must be a whole number').waitFor();
    expect(await serious(page, 'dialog')).toEqual([]);
    await page.keyboard.press('Escape');
    await opened(page, '/prompt');
    await panel(page).getByRole('button', { name: 'New prompt' }).click();
    expect(await serious(page, 'dialog')).toEqual([]);
    await panel(page).getByLabel('Name').fill('tone');
    await panel(page).getByLabel('Text').fill('Be brief.');
    await panel(page).getByRole('button', { name: 'Save' }).click();
    await panel(page).getByRole('button', { name: 'Delete tone' }).click();
    expect(await serious(page, 'dialog')).toEqual([]);
  });
}

test('a panel that cannot be loaded is told, and the page goes on', async () => {
  const page = await open(await Server.start());
  await page.route('**/assets/panel-*.js', (route) => route.abort());
  await type(page, '/identity');
  await page.getByText('This part of the page could not be loaded.').waitFor();
  await type(page, '/ping');
  await messages(page).getByText('pong').waitFor();

  await page.unroute('**/assets/panel-*.js');
  await page.route('**/assets/identity-*.js', (route) => route.abort());
  await page.reload();
  await opened(page, '/identity');
  await panel(page).getByRole('alert').getByText('This part of the page could not be loaded.').waitFor();
});

test('what is typed before the list of commands has come opens its panel when that comes', async () => {
  const context = await visitor();
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await context.route('**/api/v1/commands', async (route) => {
    await held;
    await route.continue();
  });
  const page = await open(await Server.start(), context);
  await type(page, '/identity');
  answer();
  await panel(page).getByRole('button', { name: 'Create an identity' }).waitFor();
  expect(await messages(page).count()).toBe(0);
});

test('every panel fits a screen of 320 pixels', async () => {
  const { context } = await owner({ viewport: { width: 320, height: 640 } });
  const page = await open(await Server.start(), context);
  for (const [line, button] of [
    ['/identity', 'Show the secret'],
    ['/prompt', 'New prompt'],
    ['/config', 'Save'],
  ] as const) {
    await opened(page, line);
    await panel(page).getByRole('button', { name: button }).click();
    expect(
      await panel(page)
        .locator('> div')
        .evaluate((frame) => frame.scrollWidth <= frame.clientWidth),
    ).toBe(true);
    await page.keyboard.press('Escape');
    await gone(page);
  }
});
