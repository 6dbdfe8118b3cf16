/** What answers look like. */

import { describe, expect, test } from 'vitest';
import { answered, page, rows } from './answered.ts';
import { messages, type } from './common.ts';

describe('a message', () => {
  test('is read as markdown, and its line ends stay', async () => {
    const message = await answered(await page(), { message: 'one **two**\nthree `four`' });
    await expect.poll(() => message.locator('strong').allTextContents()).toEqual(['two']);
    const text = await message.getByText('one two').innerText();
    expect(text).toBe('one two\nthree four');
  });

  test('links to the web and to mailboxes, in a tab that knows nothing of this one, and to nothing else', async () => {
    const harmless = '[a](https://a.example/x) <mailto:b@b.example>';
    const others = '[c](javascript:alert(1)) [d](/docs) [e](data:text/html,x) [f](JaVaScRiPt&colon;alert(1))';
    const message = await answered(await page(), { message: `${harmless} ${others}` });
    const links = message.getByRole('link');
    await expect.poll(() => links.count()).toBe(2);
    expect(await links.first().getAttribute('href')).toBe('https://a.example/x');
    expect(await links.first().getAttribute('rel')).toBe('noopener noreferrer');
    expect(await links.first().getAttribute('target')).toBe('_blank');
    expect(await links.last().getAttribute('href')).toBe('mailto:b@b.example');
  });

  test('shows images as links and loads none', async () => {
    const message = await answered(await page(), {
      message: '![a cat](https://elsewhere.example/cat.png) ![dot](data:image/gif;base64,R0lGODlhAQABAAAAACw=)',
    });
    await message.getByRole('link', { name: '[image: a cat]' }).waitFor();
    expect(await message.locator('img').count()).toBe(0);
    expect(await message.getByText('[image: dot]').count()).toBe(1);
  });

  test('shows its HTML as text', async () => {
    const opened = await page();
    const html = '<script>alert(1)</script> <img src=x onerror=alert(2)> <iframe src="https://b.example"></iframe>';
    const text = `a ${html}\n\n${html}\n\n<svg/onload=alert(3)>`;
    const message = await answered(opened, { message: text, data: { html } });
    await message.getByText('html', { exact: true }).waitFor();
    expect((await message.innerText()).split(html).length - 1).toBe(3);
    expect(await message.locator('script, iframe, img, svg').count()).toBe(0);
  });

  test('shows what would be hidden in it', async () => {
    const text = 'safe \u202egpj.exe \u001b[31mred\u001b[0m \u200bzero';
    const data = { 'k\u2066': text, rows: [{ 'c\u202e': text }] };
    const message = await answered(await page(), { message: text, data });
    await message.getByText('safe').first().waitFor();
    const shown = await message.innerText();
    expect(shown).not.toMatch(/[\u202e\u001b\u200b\u2066]/);
    expect(shown).toContain('safe \\u{202e}gpj.exe \\u{1b}[31mred\\u{1b}[0m \\u{200b}zero');
    expect(shown).toContain('k\\u{2066}');
  });

  test('is not repeated by data that say the same', async () => {
    const message = await answered(await page(), { message: 'hello', data: { lines: ['hello'] } });
    expect(await message.getByText('hello').count()).toBe(1);
    expect(await message.getByText('lines').count()).toBe(0);
  });

  test('that is very long is read as markdown to its end, when it is opened', async () => {
    const items = Array.from({ length: 3_000 }, (_, n) => `- **item ${n}**`);
    const message = await answered(await page(), { message: items.join('\n') });
    await message.locator('strong').first().waitFor();
    expect(await message.locator('strong').count()).toBeLessThan(1_000);
    await message.getByRole('button', { name: /Show all/ }).click();
    await expect.poll(() => message.locator('strong').count()).toBe(3_000);
  });

  test('that is long is folded', async () => {
    const lines = Array.from({ length: 200 }, (_, n) => `line ${n}`);
    const message = await answered(await page(), { message: lines.join('\n') });
    const height = async () => (await message.boundingBox())?.height ?? 0;
    const before = await height();
    await message.getByRole('button', { name: /Show all/ }).click();
    expect(await height()).toBeGreaterThan(before * 3);
  });
});

