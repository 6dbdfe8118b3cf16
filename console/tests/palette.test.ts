import { createIdentity } from '@nexus/client';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { input, messages, open, Server, type, visitor } from './common.ts';
import { crowd } from './crowd.ts';
import { adopt, owner } from './key.ts';

const options = (page: Page) => page.getByRole('listbox').getByRole('option');
const chosen = (page: Page) => page.getByRole('listbox').getByRole('option', { selected: true });
const hint = (page: Page) => page.getByRole('status').filter({ hasText: /./ });
const names = async (page: Page) =>
  (await options(page).locator('code').allTextContents()).map((name) => name.split(' ')[0]);

/** What the server was asked to run, in order. */
function sent(page: Page): string[] {
  const commands: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/commands/execute')) commands.push(JSON.parse(request.postData() ?? '{}').command);
  });
  return commands;
}

test('a slash opens the list, and every letter narrows it', async () => {
  const page = await open(await Server.start());
  await expect.poll(() => options(page).count()).toBe(0);
  await input(page).pressSequentially('/');
  await options(page).getByText('/ping').waitFor();
  expect(await names(page)).toContain('/echo');
  await input(page).pressSequentially('pin');
  await expect.poll(() => names(page)).toEqual(['/ping']);
  await input(page).fill('');
  await expect.poll(() => options(page).count()).toBe(0);
});

test('commands are found by letters of their name, by their alias and by their description', async () => {
  const page = await open(await Server.start(), (await owner()).context);
  await input(page).fill('/iddel');
  await expect.poll(() => names(page)).toEqual(['/identity/delete']);
  await input(page).fill('/p');
  await expect.poll(async () => (await names(page))[0]).toBe('/ping');
  await input(page).fill('/colours');
  await expect.poll(async () => (await names(page))[0]).toBe('/theme');
  expect(await options(page).first().locator('mark').allTextContents()).toContain('colours');
});

test('Ctrl+K and Cmd+K lead to the palette from anywhere', async () => {
  const page = await open(await Server.start());
  for (const key of ['Control+k', 'Meta+k']) {
    await input(page).fill('');
    await input(page).blur();
    await page.keyboard.press(key);
    await options(page).first().waitFor();
    expect(await input(page).inputValue()).toBe('/');
  }
});

test('a slash typed outside of an input leads to the palette, and what stands there stays', async () => {
  const page = await open(await Server.start());
  await input(page).blur();
  await page.keyboard.press('/');
  await options(page).first().waitFor();
  expect(await input(page).inputValue()).toBe('/');
  await input(page).fill('/echo a');
  await input(page).blur();
  await page.keyboard.press('/');
  await expect.poll(() => input(page).evaluate((element) => element === document.activeElement)).toBe(true);
  expect(await input(page).inputValue()).toBe('/echo a');
});

test('what was used last stands first, for each key by itself', async () => {
  const page = await open(await Server.start());
  await type(page, '/theme dark');
  await type(page, '/ping');
  await input(page).fill('/');
  await expect.poll(async () => (await names(page)).slice(0, 2)).toEqual(['/ping', '/theme']);
  await page.reload();
  await input(page).fill('/');
  await expect.poll(async () => (await names(page)).slice(0, 2)).toEqual(['/ping', '/theme']);
  await adopt(page, await createIdentity());
  await input(page).fill('/');
  await expect.poll(async () => (await names(page))[0]).toBe('/clear');
});

test('what was used lately comes before what is as near, and an alias before that', async () => {
  const page = await open(await Server.start(), (await owner()).context);
  await type(page, '/prompt/set tone Be brief.');
  await input(page).fill('/pro');
  await expect.poll(async () => (await names(page))[0]).toBe('/prompt/set');
  await input(page).fill('/p');
  await expect.poll(async () => (await names(page))[0]).toBe('/ping');
});

test('the arrows go through the list and around its ends, and Enter runs the command that is chosen', async () => {
  const page = await open(await Server.start());
  const commands = sent(page);
  await input(page).fill('/');
  await options(page).first().waitFor();
  const all = await names(page);
  await input(page).press('ArrowUp');
  await expect.poll(() => chosen(page).textContent()).toContain(all.at(-1));
  await input(page).press('ArrowDown');
  await expect.poll(() => chosen(page).textContent()).toContain(all[0]);
  for (let at = 0; at < all.indexOf('/ping'); at += 1) await input(page).press('ArrowDown');
  await input(page).press('Enter');
  await messages(page).getByText('pong').waitFor();
  expect(commands).toEqual(['/ping']);
  expect(await input(page).inputValue()).toBe('');
});

