/** What can be done with a result, and with what still runs. */

import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { answered, page } from './answered.ts';
import { serious } from './axe.ts';
import { messages, type, visitor } from './common.ts';
import { owner } from './key.ts';

describe('what can be done with a result', () => {
  const answer = { message: 'hello', data: { text: 'it’s\u202e', n: [1, 2] }, run_id: 'r' };

  test('is to see it as it came', async () => {
    const message = await answered(await page(), answer);
    const raw = message.getByRole('button', { name: 'Raw' });
    await raw.click();
    expect(JSON.parse(await message.locator('pre').innerText())).toEqual({ status: 'success', ...answer });
    expect(await raw.getAttribute('aria-pressed')).toBe('true');
    await raw.click();
    expect(await message.locator('pre').count()).toBe(0);
  });

  test('is to see all of them as they came, where that is the setting', async () => {
    const context = await visitor();
    await context.addInitScript(() => localStorage.setItem('nexus.settings', '{"raw":true}'));
    const message = await answered(await page(context), answer);
    await message.locator('pre').waitFor();
    await message.getByRole('button', { name: 'Raw', pressed: true }).click();
    await message.locator('dt').first().waitFor();
    expect(await message.locator('pre').count()).toBe(0);
  });

  test('is to copy it, by the keyboard alone', async () => {
    const opened = await page();
    await opened.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const message = await answered(opened, answer, "/echo 'it'\\''s' --times 2");
    const button = message.getByRole('button', { name: /Cop/ });
    const copied = async (...keys: string[]) => {
      await button.focus();
      await opened.keyboard.press('Enter');
      await opened.getByRole('menuitem', { name: 'As text' }).and(opened.locator(':focus')).waitFor();
      for (const key of keys) await opened.keyboard.press(key);
      await opened.keyboard.press('Enter');
      await message.getByRole('button', { name: 'Copied' }).and(opened.locator(':focus')).waitFor();
      return opened.evaluate(() => navigator.clipboard.readText());
    };
    expect(await copied()).toBe('hello\ntext: it’s\u202e\nn:\n  - 1\n  - 2');
    expect(JSON.parse(await copied('ArrowDown'))).toEqual({ status: 'success', ...answer });
    expect(await copied('ArrowDown', 'ArrowDown')).toContain(`-d '{"command":"/echo `);
    expect(await copied('End')).toBe(`nexus echo 'it'\\''s' --times 2 --server ${new URL(opened.url()).origin}`);
    expect(await copied('ArrowUp')).toMatch(/^nexus echo/);
  });

  test('is told in a menu that Esc closes', async () => {
    const opened = await page();
    const message = await answered(opened, answer);
    await message.getByRole('button', { name: 'Copy' }).click();
    await opened.getByRole('menu').waitFor();
    await opened.keyboard.press('Escape');
    await opened.getByRole('menu').waitFor({ state: 'hidden' });
    await message.getByRole('button', { name: 'Copy' }).and(opened.locator(':focus')).waitFor();
  });

  test('is to copy it by hand where the browser forbids the page to', async () => {
    const opened = await page();
    await opened.evaluate(() => {
      Object.defineProperty(navigator, 'clipboard', { value: undefined });
    });
    const message = await answered(opened, answer);
    await message.getByRole('button', { name: 'Copy' }).click();
    await opened.getByRole('menuitem', { name: 'As JSON' }).click();
    const dialog = opened.getByRole('dialog', { name: 'Copy it yourself' });
    await dialog.waitFor();
    const selected = await opened.evaluate(() => {
      const area = document.activeElement;
      return area instanceof HTMLTextAreaElement ? area.value.slice(area.selectionStart, area.selectionEnd) : '';
    });
    expect(JSON.parse(selected)).toEqual({ status: 'success', ...answer });
    expect(await serious(opened)).toEqual([]);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'hidden' });
  });
});

describe('a run', () => {
  /** The page of an admin. */
  async function runner(): Promise<Page> {
    const { context, identity } = await owner();
    return page(context, { admin: identity.address });
  }

  test('shows how far it is, and is cancelled', async () => {
    const opened = await runner();
    await type(opened, '/countdown 600');
    const message = messages(opened).last();
    const bar = message.getByRole('progressbar', { name: 'Progress' });
    await bar.waitFor();
    expect(await bar.getAttribute('max')).toBe('600');
    await message.getByText(/^\d+ \/ 600 s$/).waitFor();
    await message.getByText(/^\d+ s to go$/).waitFor();
    await message.getByRole('button', { name: 'Cancel' }).click();
    await message.getByText('Cancelled', { exact: true }).waitFor();
    await message.getByText('cancelled', { exact: true }).waitFor();
    await bar.waitFor({ state: 'hidden' });
    expect(await message.getByRole('button', { name: 'Cancel' }).count()).toBe(0);
  });

  test('that watches the server draws what it sees while it runs, and keeps it when it has ended', async () => {
    const opened = await runner();
    await type(opened, '/monitor-service --interval 1 --samples 3');
    const message = messages(opened).last();
    const chart = message.getByRole('img', { name: /process_cpu_percent .* %/ });
    await chart.waitFor();
    await message.getByRole('list', { name: 'What it has said' }).getByText(/^processor \d+ %/).first().waitFor();
    await message.getByText('Watched: 3 samples.').waitFor();
    await chart.waitFor();
    await message.getByText('Show as a table').click();
    // The last step may come behind the answer, which ends the telling.
    expect(await message.getByRole('table').first().locator('tbody tr').count()).toBeGreaterThan(1);
    expect(await message.locator('dt', { hasText: 'samples' }).count()).toBe(1);
  });
});
