import { expect, test } from 'vitest';
import { pieces } from './pieces.ts';

test('a short text is one piece', () => {
  expect(pieces('')).toEqual(['']);
  expect(pieces('a **b**\n\nc')).toEqual(['a **b**\n\nc']);
});

test('a long text is cut between its lines, and nothing is lost', () => {
  const text = Array.from({ length: 3_000 }, (_, n) => `- \`/command-${n}\`: what it does`).join('\n');
  const all = pieces(text) ?? [];
  expect(all.length).toBeGreaterThan(10);
  expect(all.join('\n')).toBe(text);
  expect(Math.max(...all.map((piece) => piece.length))).toBeLessThanOrEqual(6_000);
});

test('a block of code is not cut', () => {
  const code = `\`\`\`\n${'code\n'.repeat(500)}\`\`\``;
  expect(pieces(`${'a\n'.repeat(2_900)}${code}\nb`)).toEqual([expect.stringContaining(code), 'b']);
});

test.each(['> '.repeat(40), '['.repeat(40), '*'.repeat(40), 'x'.repeat(13_000), `\`\`\`\n${'x\n'.repeat(7_000)}`])(
  'what nobody writes is no markdown',
  (text) => expect(pieces(`a\n${text}`)).toBeUndefined(),
);
