/** Answers that would do harm, or are more than anybody expects. */

import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { answered, page, rows } from './answered.ts';
import { messages, type, visitor } from './common.ts';

async function expectNoSideways(opened: Page): Promise<void> {
  expect(await opened.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
}

describe('what harms others', () => {
  const word = 'x'.repeat(100_000);
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

  test('does not widen a page of 320 px', async () => {
    const opened = await page(await visitor({ viewport: { width: 320, height: 640 } }));
    const row = { word: word.slice(0, 900), url: `https://a.example/${word.slice(0, 500)}` };
    const wide = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`column_${n}`, word.slice(0, 90)]));
    const data = { word, [word.slice(0, 300)]: 1, list: [word], rows: [row], wides: [wide] };
    await answered(opened, { message: word.slice(0, 12_000), data });
    await expectNoSideways(opened);
    const { word: long } = row;
    const blocks = [`\`${long}\``, `# ${long}`, `\`\`\`\n${long}\n\`\`\``, `|a|b|\n|-|-|\n|${long}|c|`];
    await answered(opened, { message: blocks.join('\n\n') });
    await answered(opened, { data: [[row, [wide]]] });
    await answered(opened, { status: 'error', message: word, hint: word, code: word.slice(0, 200) });
    await answered(opened, { data: { samples: [1, 2, 3] } }, '/as-chart');
    await messages(opened).last().getByRole('img').waitFor();
    await expectNoSideways(opened);
    await messages(opened).last().getByRole('button', { name: 'Raw' }).click();
    await expectNoSideways(opened);
  });

  test('in a single long word is folded, and opens', async () => {
    const message = await answered(await page(), { data: { word } });
    const button = message.getByRole('button', { name: 'Show all 100,000 characters' });
    expect((await message.locator('dd').innerText()).length).toBeLessThan(1_000);
    await button.click();
    expect((await message.locator('dd bdi').innerText()).length).toBe(100_000);
  });

  for (const [what, text] of [
    ['quotes in quotes', '>'.repeat(10_000)],
    ['quotes in quotes with spaces', '> '.repeat(8_000)],
    ['lists in lists', '- '.repeat(8_000)],
    ['open brackets', '['.repeat(15_000)],
    ['pairs of brackets', '[]('.repeat(5_000)],
    ['emphasis', '*a_ '.repeat(4_000)],
    ['backticks', Array.from({ length: 170 }, (_, n) => '`'.repeat(n)).join(' ')],
    ['cells', `|${'a|'.repeat(4_000)}\n|${'-|'.repeat(3_000)}`],
    ['footnotes', '[^a]: x\n\n[^a] '.repeat(1_000)],
    ['autolinks', 'www.a@b.'.repeat(2_000)],
    ['entities', '&#x3c;'.repeat(2_000)],
  ]) {
    test(`in a message of ${what} does not hold the page up`, async () => {
      const opened = await page();
      await answered(opened, { message: text });
      const next = await answered(opened, { message: 'still **here**' });
      await next.locator('strong').waitFor();
    });
  }

  test('in data that nest without end leaves a message that can still be used', async () => {
    const opened = await page();
    const body = `{"status":"success","message":"Deep.","data":${nested(100_000)}}`;
    const answer = { contentType: 'application/json', body };
    await opened.route('**/api/v1/commands/execute', (route) => route.fulfill(answer));
    await type(opened, '/echo x');
    const message = messages(opened).last();
    await message.getByText('Deep.').waitFor();
    await message.getByRole('button', { name: 'Raw' }).click();
    await message.getByText('nested too deeply').waitFor();
  });

  test('in a result of 256 KiB is shown, raw too', async () => {
    const opened = await page();
    const data = Object.fromEntries(rows(5_000).map((row) => [`key ${row.id}`, row]));
    const message = await answered(opened, { data });
    await message.getByText('key 0', { exact: true }).waitFor();
    expect(await message.locator('dt').count()).toBeLessThan(500);
    await message.getByRole('button', { name: 'Raw' }).click();
    await message.getByText('"key 4999"').waitFor();
  });
});
