/** The parts of every test in a browser: a server of its own, a page of it, and what the page must never do. */

import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { atEnd, type Server } from './server.ts';

export { Server } from './server.ts';

let browser: Browser | undefined;

/** What a page has done that none may: errors that nobody caught, and what its policy has refused. */
const faults: string[] = [];

afterAll(async () => {
  await browser?.close();
  browser = undefined;
});

export interface Visit {
  language?: string;
  scheme?: 'light' | 'dark';
  viewport?: { width: number; height: number };
  reducedMotion?: 'reduce' | 'no-preference';
}

/** A browser that has never been here. Two pages of one context are two tabs. */
export async function visitor(visit: Visit = {}): Promise<BrowserContext> {
  browser ??= await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
  const context = await browser.newContext({
    locale: visit.language ?? 'en-GB',
    colorScheme: visit.scheme ?? 'light',
    viewport: visit.viewport ?? { width: 1280, height: 800 },
    reducedMotion: visit.reducedMotion ?? 'no-preference',
  });
  context.setDefaultTimeout(20_000);
  atEnd(() => expect(faults.splice(0)).toEqual([]));
  atEnd(() => context.close());
  return context;
}

/** The console of a server, open and ready for what is typed. */
export async function open(server: Server, context?: BrowserContext): Promise<Page> {
  const page = await (context ?? (await visitor())).newPage();
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|Minified React error|Warning:/.test(message.text())) faults.push(message.text());
  });
  await page.goto(server.url);
  await input(page).waitFor();
  return page;
}

/** Where commands are typed. */
export const input = (page: Page) => page.getByRole('combobox', { name: /command|命令/i });

/** The messages of the log, the oldest first. */
export const messages = (page: Page) => page.getByRole('log').getByRole('article');

/** Types a line and sends it. */
export async function type(page: Page, line: string): Promise<void> {
  await input(page).fill(line);
  await input(page).press('Enter');
}
