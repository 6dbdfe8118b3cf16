/** The console as somebody else serves it: built for a server at another address, from an origin of its own. */

import { readFile } from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { atEnd } from './server.ts';

const KINDS: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

/** Serves a folder; what is not in it is its page, whatever is asked for. Gives back its origin. */
async function serve(folder: string): Promise<string> {
  const site = createServer(async ({ url = '/' }, response) => {
    const path = new URL(url, 'http://site').pathname;
    const found = await readFile(join(folder, path)).catch(() => undefined);
    response.setHeader('content-type', found ? (KINDS[extname(path)] ?? 'application/octet-stream') : 'text/html');
    response.end(found ?? (await readFile(join(folder, 'index.html'))));
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  atEnd(() => site.close());
  const { port } = site.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** The origin of a console that calls the server at `url`. */
export async function siteFor(url: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-site-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  await build({
    root: fileURLToPath(new URL('..', import.meta.url)),
    define: { 'import.meta.env.VITE_NEXUS_URL': JSON.stringify(url) },
    build: { outDir: folder, emptyOutDir: true },
    logLevel: 'error',
  });
  return serve(folder);
}
