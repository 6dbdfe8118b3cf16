import { Nexus } from '@nexus/client';
import { expect, test } from 'vitest';
import { input, messages, open, Server, type, visitor } from './common.ts';
import { connected } from './connected.ts';
import { owner } from './key.ts';
import { commands, message, settled } from './log.ts';

test('the line tells how far the server is, and which it is', async () => {
  const page = await open(await Server.start());
  const line = page.getByRole('region', { name: 'Connection' });
  await line.getByText(/^\d+ ms$/).waitFor();
  await line.getByText(/^nexus \d+\.\d+\.\d+$/).waitFor();
});

test('a visitor without a key has no stream, and asks for the list when coming back', async () => {
  const page = await open(await Server.start());
  const seen: string[] = [];
  await page.getByText(/^\d+ ms$/).waitFor();
  await page.waitForLoadState('networkidle');
  page.on('request', (request) => seen.push(new URL(request.url()).pathname));
  await page.evaluate(() => {
    window.dispatchEvent(new Event('focus'));
    window.dispatchEvent(new Event('focus'));
  });
  await type(page, '/ping');
  await settled(page, '/ping').getByText('pong').waitFor();
  expect(seen.filter((path) => path !== '/api/v1/commands/execute')).toEqual(['/api/v1/commands']);
});

test('a server that comes back is heard again: nothing is missing, and nothing comes twice', async () => {
  const server = await Server.start();
  const { context, elsewhere } = await owner();
  const page = await open(server, context);
  await page.getByText('live').waitFor();
  await type(page, '/whoami');
  await settled(page, '/whoami').waitFor();
  await elsewhere(server).execute('/echo before', { sign: true });
  await settled(page, '/echo before').waitFor();
  await context.setOffline(true);
  await server.stop();
  await page.getByText('disconnected').waitFor();
  await server.go();
  await elsewhere(server).execute('/echo meanwhile', { sign: true });
  await context.setOffline(false);
  await page.getByText('nothing was missed').waitFor();
  await elsewhere(server).execute('/echo after', { sign: true });
  await settled(page, '/echo after').waitFor();
  expect(await commands(page)).toEqual(['/whoami', '/echo before', '/echo meanwhile', '/echo after']);
  expect(await page.getByRole('alert').locator('section').count()).toBe(0);
});

test('two tabs of one key share a stream, and each hears what the other runs exactly once', async () => {
  const server = await Server.start();
  const { context } = await owner();
  const [one, two] = [await open(server, context), await open(server, context)];
  for (const page of [one, two]) await page.getByText('live').waitFor();
  await type(one, '/whoami');
  await settled(two, '/whoami').getByText('from elsewhere').waitFor();
  await type(two, '/echo hello');
  await settled(two, '/echo hello').waitFor();
  await type(two, '/history');
  for (const page of [one, two]) await settled(page, '/history').waitFor();
  for (const page of [one, two]) expect(await commands(page)).toEqual(['/whoami', '/echo hello', '/history']);
  expect(await one.getByText('from elsewhere').count()).toBe(2);
  expect(await two.getByText('from elsewhere').count()).toBe(1);
});

test('a command that comes while the page is open is listed without a reload', async () => {
  const { context, identity, elsewhere } = await owner();
  const server = await Server.start({ NEXUS_ADMINS: identity.address });
  const page = await open(server, context);
  await page.getByText('live').waitFor();
  const definition = { name: 'weather', description: 'Tells the weather.', examples: ['/weather Oslo'], parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } };
  const listed = page.waitForResponse((response) => response.url().endsWith('/api/v1/commands') && response.status() === 200);
  await elsewhere(server).request('POST', '/api/v1/commands', { body: { definition, url: 'https://example.com/weather' }, sign: true });
  await listed;
  await type(page, '/help');
  await settled(page, '/help').getByText('/weather <city>').waitFor();
});

