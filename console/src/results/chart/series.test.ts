import { expect, test } from 'vitest';
import { seriesOf } from './series.ts';

test('a list of numbers is a line', () => {
  expect(seriesOf([3, 1, 2])).toEqual({ at: [1, 2, 3], isTime: false, lines: [{ name: '', values: [3, 1, 2] }] });
});

test('each column of numbers is a line over the times that stand beside it', () => {
  const rows = [
    { at: '2026-01-01T00:00:00Z', cpu: 1, name: 'a' },
    { at: '2026-01-01T00:00:01.5Z', cpu: null, name: 'b' },
  ];
  const start = Date.UTC(2026, 0, 1) / 1000;
  const lines = [{ name: 'cpu', values: [1, null] }];
  expect(seriesOf(rows)).toEqual({ at: [start, start + 1.5], isTime: true, lines });
  expect(seriesOf({ samples: rows })).toEqual(seriesOf(rows));
});

test('times that do not rise are no axis', () => {
  const rows = [{ at: '2026-01-01T00:00:01Z', n: 1 }, { at: '2026-01-01T00:00:00Z', n: 2 }];
  expect(seriesOf(rows)).toMatchObject({ at: [1, 2], isTime: false });
});

test('an object of lists of numbers has a line of each, with gaps where one is shorter', () => {
  expect(seriesOf({ a: [1, 2], b: [3], title: 'x' })?.lines).toEqual([
    { name: 'a', values: [1, 2] },
    { name: 'b', values: [3, null] },
  ]);
});

test.each([[[]], [{}], ['a'], [[{ a: 'b' }]], [{ a: ['x'] }], [undefined], [[1, 'a']]])('%j is none', (data) => {
  expect(seriesOf(data)).toBeUndefined();
});
