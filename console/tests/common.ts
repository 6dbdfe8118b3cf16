/** The parts of every test in a browser: a server of its own, a page of it, and what the page must never do. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import { preview } from 'vite';
import { afterAll, afterEach, expect } from 'vitest';

const PROGRAM = process.env.NEXUS_PROGRAM ?? fileURLToPath(new URL('../../target/release/nexus', import.meta.url));

/** A server with a database of its own, which ends with the test that has started it. */
export class Server {
  private process: ChildProcess | undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), 'nexus-console-'));
  private port = 0;
  /** What it has said, line by line. */
  readonly log: string[] = [];

  private constructor(private readonly settings: Record<string, string>) {}

  static async start(settings: Record<string, string> = {}): Promise<Server> {
    const server = new Server(settings);
    ending.push(() => server.end());
    await server.go();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it, at the same address as before. */
  async go(): Promise<void> {
    const { PATH = '' } = process.env;
    const environment = { PATH, NEXUS_DATA: join(this.folder, 'data'), PORT: `${this.port}`, ...this.settings };
    const child = spawn(PROGRAM, ['serve'], { cwd: this.folder, env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
    this.process = child;
    for await (const line of createInterface(child.stderr)) {
      this.log.push(line);
      const [, port] = /serves on http:\/\/127\.0\.0\.1:(\d+)/.exec(line) ?? [];
      if (port) {
        this.port = Number(port);
        // Nobody reads on, and a full pipe would hold it up.
        child.stderr.resume();
        return;
      }
    }
    throw new Error(`the server has ended:\n${this.log.join('\n')}`);
  }

  /** Ends it; its data stays. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  private async end(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const ending: (() => Promise<void>)[] = [];
let browser: Browser | undefined;

/** What a page has done that none may: errors that nobody caught, and what its policy has refused. */
const faults: string[] = [];

afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
  expect(faults.splice(0)).toEqual([]);
});

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
  ending.push(() => context.close());
  return context;
}

/** The console of a server, open and ready for what is typed. */
export async function open(server: Server, context?: BrowserContext): Promise<Page> {
  const page = await (context ?? (await visitor())).newPage();
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|Minified React error|Warning:/.test(message.text())) faults.push(message.text());
  });
  await page.goto(await address(server));
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

/** The page stands before the server, so that both are of one origin. */
async function address(server: Server): Promise<string> {
  const target = server.url;
  const pass = {
    target,
    changeOrigin: true,
    headers: { origin: target },
    bypass: (request: { headers: { accept?: string | undefined }; url?: string | undefined }) =>
      request.headers.accept?.includes('text/html') ? request.url : undefined,
  };
  const site = await preview({
    root: fileURLToPath(new URL('..', import.meta.url)),
    preview: { port: 0, host: '127.0.0.1', proxy: { '^/$': pass, '^/(api|docs|health|livez|readyz)': pass } },
    logLevel: 'error',
  });
  ending.push(() => site.close());
  const [url] = site.resolvedUrls?.local ?? [];
  if (!url) throw new Error('the page has no address');
  return url;
}
