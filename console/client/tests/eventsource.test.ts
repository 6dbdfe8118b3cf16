import { expect, test } from 'vitest';
import { visitor } from '../../tests/common.ts';
import { client, listen, PRODUCTION, Server } from './common.ts';
import { site, tab } from './page.ts';
import { relay } from './relay.ts';

/** A page of an origin that the server allows, with a stream that is open. */
async function streaming(settings: Record<string, string> = {}, session = true) {
  const origin = await site();
  const server = await Server.start({ ...PRODUCTION, ALLOWED_ORIGINS: origin, ...settings });
  const wire = await relay(server.url);
  const context = await visitor();
  const asked: string[] = [];
  context.on('request', (request) => asked.push(request.url()));
  const page = await tab(context, origin, wire.url);
  if (session) await page.evaluate(() => window.nexus.signIn());
  await page.evaluate(() => window.listen());
  await page.waitForFunction(() => window.stream.state.phase === 'open');
  const tickets = () => asked.filter((url) => url.endsWith('/stream/ticket')).length;
  return { server, wire, page, asked, tickets, owner: await client(server.url) };
}

test('a native EventSource is opened by a ticket, and no secret but that stands in an address', async () => {
  const { page, asked, owner } = await streaming();
  await owner.execute('/echo 1', { sign: true });
  await page.waitForFunction(() => window.heard.includes('/echo 1'));
  expect(await page.evaluate(() => window.heard)).toEqual(['connection_state', '/echo 1']);
  const token = await page.evaluate(() => window.nexus.session?.token ?? '');
  expect(asked.filter((url) => url.includes('ticket=nt_'))).toHaveLength(1);
  expect(asked.filter((url) => url.includes(token))).toEqual([]);
});

test('a stream by a ticket goes on over a restart with the same ticket, without a gap or a second time', async () => {
  const { server, page, tickets, owner } = await streaming();
  await owner.execute('/echo 1', { sign: true });
  await page.waitForFunction(() => window.heard.includes('/echo 1'));
  await server.stop();
  await page.waitForFunction(() => window.stream.state.phase === 'waiting');
  await server.go();
  await owner.execute('/echo 2', { sign: true });
  await page.evaluate(() => window.stream.retry());
  await page.waitForFunction(() => window.stream.state.recovered);
  await page.waitForFunction(() => window.heard.includes('/echo 2'));
  expect(await page.evaluate(() => window.heard.filter((told) => told.startsWith('/')))).toEqual([
    '/echo 1',
    '/echo 2',
  ]);
  expect(tickets()).toBe(1);
});

test('a ticket that is good no longer is replaced, and the stream goes on where it was', async () => {
  const { page, tickets, owner } = await streaming({}, false);
  await owner.execute('/identity', { sign: true });
  await page.waitForFunction(() => window.heard.includes('/identity'));
  // It ends all tickets of the address.
  await owner.execute('/identity/delete', { sign: true });
  await page.waitForFunction(() => window.stream.state.phase === 'waiting');
  await owner.execute('/echo meanwhile', { sign: true });
  await page.evaluate(() => window.stream.retry());
  await page.waitForFunction(() => window.heard.includes('/echo meanwhile'));
  const told = await page.evaluate(() => window.heard.filter((one) => one.startsWith('/')));
  expect(told).toEqual(['/identity', '/identity/delete', '/echo meanwhile']);
  expect(tickets()).toBe(2);
});

test('a stream by a ticket whose session has ended is closed, and says why', async () => {
  const { page, owner } = await streaming();
  await owner.signOut({ all: true });
  await page.waitForFunction(() => window.stream.state.phase === 'waiting');
  await page.evaluate(() => window.stream.retry());
  await page.waitForFunction(() => window.stream.state.phase === 'closed');
  const failure = await page.evaluate(() => ({ ...window.stream.state.failure }));
  expect(failure).toMatchObject({ http: 401, code: 'session_invalid' });
});

test('why an EventSource was refused is found out, and until when it waits', async () => {
  const { page, owner, wire } = await streaming({ NEXUS_MAX_STREAMS_PER_KEY: '1' });
  const { url } = wire;
  wire.cut();
  await page.waitForFunction(() => window.stream.state.phase === 'waiting');
  const other = listen(owner);
  await other.until('open');
  await page.evaluate(() => window.stream.retry());
  await page.waitForFunction(() => window.stream.state.failure);
  const state = await page.evaluate(() => ({ ...window.stream.state, failure: { ...window.stream.state.failure } }));
  expect(state).toMatchObject({
    phase: 'waiting',
    retryAt: expect.any(Number),
    failure: { http: 429, code: 'too_many_streams' },
  });
  other.stream.close();
  await page.evaluate(() => window.stream.retry());
  await page.waitForFunction(() => window.stream.state.phase === 'open');
  expect(wire.url).toBe(url);
});

test('an EventSource whose connection died without a word is opened anew, and nobody notices', async () => {
  const { page, owner, wire } = await streaming({ NEXUS_KEEPALIVE: '1' });
  wire.freeze();
  await owner.execute('/echo lost', { sign: true });
  await page.waitForFunction(() => window.heard.includes('/echo lost'));
  expect(await page.evaluate(() => window.heard)).toEqual(['connection_state', '/echo lost']);
  expect(await page.evaluate(() => window.states.map(({ phase }) => phase))).toEqual(['connecting', 'open']);
});
