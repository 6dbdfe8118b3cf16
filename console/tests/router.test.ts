import type { Page, Request } from 'playwright-core';
import { expect, test } from 'vitest';
import { input, messages, open, Server, type, visitor } from './common.ts';
import { connected } from './connected.ts';
import { owner } from './key.ts';
import { commands, message, settled } from './log.ts';

const EXECUTE = '**/api/v1/commands/execute';

/** What the page asks of anybody from now on. */
function requests(page: Page): string[] {
  const urls: string[] = [];
  page.on('request', (request: Request) => urls.push(`${request.method()} ${new URL(request.url()).pathname}`));
  return urls;
}

test.for(['/help', '/clear', '/theme dark'])('%s makes no request', async (line) => {
  const page = await open(await Server.start());
  await page.getByText(/^\d+ ms$/).waitFor();
  await page.waitForLoadState('networkidle');
  const seen = requests(page);
  await type(page, line);
  await settled(page, line).waitFor();
  // Whatever the page would have asked for because of it has been asked for by the time that a later answer is there.
  await type(page, '/echo after');
  await settled(page, '/echo after').waitFor();
  expect(seen).toEqual(['POST /api/v1/commands/execute']);
});

test('/theme chooses the colours, and says what it takes', async () => {
  const page = await open(await Server.start());
  await type(page, '/theme DARK');
  await settled(page, '/theme DARK').waitFor();
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  await type(page, '/theme --mode=light');
  await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('light');
  await type(page, '/theme pink');
  await settled(page, '/theme pink').getByText('light, dark and system').waitFor();
  expect(await page.locator('html').getAttribute('data-theme')).toBe('light');
});

test('/clear empties the log, but for what still runs', async () => {
  const page = await open(await Server.start());
  await page.route(EXECUTE, () => {});
  await type(page, '/help');
  await type(page, '/echo waits');
  await type(page, '/clear');
  await settled(page, '/clear').waitFor();
  expect(await commands(page)).toEqual(['/echo waits', '/clear']);
});

test.for([
  { language: 'en-GB', title: 'What you can run' },
  { language: 'zh-CN', title: '可以运行的命令' },
])('/help lists what there is, in $language', async ({ language, title }) => {
  const page = await open(await Server.start(), await visitor({ language }));
  await type(page, 'help');
  const help = settled(page, '/help');
  await help.getByText(title).waitFor();
  for (const usage of ['/ping', '/identity/delete', '/echo <text> [--times N]']) await help.locator('li code').getByText(usage, { exact: true }).waitFor();
});

test('a client command that this console does not know is told so', async () => {
  const page = await (await visitor()).newPage();
  await page.route('**/api/v1/commands', async (route) => {
    const response = await route.fetch();
    const [first, ...others] = await response.json();
    await route.fulfill({ response, json: [{ ...first, name: 'dance', usage: '/dance', handler: 'client' }, ...others] });
  });
  const known = await open(await Server.start());
  await page.goto(known.url());
  await input(page).waitFor();
  await type(page, '/help');
  await settled(page, '/help').getByText('/dance').waitFor();
  await type(page, '/dance');
  await settled(page, '/dance').getByText('does not know it').waitFor();
});

test('a message waits in the log while its request is on its way', async () => {
  const page = await open(await Server.start());
  let held = 0;
  await page.route(EXECUTE, async (route) => {
    await message(page, '/ping').and(page.locator('[aria-busy=true]')).waitFor();
    held += 1;
    await route.continue();
  });
  await type(page, '/ping');
  await settled(page, '/ping').getByText('pong').waitFor();
  expect(held).toBe(1);
});

test('what asks for a signature is signed, and what asks for an identity is run in a session', async () => {
  const { context, identity } = await owner();
  const page = await open(await Server.start({ NEXUS_ADMINS: identity.address }), context);
  const bodies: unknown[] = [];
  page.on('request', (request) => request.url().endsWith('/execute') && bodies.push(request.postDataJSON()));
  await type(page, '/whoami');
  await settled(page, '/whoami').getByText(identity.address).first().waitFor();
  await type(page, '/monitor-service --samples 1');
  await settled(page, '/monitor-service --samples 1').waitFor();
  await type(page, '/prompt/show none');
  await settled(page, '/prompt/show none').waitFor();
  expect(bodies).toEqual([
    { command: '/whoami', auth: expect.objectContaining({ scheme: 'eip191' }) },
    { command: '/monitor-service --samples 1', auth: expect.objectContaining({ scheme: 'eip191' }) },
    { command: '/prompt/show none' },
  ]);
  await expect.poll(() => message(page, '/prompt/show none').textContent()).not.toContain('proven');
});

test('who has no key is told how to get one', async () => {
  const page = await open(await Server.start());
  await type(page, '/whoami');
  await settled(page, '/whoami').getByRole('button', { name: 'Create an identity' }).click();
  await page.getByRole('dialog').waitFor();
});

