/** Renderers of one’s own, and what every view has to be. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answered, page, rows } from './answered.ts';
import { serious } from './axe.ts';
import { messages, type, visitor } from './common.ts';

describe('a renderer of one’s own', () => {
  /** The same console, into which the renderers were built. */
  const folder = mkdtempSync(join(tmpdir(), 'nexus-page-'));
  const fixture = fileURLToPath(new URL('own-renderers.tsx', import.meta.url));
  const bring = {
    name: 'own-renderers',
    transform: (code: string, id: string) => (id.endsWith('/src/main.tsx') ? `import '${fixture}';${code}` : undefined),
  };

  beforeAll(async () => {
    const root = fileURLToPath(new URL('..', import.meta.url));
    await build({ root, plugins: [bring], build: { outDir: folder, emptyOutDir: true }, logLevel: 'error' });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function ownPage(): Promise<Page> {
    const context = await visitor();
    await context.route('**/assets/**', (route) => {
      const { pathname } = new URL(route.request().url());
      return route.fulfill({ path: join(folder, pathname) });
    });
    return page(context, { body: readFileSync(join(folder, 'index.html'), 'utf8') });
  }

  test('draws the data of the commands that name it', async () => {
    const message = await answered(await ownPage(), { data: { a: 'b' } }, '/as-loud');
    await message.getByText('/as-loud says {"A":"B"}').waitFor();
  });

  test('that fails leaves the JSON, and says so', async () => {
    const message = await answered(await ownPage(), { data: { a: 'b' } }, '/as-broken');
    await message.getByText('The renderer “broken” has failed.').waitFor();
    expect(JSON.parse(await message.locator('pre').innerText())).toEqual({ a: 'b' });
    await message.getByText('Done.').waitFor();
  });
});

describe('every view', () => {
  const samples = [{ cpu_percent: 1 }, { cpu_percent: 2 }];
  const scalars = { yes: true, no: false, none: null, empty: {}, at: '2026-01-31T12:00:00Z' };
  const data = { ...scalars, list: ['a'], rows: rows(30), tree: [[1]] };
  const simple = ['# a', '- [x] b\n- c', '> d', '[h](https://a.example) `i` ~~j~~'];
  const blocks = [...simple, '|e|f|\n|-|-|\n|1|2|', '```\ng\n```', '[^1]', '[^1]: k'];
  const markdown = blocks.join('\n\n');

  for (const scheme of ['light', 'dark'] as const) {
    for (const [language, more, copy] of [['en-GB', '20 more', 'As text'], ['zh-CN', '还有 20 项', '复制为文本']] as const) {
      test(`has no serious finding of axe: ${scheme}, ${language}`, async () => {
        const opened = await page(await visitor({ scheme, language, viewport: { width: 1000, height: 3_000 } }));
        await answered(opened, { message: markdown, data });
        await messages(opened).last().getByRole('tree').waitFor();
        await messages(opened).last().getByRole('button', { name: more }).waitFor();
        expect(await serious(opened)).toEqual([]);
        await type(opened, '/clear');
        const failure = { status: 'error', code: 'invalid_arguments', hint: 'Do.', data: { a: ['b'] } };
        await answered(opened, failure);
        await answered(opened, { data: { samples } }, '/as-chart');
        await messages(opened).last().locator('summary').click();
        await answered(opened, { data: 'x'.repeat(10_000) }, '/as-text');
        const last = await answered(opened, { message: markdown, data }, '/as-json');
        await last.getByRole('button', { name: /^(Raw|原始数据)$/ }).click();
        await last.getByRole('button', { name: /^(Copy|复制)$/ }).click();
        await opened.getByRole('menuitem', { name: copy }).waitFor();
        expect(await serious(opened)).toEqual([]);
      });
    }
  }
});
