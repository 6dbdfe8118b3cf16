/** How much a browser loads before the console can be used. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const read = (path: string) => readFileSync(dist + path);

/** The scripts that the page names, by itself or to be loaded beside. */
const first = () => [...read('/index.html').toString().matchAll(/(?:src|href)="(\/[^"]+\.js)"/g)].map(([, path = '']) => path);

test('the first scripts weigh 150 kB at most, compressed', () => {
  const weight = first().reduce((sum, path) => sum + gzipSync(read(path), { level: 9 }).length, 0);
  expect(weight).toBeGreaterThan(20_000);
  expect(weight).toBeLessThanOrEqual(150_000);
});

test('what signs, draws charts and shows panels is not among them', () => {
  const text = first().map((path) => read(path).toString()).join('\n');
  // A word of the BIP-39 list, a class of uPlot, and one of the tree of JSON.
  for (const lazy of ['abandon ability', 'uplot']) expect(text.toLowerCase()).not.toContain(lazy);
});

test('nothing of the page is within it or from elsewhere', () => {
  const page = read('/index.html').toString();
  expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=/);
  expect(page).not.toMatch(/(?:src|href)="(?!\/)/);
});