describe('data', () => {
  test('are named values, with marks for yes and no that are read aloud', async () => {
    const data = { verified: true, is_new: false, latency_ms: 0.5, none: null };
    const message = await answered(await page(), { data });
    const value = (name: string) =>
      message.locator('dt', { hasText: name }).locator('xpath=following-sibling::dd').innerText();
    expect(await value('verified')).toMatch(/✓\s*yes/);
    expect(await value('is_new')).toMatch(/✗\s*no/);
    expect(await value('latency_ms')).toBe('0.5');
    expect(await value('none')).toMatch(/–\s*none/);
  });

  test('are bullets for a list of scalars, and each member has the view of its own kind', async () => {
    const deep = { er: { est: { of: { all: [1] } } } };
    const data = { items: ['item1', 'item2', true], rows: [{ id: 1, name: 'test' }], deep };
    const message = await answered(await page(), { data });
    expect(await message.getByRole('listitem').count()).toBe(3);
    expect(await message.getByRole('table').count()).toBe(1);
    await message.getByRole('tree').waitFor();
    expect(await message.innerText()).not.toContain('{"');
  });

  test('are a table for a list of objects, with the columns of all rows in the order they come in', async () => {
    const message = await answered(await page(), {
      data: [{ b: 1, a: 'x' }, { a: 'y', c: { d: [1, 2] } }, { b: 2, constructor: 'z' }],
    });
    const headers = message.getByRole('columnheader');
    const names = ['b', 'a', 'c', 'constructor'];
    expect(await headers.allInnerTexts()).toEqual(names.map((name) => expect.stringContaining(name)));
    const cells = (row: number) => message.getByRole('row').nth(row).getByRole('cell');
    expect(await cells(2).allInnerTexts()).toEqual(['', 'y', '{"d":[1,2]}', '']);
    const align = (index: number) => cells(1).nth(index).evaluate((cell) => getComputedStyle(cell).textAlign);
    expect([await align(0), await align(1)]).toEqual(['end', 'start']);
  });

  test('of a table are sorted by its headers, and back', async () => {
    const message = await answered(await page(), { data: [{ n: 10 }, { n: 9 }, { m: 1 }, { n: 100 }] });
    const header = message.getByRole('columnheader', { name: 'n' });
    const column = () => message.locator('tbody td:first-child').allInnerTexts();
    expect(await column()).toEqual(['10', '9', '', '100']);
    await header.getByRole('button').press('Enter');
    expect(await column()).toEqual(['9', '10', '100', '']);
    expect(await header.getAttribute('aria-sort')).toBe('ascending');
    await header.getByRole('button').click();
    expect(await column()).toEqual(['100', '10', '9', '']);
    expect(await header.getAttribute('aria-sort')).toBe('descending');
    await header.getByRole('button').click();
    expect(await column()).toEqual(['10', '9', '', '100']);
    expect(await header.getAttribute('aria-sort')).toBe('none');
  });

  test('of five thousand rows show the first ten, and fifty more at a time', async () => {
    const message = await answered(await page(), { data: { items: rows(5_000) } });
    const shown = message.getByRole('table').locator('tbody tr');
    expect(await shown.count()).toBe(10);
    await message.getByRole('button', { name: '4,990 more' }).click();
    expect(await shown.count()).toBe(60);
    await message.getByRole('columnheader', { name: 'id' }).getByRole('button').dblclick();
    expect(await shown.first().innerText()).toContain('name 4999');
    expect(await message.getByRole('button', { name: '4,940 more' }).count()).toBe(1);
  });

  test('with a time show it as it is here, and exactly as it came beside it', async () => {
    const data = { timestamp: '2026-01-31T12:00:00.123Z', not: '2026-99-99T00:00:00Z' };
    const message = await answered(await page(), { data });
    const time = message.locator('dd time');
    expect(await time.count()).toBe(1);
    expect(await time.getAttribute('title')).toBe('2026-01-31T12:00:00.123Z');
    expect(await time.innerText()).toMatch(/31 Jan 2026/);
  });

  test('that nest deeper are a tree, which opens by the keyboard', async () => {
    const message = await answered(await page(), { data: [[1, { inner: ['leaf'] }]] });
    const tree = message.getByRole('tree');
    await tree.waitFor();
    const closed = tree.locator('[role=button][aria-expanded=false]').first();
    await closed.focus();
    await closed.press('ArrowRight');
    await tree.getByText('inner').waitFor();
  });

  test('are shown as their definition asks, and by their shape where nobody knows what it asks for', async () => {
    const opened = await page();
    const data = { text: '**bold**', n: [3, 4] };
    const as = async (renderer: string) => answered(opened, { data }, `/as-${renderer}`);
    await (await as('json')).getByRole('tree').waitFor();
    await expect.poll(async () => (await as('markdown')).locator('dd strong').count()).toBe(1);
    expect(await (await as('text')).innerText()).toContain('text: **bold**');
    await (await as('chart')).getByRole('img', { name: /n 4/ }).waitFor();
    for (const name of ['nobody', 'table', 'keyvalue', 'list']) {
      expect(await (await as(name)).getByRole('listitem').count()).toBe(2);
    }
  });

  test('with names that objects have by themselves are shown as any others', async () => {
    const row = '{"__proto__": "p", "toString": "t"}';
    const data = JSON.parse(`{"__proto__": {"polluted": 1}, "constructor": "c", "valueOf": "v", "rows": [${row}]}`);
    const message = await answered(await page(), { data });
    const shown = await message.innerText();
    for (const name of ['__proto__', 'polluted', 'constructor', 'valueOf', 'toString']) expect(shown).toContain(name);
    expect(await message.getByRole('cell').allInnerTexts()).toEqual(['p', 't']);
  });
});