test('what takes long is told by the stream, and ends when it is cancelled', async () => {
  const { context } = await owner();
  const page = await open(await Server.start(), context);
  await page.getByText('live').waitFor();
  await type(page, '/countdown 1000');
  await message(page, '/countdown 1000').getByRole('progressbar').waitFor();
  await message(page, '/countdown 1000').getByRole('button', { name: /cancel/i }).click();
  await settled(page, '/countdown 1000').getByText('cancelled').first().waitFor();
  expect(await messages(page).count()).toBe(1);
});

test('the same command run by another program of the key has a message of its own', async () => {
  const server = await Server.start();
  const { context, elsewhere } = await owner();
  const page = await open(server, context);
  await page.getByText('live').waitFor();
  await page.route(EXECUTE, async (route) => {
    await elsewhere(server).execute('/echo same', { sign: true });
    await messages(page).getByText('from elsewhere').waitFor();
    await route.continue();
  });
  await type(page, '/echo same');
  await expect.poll(() => messages(page).and(page.locator('[aria-busy=false]')).count()).toBe(2);
  expect(await messages(page).count()).toBe(2);
  expect(await page.getByText('from elsewhere').count()).toBe(1);
});

test('the event of the stream settles a message whose answer does not come', async () => {
  const { context } = await owner();
  const page = await open(await Server.start(), context);
  await page.getByText('live').waitFor();
  await page.route(EXECUTE, async (route) => void (await route.fetch()));
  await type(page, '/whoami');
  await settled(page, '/whoami').getByText('a visitor').first().waitFor();
  expect(await messages(page).count()).toBe(1);
});

test('a signed command whose answer is lost is sent again, and runs once', async () => {
  const server = await Server.start();
  const { context, elsewhere } = await owner();
  const page = await context.newPage();
  await page.route('**/api/v1/stream/**', (route) => route.abort());
  await page.goto((await open(server)).url());
  await input(page).waitFor();
  await page.route(EXECUTE, async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await type(page, '/whoami');
  await settled(page, '/whoami').getByText('a visitor').first().waitFor();
  expect(await messages(page).count()).toBe(1);
  expect((await elsewhere(server).runs.list()).runs).toHaveLength(1);
});

test('an unsigned command whose answer is lost may have run, and is not sent again unasked', async () => {
  const page = await open(await Server.start());
  let sent = 0;
  await page.route(EXECUTE, async (route) => {
    sent += 1;
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await type(page, '/echo once');
  await message(page, '/echo once').getByText('It may have run').waitFor();
  expect(sent).toBe(1);
  await message(page, '/echo once').getByRole('button', { name: 'Try again' }).click();
  await expect.poll(() => messages(page).count()).toBe(2);
  await message(page, '/echo once').and(page.locator('[data-state=success]')).waitFor();
});

test('a browser whose clock is ten minutes off signs with the time of the server, and says so', async () => {
  const { context, identity } = await owner();
  const page = await context.newPage();
  await page.clock.install({ time: Date.now() - 600_000 });
  await page.goto((await open(await Server.start())).url());
  await input(page).waitFor();
  await page.getByText('10 min behind').waitFor();
  await type(page, '/whoami');
  await settled(page, '/whoami').getByText(identity.address).first().waitFor();
});

test('a wallet is not asked twice unasked: the difference of the clocks is explained, and the time of the server offered', async () => {
  const { context, identity } = await connected();
  const page = await context.newPage();
  await page.clock.install();
  await page.goto((await open(await Server.start())).url());
  await page.getByText(/^\d+ ms$/).waitFor();
  await page.clock.setSystemTime(Date.now() + 600_000);
  await type(page, '/whoami');
  await settled(page, '/whoami').getByText('10 min ahead of').waitFor();
  await message(page, '/whoami').getByRole('button', { name: "Sign with the server's time" }).click();
  await settled(page, '/whoami').and(page.locator('[data-state=success]')).getByText(identity.address).first().waitFor();
});

test('several lines are one request, and each is answered by itself', async () => {
  const { context, identity } = await owner();
  const page = await open(await Server.start(), context);
  await page.getByText('live').waitFor();
  const seen = requests(page);
  await input(page).fill('/echo one\n/whoami\n/echo\n/echo one');
  await page.getByRole('button', { name: 'Run 4 commands as one batch' }).click();
  await expect.poll(() => messages(page).and(page.locator('[aria-busy=false]')).count()).toBe(4);
  await message(page, '/whoami').getByText(identity.address).first().waitFor();
  await message(page, '/echo').getByText('is missing').first().waitFor();
  expect(await commands(page)).toEqual(['/echo one', '/whoami', '/echo', '/echo one']);
  expect(await messages(page).and(page.locator('[data-state=error]')).count()).toBe(1);
  expect(seen.filter((request) => request.startsWith('POST /api/v1/commands'))).toEqual(['POST /api/v1/commands/batch']);
});
