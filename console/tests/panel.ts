/** What the tests of panels have in common: the one that is open, and a browser that has made a key in it. */

import type { Page } from 'playwright-core';
import { type } from './common.ts';

/** The panel that is open. */
export const panel = (page: Page) => page.getByRole('dialog');

/** Opens the panel of a command. */
export async function opened(page: Page, line: string) {
  await type(page, line);
  await panel(page).waitFor();
  return panel(page);
}

/** Makes a key in the panel, which stays open; gives back its address. */
export async function create(page: Page): Promise<string> {
  const identity = await opened(page, '/identity');
  await identity.getByRole('button', { name: 'Create an identity' }).click();
  await identity.getByText('Your identity is created').waitFor();
  return address(page);
}

/** The address that the panel shows. */
export async function address(page: Page): Promise<string> {
  return panel(page)
    .locator('dd')
    .getByText(/^0x[0-9a-fA-F]{40}$/)
    .innerText();
}

/** What of this browser's storage says something of an identity. */
export const kept = (page: Page) =>
  page.evaluate(() => Object.keys(localStorage).filter((name) => /identity|wallet|session|since|0x/.test(name)));
