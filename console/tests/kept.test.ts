/** What a browser keeps of a key: for the next visit, for its other tabs, and where it can keep nothing. */

import { expect, test } from 'vitest';
import { Server, messages, open, type, visitor } from './common.ts';
import { address, create, kept, opened, panel } from './panel.ts';

test('at the next visit the key and its session are there again, and one that has expired is renewed', async () => {
  const page = await open(await Server.start());
  const made = await create(page);
  await panel(page).getByText('until').waitFor();
  const opens: string[] = [];
  page.on('request', (request) => request.url().endsWith('/auth/siwe') && opens.push(request.url()));
  await page.reload();
  await opened(page, '/identity');
  expect(await address(page)).toBe(made);
  await panel(page).getByText('member since').waitFor();
  await panel(page).getByText('until').waitFor();
  expect(opens).toEqual([]);

  await page.evaluate((name) => {
    const session = JSON.parse(localStorage.getItem(name) ?? '');
    localStorage.setItem(name, JSON.stringify({ ...session, expiresAt: '2020-01-01T00:00:00Z' }));
  }, `nexus.session.${made}`);
  const renewed = page.waitForResponse('**/auth/siwe');
  await page.reload();
  expect((await renewed).status()).toBe(200);
  await opened(page, '/identity');
  await panel(page).getByText('until').waitFor();
  await panel(page).getByRole('button', { name: 'Show the secret' }).click();
  await expect.poll(() => panel(page).getByRole('listitem').count()).toBe(12);
});

test('other tabs follow: who comes in one is there in all, with one session, and who goes is gone', async () => {
  const context = await visitor();
  const page = await open(await Server.start(), context);
  const other = await context.newPage();
  await other.goto(page.url());
  await opened(other, '/identity');
  const made = await create(page);
  await panel(other).getByText(made).first().waitFor();
  await panel(other).getByText('until').waitFor();
  expect(await kept(page)).toContain(`nexus.session.${made}`);
  await panel(page).getByRole('button', { name: 'Disconnect' }).click();
  await panel(page).getByRole('button', { name: 'Remove the key' }).click();
  await panel(other).getByRole('button', { name: 'Create an identity' }).waitFor();
  expect(await kept(other)).toEqual([]);
});

for (const [what, name, told] of [
  ['forbidden', 'SecurityError', 'This browser keeps nothing for this page, so the key is in this tab only.'],
  ['full', 'QuotaExceededError', 'The storage of this browser is full, so the key is in this tab only.'],
] as const) {
  test(`where storage is ${what}, the key is in this tab only, which is told, and works`, async () => {
    const context = await visitor();
    await context.addInitScript((name) => {
      const refuse = () => {
        throw new DOMException('no', name);
      };
      Storage.prototype.setItem = refuse;
      if (name === 'SecurityError') Storage.prototype.getItem = Storage.prototype.removeItem = refuse;
    }, name);
    const page = await open(await Server.start(), context);
    const made = await create(page);
    await panel(page).getByRole('alert').getByText(told).waitFor();
    await panel(page).getByRole('button', { name: 'Show the secret' }).click();
    expect(await panel(page).getByRole('listitem').count()).toBe(12);
    await page.keyboard.press('Escape');
    await type(page, '/whoami');
    await messages(page).getByText(`You are ${made}, a member.`).waitFor();
    await opened(page, '/identity');
    await panel(page).getByRole('button', { name: 'Disconnect' }).click();
    await panel(page).getByRole('button', { name: 'Remove the key' }).click();
    await panel(page).getByRole('button', { name: 'Create an identity' }).waitFor();
  });
}
