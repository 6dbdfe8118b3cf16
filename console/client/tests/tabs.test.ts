import type { Page } from 'playwright-core';
import { expect, test, vi } from 'vitest';
import { visitor } from '../../tests/common.ts';
import { BOUND, client, PRODUCTION, Server } from './common.ts';
import { site, tab } from './page.ts';

/** Tabs of one browser, which all listen to the key 1, the first of them first; if early, before there is a server. */
async function tabs(count: number, settings: Record<string, string> = {}, early = false) {
  const origin = await site();
  const server = await Server.start({ ...PRODUCTION, ALLOWED_ORIGINS: origin, ...settings });
  if (early) await server.stop();
  const context = await visitor();
  const pages: Page[] = [];
  for (let made = 0; made < count; made++) {
    const page = await tab(context, origin, server.url);
    await page.evaluate(() => window.listen({ tabs: true }));
    await page.waitForFunction((phase) => window.stream.state.phase === phase, early ? 'waiting' : 'open');
    pages.push(page);
  }
  if (early) await server.go();
  for (const page of pages) {
    await page.evaluate(() => window.stream.state.phase === 'waiting' && window.stream.retry());
    await page.waitForFunction(() => window.stream.state.phase === 'open');
  }
  const [first, ...others] = pages;
  if (!first) throw new Error('There is a tab.');
  return { server, first, others, pages, owner: await client(server.url) };
}

const commands = (page: Page) => page.evaluate(() => window.heard.filter((told) => told.startsWith('/')));

async function told(page: Page, ...expected: string[]): Promise<void> {
  await page.waitForFunction((last) => window.heard.includes(last), expected.at(-1) ?? '');
  expect(await commands(page)).toEqual(expected);
}

/** How many streams the server has open. */
async function streams(server: Server): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^nexus_streams_open (\S+)/m.exec(text)?.[1]);
}

test('all tabs hear by one stream', async () => {
  const { server, pages, owner } = await tabs(3);
  expect(await streams(server)).toBe(1);
  await owner.execute('/echo 1', { sign: true });
  for (const page of pages) {
    await told(page, '/echo 1');
    expect(await page.evaluate(() => window.heard)).toContain('connection_state');
  }
  const leaders = await Promise.all(pages.map((page) => page.evaluate(() => window.stream.state.leader)));
  expect(leaders).toEqual([true, false, false]);
});

test('what has no id reaches all tabs too, also after what has one', async () => {
  const { pages, owner } = await tabs(2);
  await owner.execute('/echo 1', { sign: true });
  await owner.execute('/countdown 1', { sign: true });
  for (const page of pages) {
    await told(page, '/echo 1', '/countdown 1');
    expect(await page.evaluate(() => window.heard)).toContain('command_progress');
  }
});

test('what a tab is told again, since the tab that listens has changed, it does not tell again', async () => {
  const { server, first, others, owner } = await tabs(2);
  const [second] = others;
  const name = `nexus.stream ${server.url} ticket ${owner.signer?.address}`;
  await first.evaluate((name) => {
    const channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => data.kind === 'event' && channel.postMessage(data);
  }, name);
  await owner.execute('/echo 1', { sign: true });
  await owner.execute('/echo 2', { sign: true });
  if (second) await told(second, '/echo 1', '/echo 2');
});

test('when the tab that listens is closed another goes on, without a gap or a second time', async () => {
  const { server, first, others, owner } = await tabs(3);
  await owner.execute('/echo 1', { sign: true });
  for (const page of others) await told(page, '/echo 1');
  await first.close();
  await owner.execute('/echo 2', { sign: true });
  for (const page of others) await told(page, '/echo 1', '/echo 2');
  const leaders = await Promise.all(others.map((page) => page.evaluate(() => window.stream.state.leader)));
  expect(leaders.filter(Boolean)).toHaveLength(1);
  await vi.waitFor(async () => expect(await streams(server)).toBe(1), BOUND);
});