test('a command that another one begins with can be left for that', async () => {
  const page = await open(await Server.start(), (await owner()).context);
  const commands = sent(page);
  await input(page).fill('/prompt');
  await options(page).getByText('/prompt/set').waitFor();
  while (!(await chosen(page).textContent())?.includes('/prompt/show')) await input(page).press('ArrowDown');
  await input(page).press('Enter');
  await expect.poll(() => input(page).inputValue()).toBe('/prompt/show ');
  expect(commands).toEqual([]);
});

test('Tab completes the command, then the names of arguments, then their values', async () => {
  const page = await open(await Server.start(), (await owner()).context);
  const complete = async (typed: string, expected: string) => {
    await input(page).pressSequentially(typed);
    await options(page).first().waitFor();
    await input(page).press('Tab');
    await expect.poll(() => input(page).inputValue()).toBe(expected);
  };
  await complete('/config/se', '/config/set ');
  await complete('--th', '/config/set --theme ');
  await complete('da', '/config/set --theme dark ');
  await complete('--raw', '/config/set --theme dark --raw-results ');
});

test('Tab completes a subcommand that is typed as a word', async () => {
  const page = await open(await Server.start(), (await owner()).context);
  await input(page).fill('/prompt sh');
  await options(page).getByText('show', { exact: true }).waitFor();
  await input(page).press('Tab');
  await expect.poll(() => input(page).inputValue()).toBe('/prompt show ');
});

test('Tab leaves the input where there is nothing to complete', async () => {
  const page = await open(await Server.start());
  await input(page).fill('/ping');
  await options(page).first().waitFor();
  await input(page).press('Tab');
  await expect.poll(() => input(page).evaluate((element) => element === document.activeElement)).toBe(false);
});

test('Escape closes the list first, and then clears the line', async () => {
  const page = await open(await Server.start());
  await input(page).fill('/pi');
  await options(page).first().waitFor();
  await input(page).press('Escape');
  await expect.poll(() => options(page).count()).toBe(0);
  expect(await input(page).inputValue()).toBe('/pi');
  await input(page).press('Escape');
  await expect.poll(() => input(page).inputValue()).toBe('');
});

test('a command that needs arguments is completed by Enter, and told what it needs', async () => {
  const page = await open(await Server.start());
  const commands = sent(page);
  await input(page).fill('/ech');
  await options(page).first().waitFor();
  await input(page).press('Enter');
  await expect.poll(() => input(page).inputValue()).toBe('/echo ');
  await hint(page).getByText('What to say.').waitFor();
  expect(commands).toEqual([]);
  await input(page).pressSequentially('hello');
  await input(page).press('Enter');
  await messages(page).getByText('hello').first().waitFor();
  expect(commands).toEqual(['/echo hello']);
});

test('the mouse chooses what it is over, and runs what it clicks', async () => {
  const page = await open(await Server.start());
  await input(page).fill('/');
  await options(page).getByText('/ping').hover();
  await expect.poll(() => chosen(page).textContent()).toContain('/ping');
  await options(page).getByText('/ping').click();
  await messages(page).getByText('pong').waitFor();
});

test('the button does what Enter does', async () => {
  const page = await open(await Server.start());
  await input(page).fill('/pin');
  await options(page).first().waitFor();
  await page.getByRole('button', { name: 'Run' }).click();
  await messages(page).getByText('pong').waitFor();
});

test('hints tell which argument is typed, what it may be, and what lacks', async () => {
  const page = await open(await Server.start());
  await input(page).fill('/echo --times ');
  await hint(page).getByText('times whole number from 1 to 10, 1 unless given · How many times to say it.').waitFor();
  await hint(page).getByText('Still needed: text.').waitFor();
  await input(page).fill('/theme ');
  await hint(page).getByText('mode one of light, dark, system').waitFor();
  expect(await input(page).getAttribute('aria-describedby')).toBe(await hint(page).getAttribute('id'));
});

