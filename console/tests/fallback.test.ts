import { expect, test } from 'vitest';
import { input, messages, open, Server, type, visitor } from './common.ts';
import { commands, settled } from './log.ts';
import { siteFor } from './site.ts';

/** A page of another origin than its server, which is told which origin that is. */
async function apart(server: Server, settings: (origin: string) => Record<string, string> = () => ({})) {
  const origin = await siteFor(server.url);
  await server.stop();
  const page = await (await visitor()).newPage();
  const go = () => server.go(settings(origin));
  const visit = async () => {
    await page.goto(origin);
    await input(page).waitFor();
  };
  return { origin, page, go, visit };
}

test('without its server the console has ping, help, clear and theme, says how to start it, and heals by itself', async () => {
  const server = await Server.start();
  const { page, go, visit } = await apart(server, (origin) => ({ ALLOWED_ORIGINS: origin }));
  await visit();
  const banner = page.getByRole('alert');
  await banner.getByText('does not answer').waitFor();
  await banner.getByText(server.url).waitFor();
  await banner.getByText('nexus serve').waitFor();
  await type(page, '/help');
  const listed = settled(page, '/help').locator('li');
  await listed.first().waitFor();
  expect((await listed.locator('code').allTextContents()).map((usage) => usage.split(' ')[0])).toEqual(['/clear', '/help', '/ping', '/theme']);
  await type(page, '/ping');
  await settled(page, '/ping').getByText('does not answer').first().waitFor();
  await go();
  await banner.locator('section').waitFor({ state: 'detached' });
  await type(page, '/help');
  await settled(page, '/help').getByText('/echo <text> [--times N]').waitFor();
  expect(await commands(page)).toEqual(['/help', '/ping', '/help']);
});

test('a server that refuses the page is told from one that is down, with the setting that would allow it', async () => {
  const server = await Server.start();
  const { origin, page, go, visit } = await apart(server);
  await go();
  await visit();
  const banner = page.getByRole('alert');
  await banner.getByText('does not allow this page').waitFor();
  const setting = await banner.locator('pre').textContent();
  expect(setting).toBe(`ALLOWED_ORIGINS=${origin}`);
  await type(page, '/ping');
  await settled(page, '/ping').getByText('does not allow this page').first().waitFor();
  await server.stop();
  await server.go(Object.fromEntries([setting?.split('=') ?? []]));
  await banner.locator('section').waitFor({ state: 'detached' });
  await type(page, '/ping');
  await settled(page, '/ping').getByText('pong').waitFor();
});

test('something else at the address of the server is called so', async () => {
  const nobody = await siteFor('http://127.0.0.1:9');
  const page = await (await visitor()).newPage();
  await page.goto(await siteFor(nobody));
  await page.getByRole('alert').getByText('does not allow this page').waitFor();
  await page.goto(nobody);
  await page.getByRole('alert').getByText('does not answer').waitFor();
  await page.route('http://127.0.0.1:9/**', (route) => route.fulfill({ body: '<p>hello', contentType: 'text/html', headers: { 'access-control-allow-origin': '*' } }));
  await page.reload();
  await page.getByRole('alert').getByText('Something else than nexus').waitFor();
});

test('a browser that is offline says so, and goes on once it is online', async () => {
  const context = await visitor();
  const page = await open(await Server.start(), context);
  await type(page, '/ping');
  await settled(page, '/ping').getByText('pong').waitFor();
  await context.setOffline(true);
  await page.getByRole('alert').getByText('offline').waitFor();
  await context.setOffline(false);
  await page.getByRole('alert').locator('section').waitFor({ state: 'detached' });
});

test.for([
  { code: 'rate_limited', status: 429, text: 'too many requests' },
  { code: 'draining', status: 503, text: 'is stopping' },
])('what the server refuses by $code is told, and goes on by itself', async ({ code, status, text }) => {
  const page = await open(await Server.start());
  let refusing = true;
  await page.route(/\/(api\/v1\/commands)?$/, (route) =>
    refusing && route.request().resourceType() === 'fetch'
      ? route.fulfill({ status, json: { status: 'error', code, message: 'Not now.' }, headers: { 'retry-after': '1' } })
      : route.continue(),
  );
  await page.reload();
  await page.getByRole('alert').getByText(text).waitFor();
  refusing = false;
  await page.getByRole('alert').getByRole('button', { name: 'Try now' }).click();
  await page.getByRole('alert').locator('section').waitFor({ state: 'detached' });
  expect(await messages(page).count()).toBe(0);
});

test('the last list that was had stays when the server goes', async () => {
  const server = await Server.start();
  const page = await open(server);
  await type(page, '/ping');
  await settled(page, '/ping').getByText('pong').waitFor();
  await server.stop();
  await type(page, '/ping');
  await page.getByRole('alert').getByText('does not answer').waitFor();
  await type(page, '/help');
  await settled(page, '/help').getByText('/echo <text> [--times N]').waitFor();
});
