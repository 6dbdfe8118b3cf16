import { expect, test } from 'vitest';
import { input, messages, open, Server, type, visitor } from './common.ts';
import { owner } from './key.ts';
import { settled } from './log.ts';

const ground = (page: Awaited<ReturnType<typeof open>>) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

test('the theme is chosen in the head, is there at the next visit before the first paint, and follows the system if so wished', async () => {
  const page = await open(await Server.start(), await visitor({ scheme: 'dark' }));
  const dark = await ground(page);
  await page.getByRole('combobox', { name: 'Theme' }).selectOption('Light');
  const light = await ground(page);
  expect(light).not.toBe(dark);
  // Without the program only what comes before it is there.
  await page.route('**/assets/*.js', (route) => route.abort());
  await page.reload();
  expect(await page.locator('html').getAttribute('data-theme')).toBe('light');
  expect(await ground(page)).toBe(light);
  await page.unroute('**/assets/*.js');
  await page.reload();
  await page.getByRole('combobox', { name: 'Theme' }).selectOption('System');
  expect(await ground(page)).toBe(dark);
});

test('the language is chosen in the head, and the page is of that language', async () => {
  const page = await open(await Server.start());
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  await page.getByRole('combobox', { name: 'Language' }).selectOption('中文');
  expect(await page.locator('html').getAttribute('lang')).toBe('zh-Hans');
  expect(await page.title()).toBe('nexus 控制台');
  await page.getByRole('log', { name: '消息' }).waitFor();
  await page.reload();
  await page.getByRole('combobox', { name: '语言' }).waitFor();
});

test('what /config/set has set elsewhere holds here at once', async () => {
  const server = await Server.start();
  const { context, elsewhere } = await owner();
  const page = await open(server, context);
  await page.getByText('live').waitFor();
  await elsewhere(server).execute('/config/set --theme dark --language zh --raw-results', { sign: true });
  await page.getByRole('log', { name: '消息' }).waitFor();
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  expect(await page.getByRole('banner').getByRole('button', { name: '原始数据' }).getAttribute('aria-pressed')).toBe('true');
});

test('a browser that keeps nothing can do everything', async () => {
  const context = await visitor();
  await context.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', { get: () => { throw new DOMException('no', 'SecurityError'); } });
  });
  const page = await open(await Server.start(), context);
  await page.getByRole('combobox', { name: 'Theme' }).selectOption('Dark');
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  await type(page, '/ping');
  await settled(page, '/ping').getByText('pong').waitFor();
});

test('a link, unseen until it has the focus, leads past the head to the command line', async () => {
  const page = await open(await Server.start());
  const link = page.getByRole('link', { name: 'Skip to the command line' });
  expect((await link.boundingBox())?.width).toBe(1);
  await link.focus();
  expect((await link.boundingBox())?.width).toBeGreaterThan(50);
  await page.keyboard.press('Enter');
  await expect.poll(() => input(page).evaluate((field) => field === document.activeElement)).toBe(true);
});

test.for([320, 1280, 3840])('at %i pixels nothing is cut off or moves sideways', async (width) => {
  const page = await open(await Server.start(), await visitor({ viewport: { width, height: 700 } }));
  await type(page, '/help');
  await settled(page, '/help').waitFor();
  await type(page, `/echo ${'x'.repeat(300)}`);
  await messages(page).nth(1).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  expect(await page.getByRole('log').evaluate((log) => log.scrollWidth - log.clientWidth)).toBe(0);
});
