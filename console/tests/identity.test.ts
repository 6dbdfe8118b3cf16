/** The panel of /identity, for a key of this browser. */

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { Server, messages, open, visitor } from './common.ts';
import { address, create, kept, opened, panel } from './panel.ts';

const WORDS = 'test test test test test test test test test test test junk';
const ADDRESS = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

async function importing(page: Page, text: string) {
  const field = panel(page).getByLabel('12 to 24 words, or a private key');
  await field.fill(text);
  await panel(page).getByRole('button', { name: 'Import an identity' }).click();
  return field;
}

test('an identity is created with one message, which says what the server says', async () => {
  const page = await open(await Server.start());
  const made = await create(page);
  await messages(page).getByText(`Identity created: ${made}`).waitFor();
  expect(await messages(page).count()).toBe(1);
  expect(await messages(page).textContent()).toContain('/identity');
  await panel(page).getByText('member since').waitFor();
});

test('on a phone the way out of the panel stays in sight', async () => {
  const page = await open(await Server.start(), await visitor({ viewport: { width: 320, height: 568 } }));
  await create(page);
  const out = await panel(page).getByRole('button', { name: 'Close' }).boundingBox();
  expect(out?.y).toBeGreaterThanOrEqual(0);
  await panel(page).getByRole('button', { name: 'Close' }).click();
  await panel(page).waitFor({ state: 'detached' });
});

test('the message waits in the log before the request is answered, and outlives the panel', async () => {
  const page = await open(await Server.start());
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/commands/execute', async (route) => {
    await held;
    await route.continue();
  });
  await opened(page, '/identity');
  await panel(page).getByRole('button', { name: 'Create an identity' }).click();
  await messages(page).getByText('Creating your identity…').waitFor();
  await panel(page).getByRole('status').getByText('Creating your identity…').waitFor();
  await page.keyboard.press('Escape');
  answer();
  await messages(page).getByText('Identity created').waitFor();
  expect(await messages(page).count()).toBe(1);
});

test('a key that was made while the server is down is kept, and made known when the server is back', async () => {
  const server = await Server.start();
  const page = await open(server);
  await opened(page, '/identity');
  await server.stop();
  await panel(page).getByRole('button', { name: 'Create an identity' }).click();
  await panel(page).getByText('in this browser', { exact: true }).waitFor();
  const made = await address(page);
  expect(await kept(page)).toContain('nexus.identity');
  await server.go();
  await panel(page).getByText('Your identity is created').waitFor();
  await messages(page).getByText(`Identity created: ${made}`).waitFor();
  expect(await messages(page).count()).toBe(1);
});

test('what the server refuses is told with its hint, in panel and log, and can be tried again', async () => {
  const page = await open(await Server.start());
  const refusal = {
    status: 'error',
    code: 'overloaded',
    message: 'There is too much to do.',
    hint: 'Come back later.',
  };
  await page.route('**/commands/execute', (route) => route.fulfill({ status: 503, json: refusal }), { times: 1 });
  await opened(page, '/identity');
  await panel(page).getByRole('button', { name: 'Create an identity' }).click();
  await panel(page).getByRole('alert').getByText(refusal.message).waitFor();
  await panel(page).getByRole('alert').getByText(refusal.hint).waitFor();
  await messages(page).getByText(refusal.message).waitFor();
  await panel(page).getByText('not asked yet').waitFor();
  await panel(page).getByRole('button', { name: 'Verify' }).click();
  await panel(page).getByText('Identity created: 0x').waitFor();
});

test('a private key and words are imported, whatever their case, blanks and lines', async () => {
  const page = await open(await Server.start());
  await opened(page, '/identity');
  await importing(page, `  ${WORDS.toUpperCase().replace('TEST TEST', 'Test\n\n  tesT')}\t`);
  await panel(page).getByText('The identity is imported').waitFor();
  expect(await address(page)).toBe(ADDRESS);
  expect(await messages(page).count()).toBe(1);
  expect(await page.content()).not.toContain('junk');

  await panel(page).getByRole('button', { name: 'Disconnect' }).click();
  await panel(page).getByRole('button', { name: 'Remove the key' }).click();
  await importing(page, `${'1'.padStart(64, '0')}`);
  await panel(page).getByText('The identity is imported').waitFor();
  expect(await address(page)).toBe('0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf');
});