test('a mistake is seen while it is typed, and keeps nobody from sending', async () => {
  const page = await open(await Server.start());
  const commands = sent(page);
  await input(page).fill('/echo a --tims 3');
  await hint(page).getByText('--tims is no argument of this command.').waitFor();
  await input(page).fill('/echo a --times 11');
  await hint(page).getByText('times must be: whole number from 1 to 10.').waitFor();
  await input(page).press('Enter');
  await messages(page).getByText('must be a whole number from 1 to 10').first().waitFor();
  expect(commands).toEqual(['/echo a --times 11']);
});

test('visitors see what visitors may run, and by what they become members', async () => {
  const page = await open(await Server.start());
  await input(page).fill('/');
  await expect.poll(() => names(page)).toEqual(['/clear', '/echo', '/help', '/identity', '/ping', '/theme']);
  await input(page).fill('/whoami');
  await hint(page).getByText('This needs a key; /identity makes one.').waitFor();
});

test('members see more, each command with its marks', async () => {
  const page = await open(await Server.start(), (await owner()).context);
  await input(page).fill('/whoami');
  await options(page).getByText('signed').waitFor();
  await input(page).fill('/identity/delete');
  await options(page).getByText('panel').waitFor();
});

test('commands of admins are listed for admins only', async () => {
  const { context, identity } = await owner();
  const server = await Server.start({ NEXUS_ADMINS: identity.address });
  const page = await open(server, context);
  await input(page).fill('/monitor');
  await options(page).getByText('admins').waitFor();
  await adopt(page, await createIdentity());
  await input(page).fill('/');
  await expect.poll(() => names(page)).toContain('/whoami');
  await expect.poll(() => names(page)).not.toContain('/monitor-service');
});

test('a missing slash is no mistake; what names no command is told so, and not sent', async () => {
  const page = await open(await Server.start());
  const commands = sent(page);
  await type(page, 'hello there');
  await hint(page).getByText('Commands begin with /.').waitFor();
  expect(await input(page).inputValue()).toBe('hello there');
  await type(page, 'ping');
  await messages(page).getByText('pong').waitFor();
  expect(commands).toHaveLength(1);
});

test('a new line in an argument arrives', async () => {
  const page = await open(await Server.start());
  await input(page).pressSequentially('/echo one');
  await input(page).press('Shift+Enter');
  await input(page).pressSequentially('two');
  const answer = page.waitForResponse(/execute/);
  await input(page).press('Enter');
  expect((await (await answer).json()).message).toBe('one\ntwo');
});

test('the input stays usable while a command is pending', async () => {
  const page = await open(await Server.start());
  let go = () => {};
  const held = new Promise<void>((resolve) => (go = resolve));
  await page.route('**/commands/execute', async (route) => {
    if (route.request().postData()?.includes('/echo')) await held;
    await route.continue();
  });
  await type(page, '/echo late');
  await type(page, '/ping');
  await messages(page).getByText('pong').waitFor();
  go();
  await messages(page).getByText('late').first().waitFor();
});

test('those who do not see are told which row is chosen', async () => {
  const page = await open(await Server.start());
  expect(await input(page).getAttribute('aria-expanded')).toBe('false');
  await input(page).fill('/');
  await options(page).first().waitFor();
  expect(await input(page).getAttribute('aria-expanded')).toBe('true');
  await input(page).press('ArrowDown');
  await expect
    .poll(async () => chosen(page).getAttribute('id'))
    .toBe(await input(page).getAttribute('aria-activedescendant'));
  expect(await input(page).getAttribute('aria-controls')).toBe(await page.getByRole('listbox').getAttribute('id'));
});

test('of a thousand commands fifty rows are there, and the rest is counted', async () => {
  const page = await open(await Server.start(), await crowd(await visitor()));
  await input(page).fill('/');
  await expect.poll(() => options(page).count()).toBe(50);
  await page.getByText('950 more').waitFor();
  await input(page).fill('/777');
  await expect.poll(async () => (await names(page))[0]).toBe('/find-backups-777');
});

test('it speaks Chinese', async () => {
  const page = await open(await Server.start(), await visitor({ language: 'zh-CN' }));
  await page.getByRole('combobox', { name: '命令' }).fill('/echo --times ');
  await hint(page).getByText('整数 1 到 10').waitFor();
});

test('it fits a narrow screen', async () => {
  const page = await open(await Server.start(), (await owner({ viewport: { width: 320, height: 480 } })).context);
  await input(page).fill('/');
  await options(page).first().waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
});
