import { expect, test } from 'vitest';
import { next, ordered } from './order.ts';

const ascending = { column: 'a', direction: 'ascending' } as const;
const descending = { column: 'a', direction: 'descending' } as const;
const by = (order: typeof ascending | typeof descending, cells: unknown[]) =>
  ordered(cells.map((a) => ({ a })), order).map(({ a }) => a);

test('numbers are ordered as numbers, and texts with numbers as people do', () => {
  expect(by(ascending, [10, 9, -1, 9.5])).toEqual([-1, 9, 9.5, 10]);
  expect(by(descending, ['file 10', 'file 9'])).toEqual(['file 10', 'file 9']);
});

test('rows without a value stand last whichever way', () => {
  expect(by(ascending, [2, null, 1])).toEqual([1, 2, null]);
  expect(by(descending, [1, undefined, 2])).toEqual([2, 1, undefined]);
});

test('equal rows stay as they were', () => {
  const rows = [{ a: 1, n: 1 }, { a: 0, n: 2 }, { a: 1, n: 3 }];
  expect(ordered(rows, descending).map(({ n }) => n)).toEqual([1, 3, 2]);
});

test('a header goes up, down, and back', () => {
  expect(next(undefined, 'a')).toEqual(ascending);
  expect(next(ascending, 'a')).toEqual(descending);
  expect(next(descending, 'a')).toBeUndefined();
  expect(next(descending, 'b')).toEqual({ column: 'b', direction: 'ascending' });
});