describe('a chart', () => {
  const samples = Array.from({ length: 30 }, (_, n) => ({
    at: new Date(Date.UTC(2026, 0, 1, 0, 0, n)).toISOString(), cpu_percent: n, memory_bytes: n * 2 ** 20, load: n / 10,
  }));

  test('draws each unit by itself, says its last values, and has a table beside it', async () => {
    const message = await answered(await page(), { data: { samples } }, '/as-chart');
    await message.getByRole('img', { name: 'Line chart. Last values: cpu_percent 29 %' }).waitFor();
    await message.getByRole('img', { name: 'Line chart. Last values: memory_bytes 29 MiB' }).waitFor();
    expect(await message.locator('canvas').count()).toBe(3);
    await message.getByText('Show as a table').click();
    expect(await message.getByRole('row').count()).toBe(11);
  });

  test('is drawn in the colours of the theme that is chosen', async () => {
    const opened = await page();
    const message = await answered(opened, { data: { samples } }, '/as-chart');
    await message.locator('canvas').first().waitFor();
    const colours = () =>
      message.locator('canvas').first().evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
        const seen = new Set<string>();
        for (let at = 0; at < data.length; at += 4) seen.add(data.slice(at, at + 4).join());
        return [...seen];
      });
    await expect.poll(colours).toContain('37,73,184,255');
    await opened.evaluate(() => (document.documentElement.dataset['theme'] = 'dark'));
    await expect.poll(colours).toContain('157,180,255,255');
    expect(await colours()).not.toContain('37,73,184,255');
  });
});

describe('an error', () => {
  test('has what to do about it, and its code', async () => {
    const message = await answered(await page(), {
      status: 'error', message: 'There is no command /pnig.', code: 'unknown_command', hint: 'Did you mean /ping?',
    });
    expect(await message.getByRole('note', { name: 'What to do' }).innerText()).toBe('Did you mean /ping?');
    expect(await message.locator('code').allInnerTexts()).toContain('unknown_command');
  });

  test('of arguments lists what is wrong with each, where its message does not', async () => {
    const opened = await page();
    await type(opened, `/echo --times 99 ${Array.from({ length: 12 }, (_, n) => `--foo-${n}`).join(' ')}`);
    const list = messages(opened).last().getByRole('list', { name: 'What is wrong with the arguments' });
    const faults = list.getByRole('listitem');
    await list.waitFor();
    expect(await faults.count()).toBe(14);
    expect(await faults.first().innerText()).toBe('times must be a whole number from 1 to 10');
  });

  test('of arguments says once what is wrong', async () => {
    const opened = await page();
    await type(opened, '/echo hi --times 99');
    const message = messages(opened).last();
    await message.getByRole('note', { name: 'What to do' }).getByText('Usage: /echo <text> [--times N]').waitFor();
    expect((await message.innerText()).split('must be a whole number from 1 to 10')).toHaveLength(2);
  });
});