test.each([['since it was there before it'], ['since it asked when it came']])(
  'the tab that goes on knows from where, %s, though it has heard nothing',
  async (how) => {
    const early = how === 'since it was there before it';
    const { server, first, others, owner } = await tabs(2, {}, early);
    const [second] = others;
    // Nobody listens when it is run.
    await server.stop();
    await first.close();
    await second?.waitForFunction(() => window.stream.state.leader && window.stream.state.phase === 'waiting');
    await server.go();
    await owner.execute('/echo meanwhile', { sign: true });
    await second?.evaluate(() => window.stream.retry());
    if (second) await told(second, '/echo meanwhile');
  },
);

test('a tab that does not answer loses its turn to one that is seen, and hears with it when it wakes', async () => {
  const { server, first, others, owner } = await tabs(3);
  const [second, third] = others;
  const asleep = first.evaluate(() => {
    const end = Date.now() + 12_000;
    while (Date.now() < end);
  });
  await second?.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await second?.waitForFunction(() => window.stream.state.leader && window.stream.state.phase === 'open');
  await owner.execute('/echo 1', { sign: true });
  if (second) await told(second, '/echo 1');
  await asleep;
  await first.waitForFunction(() => !window.stream.state.leader && window.stream.state.phase === 'open');
  await owner.execute('/echo 2', { sign: true });
  await told(first, '/echo 1', '/echo 2');
  expect(await third?.evaluate(() => window.states.map(({ phase }) => phase))).not.toContain('closed');
  await vi.waitFor(async () => expect(await streams(server)).toBe(1), BOUND);
});

test('a tab that ends its stream leaves it to the others', async () => {
  const { first, others, owner } = await tabs(2);
  await first.evaluate(() => window.stream.close());
  const [second] = others;
  await second?.waitForFunction(() => window.stream.state.leader && window.stream.state.phase === 'open');
  await owner.execute('/echo 1', { sign: true });
  if (second) await told(second, '/echo 1');
  expect(await commands(first)).toEqual([]);
});

test('every tab knows how the stream fares, and may ask not to wait', async () => {
  const { server, others } = await tabs(2);
  const [second] = others;
  await server.stop();
  // Until it would wait for longer than this test does.
  await second?.waitForFunction(() => {
    const { phase, retryAt = 0 } = window.stream.state;
    if (retryAt > Date.now() + 40_000) return true;
    if (phase === 'waiting') window.stream.retry();
    return false;
  });
  expect(await second?.evaluate(() => window.stream.state.failure instanceof window.client.Unreachable)).toBe(true);
  expect(await second?.evaluate(() => ({ ...window.stream.state.failure }))).toMatchObject({ url: server.url });
  await server.go();
  await second?.evaluate(() => window.stream.retry());
  await second?.waitForFunction(() => window.stream.state.phase === 'open' && window.stream.state.recovered);
});

test('a refusal reaches every tab as what it is', async () => {
  const { others, first, owner } = await tabs(2);
  await first.evaluate(() => window.stream.close());
  const [second] = others;
  await second?.waitForFunction(() => window.stream.state.leader);
  await first.evaluate(() => window.listen({ tabs: true }));
  await second?.evaluate(async () => {
    await window.nexus.signIn();
    window.nexus.signer = undefined;
  });
  await owner.execute('/identity', { sign: true });
  await owner.execute('/identity/delete', { sign: true });
  await first.waitForFunction(() => window.stream.state.phase === 'waiting');
  await first.evaluate(() => window.stream.retry());
  await first.waitForFunction(() => window.stream.state.phase === 'closed');
  expect(await first.evaluate(() => window.stream.state.failure instanceof window.client.NexusError)).toBe(true);
  expect(await first.evaluate(() => ({ ...window.stream.state.failure }))).toMatchObject({
    http: 401,
    code: 'session_invalid',
  });
});

test('where there are no locks each tab has its own', async () => {
  const origin = await site();
  const server = await Server.start({ ...PRODUCTION, ALLOWED_ORIGINS: origin });
  const context = await visitor();
  await context.addInitScript(() => Object.defineProperty(navigator, 'locks', { value: undefined }));
  for (const leader of [true, true]) {
    const page = await tab(context, origin, server.url);
    await page.evaluate(() => window.listen({ tabs: true }));
    await page.waitForFunction(() => window.stream.state.phase === 'open');
    expect(await page.evaluate(() => window.stream.state.leader)).toBe(leader);
  }
  expect(await streams(server)).toBe(2);
});