test('it is told what is wrong with words or a key, and nothing is sent or logged', async () => {
  const page = await open(await Server.start());
  await opened(page, '/identity');
  const sent: string[] = [];
  page.on('request', (request) => sent.push(request.method()));
  const faults = [
    [WORDS.replace('junk', 'jvnk'), 'Word 12, “jvnk”, is none of the 2,048 words. Did you mean “junk”?'],
    [WORDS.replace('junk', 'test'), 'most likely one is another word of the list, or two are swapped'],
    ['test test junk', 'There are 3 words. There must be 12, 15, 18, 21 or 24.'],
    ['0x1234', 'A private key has 64 hexadecimal digits'],
    ['0'.repeat(64), 'A private key has 64 hexadecimal digits'],
    ['   ', 'Enter the words, or the key.'],
  ] as const;
  for (const [text, told] of faults) {
    const field = await importing(page, text);
    await panel(page).getByRole('alert').getByText(told).waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
  }
  expect(await messages(page).count()).toBe(0);
  expect(sent.filter((method) => method === 'POST')).toEqual([]);
  const field = panel(page).getByLabel('12 to 24 words, or a private key');
  expect(await field.getAttribute('autocomplete')).toBe('off');
  expect(await field.getAttribute('spellcheck')).toBe('false');
});

test('the secret is in the page only while it is shown: on demand, for a minute, until the panel closes', async () => {
  const context = await visitor();
  await context.clock.install();
  const page = await open(await Server.start(), context);
  await opened(page, '/identity');
  await importing(page, WORDS);
  await panel(page).getByText('The identity is imported').waitFor();
  const secret = panel(page).getByText('junk');
  const show = panel(page).getByRole('button', { name: 'Show the secret' });
  expect(await secret.count()).toBe(0);

  await show.click();
  await secret.waitFor();
  await page.getByText('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80').waitFor();
  await panel(page).getByRole('button', { name: 'Hide it' }).click();
  expect(await secret.count()).toBe(0);

  await show.click();
  await secret.waitFor();
  await page.clock.fastForward(61_000);
  await show.waitFor();
  expect(await secret.count()).toBe(0);

  await show.click();
  await secret.waitFor();
  await page.keyboard.press('Escape');
  expect(await page.content()).not.toContain('junk');
  await opened(page, '/identity');
  expect(await secret.count()).toBe(0);
});

test('address and words are copied, and it is told where the browser forbids that', async () => {
  const context = await visitor();
  const page = await open(await Server.start(), context);
  const made = await create(page);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await panel(page).getByRole('button', { name: 'Copy the address' }).click();
  await panel(page).getByText('Copied.', { exact: true }).waitFor();
  expect(await clipboard()).toBe(made);
  await panel(page).getByRole('button', { name: 'Show the secret' }).click();
  await panel(page).getByRole('button', { name: 'Copy the words' }).click();
  await panel(page).getByText('Other programs can read the clipboard').waitFor();
  expect((await clipboard()).split(' ')).toHaveLength(12);

  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException('forbidden', 'NotAllowedError'));
  });
  await panel(page).getByRole('button', { name: 'Copy the address' }).click();
  await panel(page).getByText('The browser does not allow copying').waitFor();
});

test('disconnecting says what it means, ends the session and leaves nothing behind', async () => {
  const server = await Server.start();
  const page = await open(server);
  const made = await create(page);
  await panel(page).getByText('until').waitFor();
  const token: string = await page.evaluate(
    (name) => JSON.parse(localStorage.getItem(name) ?? '').token,
    `nexus.session.${made}`,
  );
  const asWhom = () => fetch(`${server.url}/api/v1/runs`, { headers: { authorization: `Bearer ${token}` } });
  expect((await asWhom()).status).toBe(200);

  await panel(page).getByRole('button', { name: 'Disconnect' }).click();
  await panel(page).getByText(`Remove the key of ${made} from this browser?`).waitFor();
  await panel(page).getByRole('button', { name: 'Cancel' }).click();
  expect(await address(page)).toBe(made);

  await panel(page).getByRole('button', { name: 'Disconnect' }).click();
  const ended = page.waitForResponse('**/auth/logout');
  await panel(page).getByRole('button', { name: 'Remove the key' }).click();
  await panel(page).getByText('is forgotten in this browser').waitFor();
  await panel(page).getByRole('button', { name: 'Create an identity' }).waitFor();
  expect(await kept(page)).toEqual([]);
  expect((await ended).status()).toBe(204);
  expect((await asWhom()).status).toBe(401);
  await messages(page).getByText(`${made} is forgotten in this browser.`).waitFor();
  expect(await messages(page).count()).toBe(2);
});

