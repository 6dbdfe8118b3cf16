/** The real server, one for each test that asks for it, and what ends with a test. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';

export const PROGRAM = process.env.NEXUS_PROGRAM ?? fileURLToPath(new URL('../../target/release/nexus', import.meta.url));

const ending: (() => unknown)[] = [];

/** Does something when the test is over, the last first. */
export function atEnd(end: () => unknown): void {
  ending.push(end);
}

afterEach(async () => {
  const failures: unknown[] = [];
  for (const end of ending.splice(0).reverse()) {
    try {
      await end();
    } catch (failure) {
      failures.push(failure);
    }
  }
  if (failures.length > 0) throw failures[0];
});

/** A server with a database of its own, which ends with the test that has started it. */
export class Server {
  private process: ChildProcess | undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), 'nexus-console-'));
  private port = 0;
  private readonly settings: Record<string, string>;
  /** What it has said until it was ready, line by line. */
  readonly log: string[] = [];

  private constructor(settings: Record<string, string>) {
    this.settings = settings;
  }

  static async start(settings: Record<string, string> = {}): Promise<Server> {
    const server = new Server(settings);
    atEnd(() => server.end());
    await server.go();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it, at the same address as before; with other settings, if there are any. */
  async go(changed: Record<string, string> = {}): Promise<void> {
    const { PATH = '' } = process.env;
    const own = { PATH, NEXUS_DATA: join(this.folder, 'data'), PORT: `${this.port}` };
    const environment = { ...own, ...this.settings, ...changed };
    const child = spawn(PROGRAM, ['serve'], {
      cwd: this.folder,
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
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
