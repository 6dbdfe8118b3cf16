import { expect, test } from 'vitest';
import { visitor } from '../../tests/common.ts';
import { PRODUCTION, Server } from './common.ts';
import { site, tab } from './page.ts';
import { relay } from './relay.ts';

test('who never signs never loads what signing needs', async () => {
  const { url } = await Server.start({ ALLOWED_ORIGINS: '' });
  const origin = await site(url);
  const context = await visitor();
  const loaded: string[] = [];
  context.on('request', (request) => loaded.push(new URL(request.url()).pathname));
  const page = await tab(context, origin, origin, null);
  expect(await page.evaluate(() => window.nexus.commands())).toMatchObject({ source: 'server' });
  expect(await page.evaluate(() => window.nexus.execute('/ping'))).toMatchObject({ message: 'pong' });
  const scripts = () => loaded.filter((path) => path.endsWith('.js'));
  expect(scripts()).toHaveLength(1);
  await page.evaluate(() => window.client.createIdentity());
  expect(scripts().length).toBeGreaterThan(1);
});

test('a server that does not allow the page is told from one that is not there', async () => {
  const server = await Server.start();
  const origin = await site();
  const page = await tab(await visitor(), origin, server.url, null);
  const why = () =>
    page.evaluate(async () => {
      const { failure, source } = await window.nexus.commands();
      return { source, name: failure?.name, reason: failure && 'reason' in failure && failure.reason, ...failure };
    });
  expect(await why()).toMatchObject({
    source: 'fallback',
    name: 'Unreachable',
    reason: 'cors',
    origin,
    url: server.url,
  });
  await server.stop();
  expect(await why()).toMatchObject({ reason: 'down' });
});

test('a browser that is offline says so', async () => {
  const { url } = await Server.start();
  const context = await visitor();
  const page = await tab(context, await site(), url, null);
  await context.setOffline(true);
  const failure = page.evaluate(() =>
    window.nexus.execute('/ping').catch((reason: unknown) => ({ ...Object(reason) })),
  );
  expect(await failure).toMatchObject({ reason: 'offline', url });
});

test('what signing needs may be gone with the server of the page, and that is said', async () => {
  const context = await visitor();
  const origin = await site();
  const page = await tab(context, origin, origin, null);
  await context.setOffline(true);
  const failure = page.evaluate(() =>
    window.client.createIdentity().catch((reason: unknown) => ({ ...Object(reason) })),
  );
  expect(await failure).toMatchObject({ name: 'Unreachable', reason: 'down', url: expect.stringContaining(origin) });
});

test('a stream comes back at once when the browser is online again', async () => {
  const origin = await site();
  const { url } = await Server.start({ ALLOWED_ORIGINS: origin });
  const context = await visitor();
  const wire = await relay(url);
  const page = await tab(context, origin, wire.url);
  await page.evaluate(() => window.listen());
  await page.waitForFunction(() => window.stream.state.phase === 'open');
  await context.setOffline(true);
  wire.cut();
  // Until it would wait for longer than this test does.
  await page.waitForFunction(() => {
    const { phase, retryAt = 0 } = window.stream.state;
    if (retryAt > Date.now() + 40_000) return true;
    if (phase === 'waiting') window.stream.retry();
    return false;
  });
  expect(await page.evaluate(() => ({ ...window.stream.state.failure }))).toMatchObject({ reason: 'offline' });
  await context.setOffline(false);
  await page.waitForFunction(() => window.stream.state.phase === 'open');
});

test('a page of another origin signs in and signs, in production', async () => {
  const origin = await site();
  const { url } = await Server.start({ ...PRODUCTION, ALLOWED_ORIGINS: origin });
  const page = await tab(await visitor(), origin, url);
  expect(await page.evaluate(() => window.nexus.signIn())).toMatchObject({ token: expect.stringMatching(/^ns_/) });
  const reply = await page.evaluate(() => window.nexus.execute('/whoami', { sign: true }));
  expect(reply).toMatchObject({ http: 200, data: { visitor: true } });
  expect(await page.evaluate(() => window.nexus.runs.list())).toMatchObject({ runs: [{ command: '/whoami' }] });
});

test('a page of the server’s origin signs in, whatever that server is called', async () => {
  const { url } = await Server.start({
    ...PRODUCTION,
    NEXUS_PUBLIC_ORIGINS: 'https://cmd.example.com',
    ALLOWED_ORIGINS: '',
  });
  const origin = await site(url);
  const page = await tab(await visitor(), origin, origin);
  const messages = await page.evaluate(async () => {
    const { signer } = window.nexus;
    const texts: string[] = [];
    if (signer) {
      const signMessage = (text: string) => (texts.push(text), signer.signMessage(text));
      window.nexus.signer = { address: signer.address, signMessage };
    }
    await window.nexus.signIn().catch(() => {});
    return texts;
  });
  expect(messages).toEqual([
    expect.stringMatching(/^cmd\.example\.com wants you .*\n[^]*\nURI: https:\/\/cmd\.example\.com\n/),
  ]);
});

test('a page that came by plain HTTP knows the marks of its runs too', async () => {
  const origin = await site();
  const context = await visitor();
  // No machine has to have this name.
  await context.route('http://console.lan/**', async (route) => {
    const { pathname } = new URL(route.request().url());
    await route.fulfill({ response: await route.fetch({ url: origin + pathname }) });
  });
  const page = await context.newPage();
  await page.goto('http://console.lan/');
  await page.waitForFunction(() => 'listen' in window);
  expect(await page.evaluate(() => window.isSecureContext)).toBe(false);
  expect(await page.evaluate(() => window.client.markOf('abc'))).toBe('ba7816bf');
});
