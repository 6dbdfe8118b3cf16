import { expect, test } from 'vitest';
import { Nexus, signInMessage } from '../src/index.ts';
import { client, PRODUCTION, Server } from './common.ts';

test('who has signed in reads without signing', async () => {
  const nexus = await client((await Server.start(PRODUCTION)).url);
  const session = await nexus.signIn();
  expect(session).toMatchObject({ address: nexus.signer?.address, token: expect.stringMatching(/^ns_/) });
  expect(nexus.session).toBe(session);
  nexus.signer = undefined;
  expect(await nexus.runs.list()).toEqual({ runs: [] });
  expect(await nexus.execute('/history')).toMatchObject({ http: 200 });
});

test('a sign-in goes by the server’s clock', async () => {
  const nexus = await client((await Server.start(PRODUCTION)).url, { now: () => Date.now() + 600_000 });
  expect(await nexus.signIn()).toHaveProperty('token');
});

test('who has signed out reads no longer', async () => {
  const { url } = await Server.start();
  const nexus = await client(url);
  const session = await nexus.signIn();
  await nexus.signOut();
  expect(nexus.session).toBeUndefined();
  await expect(new Nexus(url, { session }).runs.list()).rejects.toMatchObject({ http: 401, code: 'session_invalid' });
});

test('all sessions end at once, by one of them or by a signature', async () => {
  const { url } = await Server.start();
  const nexus = await client(url);
  for (const by of ['session', 'signature']) {
    const lost = await nexus.signIn();
    await nexus.signIn();
    if (by === 'signature') nexus.session = undefined;
    await nexus.signOut({ all: true });
    await expect(new Nexus(url, { session: lost }).runs.list()).rejects.toMatchObject({ code: 'session_invalid' });
  }
});

test('a session that has ended can be signed out of', async () => {
  const { url } = await Server.start();
  const nexus = await client(url);
  const session = await nexus.signIn();
  await nexus.signOut();
  nexus.session = session;
  await nexus.signOut();
  expect(nexus.session).toBeUndefined();
});

test('the text of a sign-in is that of ERC-4361', () => {
  const text = signInMessage({
    domain: 'cmd.example.com',
    address: '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf',
    uri: 'https://cmd.example.com',
    nonce: '0123456789abcdef',
    issuedAt: '2026-01-31T12:00:00.000Z',
  });
  expect(text.split('\n')).toEqual([
    'cmd.example.com wants you to sign in with your Ethereum account:',
    '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf',
    '',
    'Read the runs and the stream of this key.',
    '',
    'URI: https://cmd.example.com',
    'Version: 1',
    'Chain ID: 1',
    'Nonce: 0123456789abcdef',
    'Issued At: 2026-01-31T12:00:00.000Z',
  ]);
});
