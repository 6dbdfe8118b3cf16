import { expect, test } from 'vitest';
import { asCame, json } from './json.ts';

const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

test('what nests deeply is on one line, and what nests too deeply is no text', () => {
  expect(json({ a: [1] })).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect(json(nested(1_000))).toHaveLength(2_000);
  expect(json(nested(1_000_000))).toBeUndefined();
});

test('an answer as it came has nothing that was added on the way', () => {
  const answer = { status: 'success' as const, message: 'pong', data: { a: 1 } };
  expect(json(asCame({ ...answer, ...{ http: 200, replayed: true } }), 0)).toBe(JSON.stringify(answer));
});
