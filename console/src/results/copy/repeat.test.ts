/** The lines that are copied, run by a shell against a server. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PROGRAM, Server } from '../../../tests/server.ts';
import { curl } from './curl.ts';
import { line } from './line.ts';

const ECHO = { properties: { text: { type: 'string' }, times: { type: 'integer' } }, required: ['text'] };
const EXECUTE = { method: 'POST', path: '/api/v1/commands/execute' };
const folder = mkdtempSync(join(tmpdir(), 'nexus-repeat-'));
let server: Server;

function shell(script: string): string {
  const PATH = `${folder}:${process.env.PATH ?? ''}`;
  const env = { PATH, NEXUS_KEYS: join(folder, 'keys'), NEXUS_PASSPHRASE_FILE: join(folder, 'passphrase') };
  return execFileSync('sh', ['-c', script], { encoding: 'utf8', env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
}

beforeAll(() => {
  symlinkSync(PROGRAM, join(folder, 'nexus'));
  writeFileSync(join(folder, 'passphrase'), 'correct horse battery staple\n');
  shell('nexus keys new NAME');
});
beforeEach(async () => {
  server = await Server.start();
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('what is copied runs', () => {
  test('as curl, with all that was in it', () => {
    const args = { text: `it's "$HOME" \`id\` \u202e\n`, times: 2 };
    const sent = { ...EXECUTE, body: { command: '/echo', args } };
    expect(JSON.parse(shell(curl(sent, server.url, false))).data.lines).toEqual([args.text, args.text]);
  });

  test('as curl, signed anew', () => {
    const sent = { ...EXECUTE, body: { command: '/whoami', auth: { signature: '0x00' } } };
    expect(JSON.parse(shell(curl(sent, server.url, true)))).toMatchObject({ status: 'success' });
    const more = { ...EXECUTE, body: { command: '/echo', args: { text: "it's" } } };
    expect(JSON.parse(shell(curl(more, server.url, true)))).toMatchObject({ message: "it's" });
  });

  test('as a line of the terminal, whatever the text', () => {
    for (const text of ["it's", '$(id)', '-x', '--', 'a  b', '漢字', '"', '\\']) {
      const asked = { path: '/echo', rest: '', args: { text, times: 2 }, parameters: ECHO };
      expect(shell(line({ ...asked, isProven: false, url: server.url })).trimEnd()).toBe(`${text} ${text}`);
    }
  });

  test('as a line of the terminal, signed', () => {
    const asked = { path: '/identity', rest: '', parameters: {}, isProven: true, url: server.url };
    expect(shell(line(asked))).toMatch(/0x[0-9a-fA-F]{40}/);
    expect(shell(line({ ...asked, path: '/identity/delete' }))).not.toBe('');
  });
});
