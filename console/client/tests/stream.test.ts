import { describe, expect, test } from 'vitest';
import { importPrivateKey, Nexus, NexusError } from '../src/index.ts';
import { client, listen, ONE, PRODUCTION, Server } from './common.ts';
import { relay } from './relay.ts';

describe('a stream', () => {
  test.each([['by signatures'], ['by a session']])('tells what its key runs, %s', async (by) => {
    const nexus = await client((await Server.start(PRODUCTION)).url);
    if (by === 'by a session') await nexus.signIn();
    const heard = listen(nexus);
    expect(await heard.until('open')).toEqual({ phase: 'open', leader: true });
    await nexus.execute('/countdown 1', { sign: true });
    expect(await heard.told(1)).toEqual(['/countdown 1']);
    expect(heard.events.map(({ type }) => type)).toEqual(['connection_state', 'command_progress', 'command_result']);
    expect(heard.events[0]).toMatchObject({ data: { authenticated: true, visitor: true } });
    expect(heard.events[2]).toMatchObject({ id: expect.any(String), data: { result: { status: 'success' } } });
  });

  test('without a proof hears of the state alone, in production', async () => {
    const { url } = await Server.start(PRODUCTION);
    const nexus = await client(url);
    const heard = listen(new Nexus(url), { by: 'anonymous', address: nexus.signer?.address ?? '' });
    await heard.until('open');
    await nexus.execute('/identity', { sign: true });
    await heard.until('open', () => heard.events.length === 2);
    expect(heard.events).toMatchObject([
      { type: 'connection_state', data: { authenticated: false, visitor: true } },
      { type: 'connection_state', data: { authenticated: false, visitor: false } },
    ]);
  });

  test('is by fetch where there is no EventSource', async () => {
    const nexus = await client((await Server.start(PRODUCTION)).url);
    const states: string[] = [];
    const stream = nexus.stream({ onEvent: () => {}, onState: ({ phase }) => states.push(phase) });
    await expect.poll(() => states).toEqual(['connecting', 'open']);
    stream.close();
    expect(states).toEqual(['connecting', 'open', 'closed']);
  });

  test('tells from the beginning, or from an id, what was before', async () => {
    const nexus = await client((await Server.start()).url);
    for (const text of ['1', '2', '3']) await nexus.execute(`/echo ${text}`, { sign: true });
    const all = listen(nexus, { after: '0' });
    expect(await all.told(3)).toEqual(['/echo 1', '/echo 2', '/echo 3']);
    const [, , second] = all.events;
    const rest = listen(nexus, { after: second?.id ?? '' });
    expect(await rest.told(1)).toEqual(['/echo 3']);
  });

  test('tells of a place that is none', async () => {
    const heard = listen(await client((await Server.start()).url), { after: 'abc-7' });
    await heard.until('open', () => heard.events.length === 2);
    expect(heard.events[1]).toMatchObject({
      type: 'stream_gap',
      data: { reason: 'unknown_id' },
      id: expect.any(String),
    });
    expect(heard.stream.state).toMatchObject({ recovered: false });
  });

  test('is of an address', async () => {
    const nexus = new Nexus((await Server.start()).url);
    expect(() => nexus.stream({ onEvent: () => {}, onState: () => {} })).toThrow(TypeError);
  });

  test('tells nothing once it is closed', async () => {
    const nexus = await client((await Server.start()).url);
    const [closed, open] = [listen(nexus), listen(nexus)];
    await closed.until('open');
    await open.until('open');
    closed.stream.close();
    await nexus.execute('/ping', { sign: true });
    await open.told(1);
    expect(closed.commands()).toEqual([]);
    expect(closed.states.at(-1)).toEqual({ phase: 'closed', leader: true });
  });
});

test('a stream that is closed while it tells tells no more', async () => {
  const nexus = await client((await Server.start()).url);
  for (const text of ['1', '2', '3']) await nexus.execute(`/echo ${text}`, { sign: true });
  const told: string[] = [];
  await new Promise<void>((closed) => {
    const stream = nexus.stream({
      after: '0',
      onEvent({ type }) {
        told.push(type);
        if (type === 'command_result') stream.close();
      },
      onState: ({ phase }) => phase === 'closed' && closed(),
    });
  });
  expect(told).toEqual(['connection_state', 'command_result']);
});