test('what the stream is refused by is told, with the seconds until the next attempt, which need not be waited for', async () => {
  const { context } = await owner();
  const page = await context.newPage();
  let refusing = true;
  await page.route('**/api/v1/stream/ticket', (route) =>
    refusing
      ? route.fulfill({ status: 503, json: { status: 'error', code: 'overloaded', message: 'Too much to do.' }, headers: { 'retry-after': '600' } })
      : route.continue(),
  );
  await page.goto((await open(await Server.start())).url());
  const line = page.getByRole('region', { name: 'Connection' });
  await line.getByText('Too much to do.').waitFor();
  await line.getByText(/next attempt in \d{3} s/).waitFor();
  refusing = false;
  await line.getByRole('button', { name: 'Try now' }).click();
  await line.getByText('live').waitFor();
});

test('where another program has the one place that a key has, it is said, and taken when it is free', async () => {
  const server = await Server.start({ NEXUS_MAX_STREAMS_PER_KEY: '1' });
  const { context, identity } = await owner();
  const other = new AbortController();
  const held = await fetch(`${server.url}/api/v1/stream/${identity.address}`, { signal: other.signal });
  expect(held.status).toBe(200);
  const page = await open(server, context);
  const line = page.getByRole('region', { name: 'Connection' });
  await line.getByText(/next attempt in/).waitFor();
  await line.getByText('streams').waitFor();
  other.abort();
  // The server may take a moment to notice that the place is free.
  const isLive = async () => {
    const now = line.getByRole('button', { name: 'Try now' });
    if (await now.isVisible()) await now.click();
    return line.getByText('live').isVisible();
  };
  await expect.poll(isLive).toBe(true);
});

test('a session that has ended is got anew by the key of the browser, and the command runs', async () => {
  const server = await Server.start();
  const { context, elsewhere } = await owner();
  const page = await open(server, context);
  await page.getByText('live').waitFor();
  await elsewhere(server).signOut({ all: true });
  await type(page, '/prompt/show none');
  await settled(page, '/prompt/show none').and(page.locator('[data-state=error]')).waitFor();
  expect(await message(page, '/prompt/show none').textContent()).not.toContain('session');
  await page.getByText('live').waitFor();
});

test('a session of a wallet that has ended is said to have, and is got anew by a click', async () => {
  const server = await Server.start({ NEXUS_ANONYMOUS_STREAMS: 'state' });
  const { context, identity } = await connected();
  const page = await open(server, context);
  await type(page, '/prompt/show none');
  await settled(page, '/prompt/show none').waitFor();
  await page.getByText('live').waitFor();
  await new Nexus(server.url, { signer: identity }).signOut({ all: true });
  const line = page.getByRole('region', { name: 'Connection' });
  await line.getByText('Your session has ended').waitFor();
  await line.getByRole('button', { name: 'Sign in' }).click();
  await line.getByText('live').waitFor();
});

test('another version of the server is told, with a way to load its page', async () => {
  const page = await open(await Server.start());
  await page.getByText(/^nexus \d/).waitFor();
  await page.route(/\/$/, async (route) => {
    if (route.request().resourceType() !== 'fetch') return route.continue();
    const response = await route.fetch();
    return route.fulfill({ response, json: { ...(await response.json()), version: '99.0.0' } });
  });
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await page.getByRole('status').getByText('The server is 99.0.0 now').waitFor();
  await page.getByRole('button', { name: 'Reload' }).click();
  await input(page).waitFor();
  await page.getByText('nexus 99.0.0').waitFor();
  expect(await page.getByText('The server is').count()).toBe(0);
});

test('a stream that cannot go on where it was says so', async () => {
  const server = await Server.start();
  const { context, elsewhere } = await owner();
  const page = await open(server, context);
  await page.getByText('live').waitFor();
  await elsewhere(server).execute('/echo first', { sign: true });
  await settled(page, '/echo first').waitFor();
  await server.stop();
  // It has lost its memory, and knows neither the session nor the place.
  await server.go({ NEXUS_DATA: 'another' });
  await page.getByRole('status').getByText('does not know where this page left off').waitFor();
  await page.getByText('live').waitFor();
});

test('nothing of it needs a message in the log', async () => {
  const page = await open(await Server.start(), await visitor());
  await page.getByText(/^\d+ ms$/).waitFor();
  expect(await messages(page).count()).toBe(0);
});
