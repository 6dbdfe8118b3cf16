import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { importPrivateKey, isRunOf, markOf, Nexus, Unreachable } from '../src/index.ts';
import { atEnd, client, listen, ONE, PRODUCTION, Server, watched } from './common.ts';
import { listening, relay } from './relay.ts';

describe('an execution', () => {
  test('gives what the command answers', async () => {
    const nexus = new Nexus((await Server.start()).url);
    const reply = await nexus.execute('/echo', { args: { text: 'good morning', times: 2 } });
    expect(reply).toMatchObject({ http: 200, status: 'success', message: 'good morning good morning' });
    expect(reply).not.toHaveProperty('replayed');
  });

  test('of a list of words continues the text', async () => {
    const nexus = new Nexus((await Server.start()).url);
    expect(await nexus.execute('/echo --times', { args: [2, '--', '--x'] })).toMatchObject({ message: '--x --x' });
  });

  test.each([
    ['/pnig', {}, { http: 404, code: 'unknown_command', hint: 'Did you mean /ping?' }],
    ['/echo', {}, { http: 422, code: 'invalid_arguments', data: { text: ['is missing'] } }],
    ['/clear', {}, { http: 400, code: 'client_command' }],
    ['/whoami', {}, { http: 401, code: 'signature_required' }],
    ['/history', {}, { http: 401, code: 'identity_required' }],
  ])('of %s that is refused gives the refusal', async (command, options, refusal) => {
    const nexus = new Nexus((await Server.start(PRODUCTION)).url);
    expect(await nexus.execute(command, options)).toMatchObject({ status: 'error', ...refusal });
  });

  test('with a signature proves who calls, in production too', async () => {
    const nexus = await client((await Server.start(PRODUCTION)).url);
    expect(await nexus.execute('/identity', { sign: true })).toMatchObject({ http: 200, data: { is_new: true } });
    expect(await nexus.execute('/whoami', { sign: true })).toMatchObject({
      data: { public_key: nexus.signer?.address },
    });
  });

  test('with a signature leaves a session of another address out', async () => {
    const { url } = await Server.start();
    const other = await client(url, {}, `0x${'2'.padStart(64, '0')}`);
    const nexus = await client(url, { session: await other.signIn() });
    expect(await nexus.execute('/whoami', { sign: true })).toMatchObject({ http: 200 });
  });

  test('claims an address where nothing proves one', async () => {
    const { url } = await Server.start();
    const { address } = await importPrivateKey(ONE);
    const nexus = new Nexus(url, { claim: address });
    const heard = listen(nexus, { by: 'anonymous' });
    await heard.until('open');
    await nexus.execute('/ping');
    expect(await heard.told(1)).toEqual(['/ping']);
  });

  test('that does not wait is pending', async () => {
    const nexus = await client((await Server.start()).url);
    const reply = await nexus.execute('/countdown 600', { sign: true, respondAsync: true });
    expect(reply).toMatchObject({ http: 202, status: 'pending' });
    expect(await nexus.runs.get(reply.run_id ?? '')).toMatchObject({ status: 'pending', command: '/countdown 600' });
  });

  test('that is too many says when to come again', async () => {
    const nexus = await client((await Server.start({ NEXUS_MAX_RUNS_PER_KEY: '1' })).url);
    await nexus.execute('/countdown 600', { sign: true, respondAsync: true });
    const reply = await nexus.execute('/ping', { sign: true });
    expect(reply).toMatchObject({ http: 429, code: 'rate_limited', retryAfter: expect.any(Number) });
  });

  test('can be given up', async () => {
    const nexus = new Nexus((await Server.start()).url);
    const enough = new AbortController();
    const waiting = nexus.execute('/countdown 600', { signal: enough.signal });
    enough.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('the mark of a run', () => {
  test.each([
    ['signed', { sign: true }],
    ['bare', { sign: 'bare' }],
    ['not signed', {}],
    ['with a key of the caller’s', { idempotencyKey: 'say "hello"' }],
    ['signed, with a key of the caller’s', { sign: true, idempotencyKey: 'hello' }],
  ] as const)('is known before it is sent: %s', async (_, options) => {
    const nexus = await client((await Server.start()).url);
    const prepared = await nexus.prepare('/ping', options);
    const { run_id: id = '' } = await prepared.send();
    expect(isRunOf(prepared.mark, id)).toBe(true);
    const another = await nexus.execute('/ping', { sign: true });
    expect(isRunOf(prepared.mark, another.run_id ?? '')).toBe(false);
  });

  test('is the beginning of SHA-256', async () => {
    // FIPS 180-4, "abc".
    expect(await markOf('abc')).toBe('ba7816bf');
  });
});

describe('a request without an answer', () => {
  test.each([
    ['signed', { sign: true }],
    ['in a session', {}],
  ])('is sent again and runs once: %s', async (_, options) => {
    const { url } = await Server.start();
    const wire = await relay(url);
    const nexus = await client(wire.url);
    await nexus.signIn();
    const prepared = await nexus.prepare('/echo once', options);
    wire.state = 'loses answers';
    const failure = await prepared.send().catch((reason: unknown) => reason);
    expect(failure).toBeInstanceOf(Unreachable);
    expect(failure).toMatchObject({ reason: 'down', url: wire.url });
    wire.state = 'whole';
    expect(await prepared.send()).toMatchObject({ http: 200, message: 'once', replayed: true });
    expect((await nexus.runs.list()).runs.map(({ command }) => command)).toEqual(['/echo once']);
  });

  test('that would have to be signed anew is not: it may have run', async () => {
    let ahead = 0;
    const { url } = await Server.start();
    const wire = await relay(url);
    const nexus = await client(wire.url, { now: () => Date.now() + ahead });
    const prepared = await nexus.prepare('/echo once', { sign: true });
    ahead = -600_000;
    const late = await nexus.prepare('/echo late', { sign: true });
    wire.state = 'loses answers';
    await prepared.send().catch(() => {});
    await late.send().catch(() => {});
    wire.state = 'whole';
    expect(await late.send()).toMatchObject({ http: 401, code: 'request_expired' });
    expect((await nexus.runs.list()).runs.map(({ command }) => command)).toEqual(['/echo once']);
  });

  test('that takes too long is told from one that nobody takes', async () => {
    const server = await Server.start();
    const wire = await relay(server.url);
    wire.state = 'dead';
    await expect(new Nexus(wire.url, { timeout: 200 }).execute('/ping')).rejects.toMatchObject({ reason: 'timeout' });
    await expect(new Nexus(wire.url).execute('/ping', { timeout: 200 })).rejects.toMatchObject({ reason: 'timeout' });
    await server.stop();
    await expect(new Nexus(server.url).execute('/ping')).rejects.toMatchObject({ reason: 'down' });
  });

  test.each([
    ['a page', 200, '<!doctype html>', 'not_nexus'],
    ['nothing', 200, '', 'not_nexus'],
    ['another service', 200, '{"status":"ok"}', 'not_nexus'],
    ['a proxy that finds nobody', 502, '<h1>Bad Gateway</h1>', 'down'],
  ])('that %s has answered is told', async (_, status, text, reason) => {
    const nexus = new Nexus(await stranger(status, text));
    await expect(nexus.server()).rejects.toMatchObject({ name: 'Unreachable', reason });
    expect(await nexus.commands()).toMatchObject({ source: 'fallback', failure: { reason } });
    await expect(nexus.execute('/ping')).rejects.toMatchObject({ reason });
  });
});

/** Somebody else at an address where a server is thought to be. */
async function stranger(status: number, text: string): Promise<string> {
  const { port, close } = await listening(createServer((_, response) => response.writeHead(status).end(text)));
  atEnd(close);
  return `http://127.0.0.1:${port}`;
}

describe('a clock that is off', () => {
  test.each([[600], [-600]])('by %i s is corrected, and the offset told', async (seconds) => {
    const { fetch, answers } = watched();
    const now = () => Date.now() + seconds * 1000;
    const nexus = await client((await Server.start(PRODUCTION)).url, { fetch, now });
    expect(await nexus.execute('/whoami', { sign: true })).toMatchObject({ http: 200 });
    expect(nexus.clock.offset).toBeCloseTo(-seconds, -1);
    // The first question is who the server is, and that is enough.
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  test('while a page is open is mended once by a key of one’s own', async () => {
    let ahead = 0;
    const { fetch, answers } = watched();
    const nexus = await client((await Server.start(PRODUCTION)).url, { fetch, now: () => Date.now() + ahead });
    await nexus.server();
    ahead = 600_000;
    const prepared = await nexus.prepare('/whoami', { sign: true });
    const reply = await prepared.send();
    expect(reply).toMatchObject({ http: 200 });
    expect(isRunOf(prepared.mark, reply.run_id ?? '')).toBe(true);
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 200]);
    expect(nexus.clock.offset).toBeCloseTo(-600, -1);
  });

  test.each([
    ['a wallet, which is asked once', (wallet: object) => wallet, 401, 1],
    ['whoever is said to', (wallet: object) => ({ ...wallet, resign: true }), 200, 2],
  ])('is mended by %s', async (_, more, http, times) => {
    let asked = 0;
    let ahead = 0;
    const { address, signMessage } = await importPrivateKey(ONE);
    const signer = { address, signMessage: (text: string) => (asked++, signMessage(text)) };
    const nexus = await client((await Server.start(PRODUCTION)).url, more({ signer, now: () => Date.now() + ahead }));
    await nexus.server();
    ahead = -600_000;
    expect(await nexus.execute('/whoami', { sign: true })).toMatchObject({ http });
    expect(asked).toBe(times);
    expect(await nexus.execute('/whoami', { sign: true })).toMatchObject({ http: 200 });
  });
});

test('an audience that the server has no longer is asked for anew', async () => {
  const server = await Server.start({ ...PRODUCTION, NEXUS_PUBLIC_ORIGINS: 'https://old.example.com' });
  const nexus = await client(server.url);
  expect(await nexus.server()).toMatchObject({ audience: 'https://old.example.com' });
  await server.stop();
  await server.go({ NEXUS_PUBLIC_ORIGINS: 'https://new.example.com' });
  expect(await nexus.execute('/whoami', { sign: true })).toMatchObject({ http: 200 });
  expect(await nexus.server()).toMatchObject({
    audience: 'https://new.example.com',
    version: expect.stringMatching(/^\d+\./),
  });
});

test('what cannot be sent again has no idempotency key, of which an address has only so many', async () => {
  const sent: (string | null)[] = [];
  const { url } = await Server.start();
  const nexus = new Nexus(url, {
    fetch: (input, init) => {
      sent.push(new Request(input, init).headers.get('idempotency-key'));
      return fetch(input, init);
    },
  });
  await nexus.execute('/ping');
  await nexus.execute('/ping', { idempotencyKey: 'mine' });
  await nexus.batch([{ command: '/ping' }]);
  await (await nexus.prepare('/ping')).send();
  expect(sent).toEqual([null, '"mine"', null, expect.stringMatching(/^"[\w-]{16,}"$/)]);
});
