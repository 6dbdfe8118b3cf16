/** The main states as they look: pictures for people, and what keeps people from using them, in both themes. */

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { serious } from './axe.ts';
import { input, messages, open, Server, type, type Visit } from './common.ts';
import { owner } from './key.ts';

const PICTURES = fileURLToPath(new URL('../../target/console-pictures', import.meta.url));

/** Takes a picture, and expects that nothing keeps anybody from using what is there. */
async function look(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}/${name}.png`, animations: 'disabled' });
  expect(await serious(page)).toEqual([]);
}

/** Nothing is wider than the page. */
async function fits(page: Page): Promise<void> {
  const { wide, there } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    there: document.documentElement.clientWidth,
  }));
  expect(wide).toBeLessThanOrEqual(there);
}

/** Goes through the main states of somebody who has a key. */
async function walk(visit: Visit, name: string): Promise<void> {
  const server = await Server.start();
  const { context } = await owner(visit);
  const page = await open(server, context);
  await look(page, `${name}-empty`);
  await input(page).fill('/e');
  await page.getByRole('listbox').getByRole('option').first().waitFor();
  await look(page, `${name}-palette`);
  await input(page).fill('');
  for (const line of ['/help', '/ping', '/echo hello --times 3', '/echo --times 30', '/history --limit 3']) {
    await type(page, line);
  }
  await messages(page).filter({ hasText: '/history' }).getByRole('table').waitFor();
  await fits(page);
  await look(page, `${name}-log`);
  for (const panel of ['/identity', '/config', '/prompt']) {
    await type(page, panel);
    await page.getByRole('dialog').waitFor();
    await fits(page);
    await look(page, `${name}-panel${panel.replace('/', '-')}`);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  await server.stop();
  await page.getByRole('alert').first().waitFor();
  await look(page, `${name}-server-down`);
}

test('in the light', () => walk({ scheme: 'light' }, 'light'));
test('in the dark', () => walk({ scheme: 'dark' }, 'dark'));
test('on a phone, in Chinese', () => walk({ viewport: { width: 320, height: 640 }, language: 'zh-CN' }, 'phone'));
test('on a screen of 4K', () => walk({ viewport: { width: 3840, height: 2160 } }, 'wide'));