test('deleting at the server needs the beginning of the address to be typed, and keeps the key', async () => {
  const page = await open(await Server.start());
  const made = await create(page);
  await page.keyboard.press('Escape');
  await opened(page, '/identity/delete');
  const sure = panel(page).getByRole('button', { name: 'Delete for ever' });
  expect(await sure.isDisabled()).toBe(true);
  await panel(page).getByLabel('To go on, type').fill('0x0000');
  expect(await sure.isDisabled()).toBe(true);
  await panel(page).getByLabel('To go on, type').fill(made.slice(0, 6).toLowerCase());
  await sure.click();
  await panel(page).getByText('Deleted at the server.').waitFor();
  await panel(page).getByText('visitor: it has no identity of this address').waitFor();
  await messages(page).getByText(`Identity deleted: ${made}`).waitFor();
  expect(await messages(page).count()).toBe(2);
  expect(await address(page)).toBe(made);
  // The session has ended with the identity, and there is another.
  await panel(page).getByText('until').waitFor();

  await panel(page).getByRole('button', { name: 'Create it at the server' }).click();
  await panel(page).getByText(`Identity created: ${made}`).waitFor();
});

test('secrets get neither into the log, nor into addresses, nor onto the wire', async () => {
  const page = await open(await Server.start());
  const seen: string[] = [];
  page.on('request', (request) => seen.push(request.url(), request.postData() ?? ''));
  page.on('console', (message) => seen.push(message.text()));
  await opened(page, '/identity');
  await importing(page, WORDS);
  await panel(page).getByText('The identity is imported').waitFor();
  await panel(page).getByText('until').waitFor();
  const token: string = await page.evaluate(
    (name) => JSON.parse(localStorage.getItem(name) ?? '').token,
    `nexus.session.${ADDRESS}`,
  );
  seen.push((await page.getByRole('log').textContent()) ?? '', page.url());
  for (const secret of ['junk', 'ac0974bec39a17e36ba4a6b4d238ff94', token]) {
    expect(seen.filter((text) => text.includes(secret))).toEqual([]);
  }
});

test('all of it is done with the keyboard alone', async () => {
  const page = await open(await Server.start());
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
  const reach = async (name: string) => {
    for (let step = 0; step < 30 && (await focused()) !== name; step += 1) await page.keyboard.press('Tab');
    expect(await focused()).toBe(name);
    await page.keyboard.press('Enter');
  };
  await opened(page, '/identity');
  expect(await focused()).toBe('Identity');
  await reach('Create an identity');
  await panel(page).getByText('Your identity is created').waitFor();
  const made = await address(page);
  await reach('Show the secret');
  await panel(page).getByRole('listitem').first().waitFor();
  expect(await focused()).toBe('Hide it');
  await reach('Delete at the server');
  await page.keyboard.type(made.slice(0, 6));
  await reach('Delete for ever');
  await panel(page).getByText('Deleted at the server.').waitFor();
  expect(await focused()).toBe('Delete at the server');
  await page.keyboard.press('Escape');
  await panel(page).waitFor({ state: 'detached' });
  expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('combobox');
});

test('it speaks Chinese', async () => {
  const page = await open(await Server.start(), await visitor({ language: 'zh-CN' }));
  await opened(page, '/identity');
  await panel(page).getByRole('heading', { name: '身份', exact: true }).waitFor();
  await panel(page).getByLabel('12 到 24 个单词，或一个私钥').fill(WORDS.replace('junk', 'jvnk'));
  await panel(page).getByRole('button', { name: '导入身份' }).click();
  await panel(page).getByText('第 12 个单词“jvnk”不在 2048 个单词之中。是否应为“junk”？').waitFor();
  await panel(page).getByRole('button', { name: '创建身份' }).click();
  await panel(page).getByText('身份已创建').waitFor();
});
