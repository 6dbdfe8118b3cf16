import { expect, test } from 'vitest';
import { grouped, measured, unitOf } from './unit.ts';

test('a unit is told from the end of a name, and from nothing else', () => {
  const names = ['host_cpu_percent', 'memory_bytes', 'mean_ms', 'host_load', 'bytes', '', 'x_constructor'];
  expect(names.map(unitOf)).toEqual(['%', 'B', 'ms', '', 'B', '', '']);
});

test('lines of one unit stand together', () => {
  const lines = ['a_bytes', 'b_ms', 'c_bytes'].map((name) => ({ name, values: [] }));
  const groups = grouped({ at: [], isTime: false, lines });
  expect(groups.map(({ unit, lines }) => [unit, ...lines.map(({ name }) => name)])).toEqual([
    ['B', 'a_bytes', 'c_bytes'],
    ['ms', 'b_ms'],
  ]);
});

test.each([
  [0, 'B', '0 B'],
  [3 * 2 ** 30, 'B', '3 GiB'],
  [-1536, 'B', '-1.5 KiB'],
  [2 ** 80, 'B', '1073741824 PiB'],
  [41.234, '%', '41.2 %'],
  [1234.5, '', '1235'],
  [0.000_123_4, 's', '0.000123 s'],
  [null, 'B', '–'],
])('%s in %s is %s', (value, unit, text) => expect(measured(value, unit)).toBe(text));
