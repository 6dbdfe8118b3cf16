/** A page with the client in a real browser, of an origin of its own or of the server's. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { build, preview } from 'vite';
import { afterAll, beforeAll } from 'vitest';
import { atEnd, ONE } from './common.ts';

const folder = mkdtempSync(join(tmpdir(), 'nexus-client-'));
const root = fileURLToPath(new URL('page', import.meta.url));

beforeAll(async () => {
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    build: { outDir: folder, emptyOutDir: true, target: 'es2023', modulePreload: { polyfill: false } },
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Where the page is; with a server behind it, the page's origin is also that server's. */
export async function site(server?: string): Promise<string> {
  const proxy = server && { '/api': { target: server, changeOrigin: true, headers: { origin: server } } };
  const shown = await preview({
    configFile: false,
    logLevel: 'error',
    root,
    build: { outDir: folder },
    preview: {
      port: 0,
      host: '127.0.0.1',
      headers: { 'content-security-policy': "default-src 'none'; script-src 'self'; connect-src http://127.0.0.1:*" },
      ...(proxy && { proxy }),
    },
  });
  atEnd(() => shown.close());
  const address = shown.httpServer.address();
  if (address === null || typeof address === 'string') throw new Error('A page has an address.');
  return `http://127.0.0.1:${address.port}`;
}

/** A tab with a client of a server, by the key 1 where nothing else is said. */
export async function tab(
  context: BrowserContext,
  origin: string,
  url: string,
  key: string | null = ONE,
): Promise<Page> {
  const page = await context.newPage();
  await page.goto(origin);
  await page.waitForFunction(() => 'listen' in window);
  await page.evaluate(
    async ([url, key]) => {
      window.nexus = new window.client.Nexus(url ?? '');
      if (key) window.nexus.signer = await window.client.importPrivateKey(key);
    },
    [url, key] as const,
  );
  return page;
}