describe('a stream that breaks', () => {
  test.each([
    ['is stopped', 'SIGTERM'],
    ['is killed', 'SIGKILL'],
  ] as const)('since the server %s goes on without a gap or a second time', async (_, signal) => {
    const server = await Server.start(PRODUCTION);
    const nexus = await client(server.url);
    await nexus.signIn();
    const heard = listen(nexus);
    await heard.until('open');
    await nexus.execute('/echo 1', { sign: true });
    await heard.told(1);
    await server.stop(signal);
    const { retryAt = 0 } = await heard.until('waiting');
    expect(retryAt).toBeGreaterThan(Date.now() - 1_000);
    await server.go();
    await nexus.execute('/echo 2', { sign: true });
    heard.stream.retry();
    expect(await heard.told(2)).toEqual(['/echo 1', '/echo 2']);
    expect(heard.stream.state).toEqual({ phase: 'open', leader: true, recovered: true });
    expect(heard.events.map(({ type }) => type)).not.toContain('stream_gap');
  });

  test('before it has told anything misses nothing', async () => {
    const wire = await relay((await Server.start(PRODUCTION)).url);
    const nexus = await client(wire.url);
    const heard = listen(nexus);
    await heard.until('open');
    const prepared = await nexus.prepare('/echo meanwhile', { sign: true });
    wire.state = 'loses answers';
    await prepared.send().catch(() => {});
    wire.cut();
    await heard.until('waiting');
    wire.state = 'whole';
    heard.stream.retry();
    expect(await heard.told(1)).toEqual(['/echo meanwhile']);
  });

  test('comes back when the server says, which tells each stream another time', async () => {
    const server = await Server.start({ NEXUS_MAX_ANONYMOUS_STREAMS: '16', NEXUS_MAX_STREAMS_PER_KEY: '16' });
    const { address } = await importPrivateKey(ONE);
    const all = Array.from({ length: 16 }, () => listen(new Nexus(server.url), { by: 'anonymous', address }));
    for (const heard of all) await heard.until('open');
    const before = Date.now();
    await server.stop();
    const waits: number[] = [];
    for (const heard of all) waits.push(((await heard.until('waiting')).retryAt ?? 0) - before);
    // Without that word it would be from 3 to 4.5 s for each.
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(1_600);
  });

  test('comes back by itself', async () => {
    const wire = await relay((await Server.start()).url);
    const heard = listen(await client(wire.url));
    await heard.until('open');
    wire.cut();
    await heard.until('waiting', ({ failure }) => failure === undefined);
    await heard.until('open', ({ recovered }) => recovered === true);
  });

  test('tells who is not there, and asks again and again', async () => {
    const server = await Server.start();
    const heard = listen(await client(server.url));
    await heard.until('open');
    await server.stop();
    await heard.until('waiting');
    heard.stream.retry();
    await heard.until('waiting', ({ failure }) => failure?.name === 'Unreachable');
    expect(heard.stream.state.failure).toMatchObject({ reason: 'down', url: server.url });
    await server.go();
    heard.stream.retry();
    await heard.until('open');
  });

  test('without a word is found out by its silence', async () => {
    const wire = await relay((await Server.start({ NEXUS_KEEPALIVE: '1' })).url);
    const nexus = await client(wire.url);
    await nexus.signIn();
    const heard = listen(nexus);
    await heard.until('open');
    wire.state = 'dead';
    await heard.until('waiting', ({ failure }) => failure?.name === 'Unreachable');
    expect(heard.stream.state.failure).toMatchObject({ reason: 'timeout' });
    wire.state = 'whole';
    heard.stream.retry();
    await heard.until('open', ({ recovered }) => recovered === true);
  });
});

describe('a stream that is refused', () => {
  test('with 401 is closed, and can be opened again', async () => {
    const nexus = await client((await Server.start(PRODUCTION)).url);
    await nexus.signIn();
    const session = nexus.session;
    await nexus.signOut();
    nexus.session = session;
    const heard = listen(nexus);
    const { failure } = await heard.until('closed');
    expect(failure).toBeInstanceOf(NexusError);
    expect(failure).toMatchObject({ http: 401, code: 'session_invalid' });
    nexus.session = undefined;
    heard.stream.retry();
    await heard.until('open');
  });

  test('with 401 asks who can sign in again', async () => {
    const nexus = await client((await Server.start(PRODUCTION)).url);
    await nexus.signIn();
    const old = nexus.session;
    await nexus.signOut();
    nexus.session = old;
    const codes: string[] = [];
    const heard = listen(nexus, {
      renew: async ({ code }) => {
        codes.push(code);
        return Boolean(await nexus.signIn());
      },
    });
    await heard.until('open');
    expect(codes).toEqual(['session_invalid']);
    expect(heard.states.map(({ phase }) => phase)).not.toContain('closed');
  });

  test('when its session ends is closed', async () => {
    const nexus = await client((await Server.start(PRODUCTION)).url);
    const session = await nexus.signIn();
    const heard = listen(nexus);
    await heard.until('open');
    await nexus.signOut({ all: true });
    nexus.session = session;
    await heard.until('waiting');
    heard.stream.retry();
    await heard.until('closed', ({ failure }) => failure instanceof NexusError && failure.code === 'session_invalid');
  });

  test('with 429 waits as long as it is told to', async () => {
    const nexus = await client((await Server.start({ NEXUS_MAX_STREAMS_PER_KEY: '1' })).url);
    const first = listen(nexus);
    await first.until('open');
    const second = listen(nexus);
    const { failure, retryAt = 0 } = await second.until('waiting');
    expect(failure).toMatchObject({ http: 429, code: 'too_many_streams', retryAfter: expect.any(Number) });
    expect(retryAt).toBeGreaterThan(Date.now());
    first.stream.close();
    second.stream.retry();
    await second.until('open');
  });

  test('with 503 waits as long as it is told to', async () => {
    const { url } = await Server.start({ NEXUS_MAX_CONNECTIONS: '1' });
    const { address } = await importPrivateKey(ONE);
    const first = listen(new Nexus(url), { by: 'anonymous', address });
    await first.until('open');
    const second = listen(new Nexus(url), { by: 'anonymous', address });
    const { failure, retryAt = 0 } = await second.until('waiting');
    expect(failure).toMatchObject({ http: 503, code: 'overloaded', retryAfter: expect.any(Number) });
    expect(retryAt).toBeGreaterThan(Date.now());
    first.stream.close();
    second.stream.retry();
    await second.until('open');
  });

  test('of another address is closed', async () => {
    const nexus = await client((await Server.start()).url);
    await nexus.signIn();
    const heard = listen(nexus, { address: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266' });
    await heard.until('closed', ({ failure }) => failure instanceof NexusError && failure.code === 'bearer_mismatch');
  });
});
