import { expect, test } from 'vitest';
import { cellOf, columnsOf, kindOf } from './kind.ts';

test.each([
  ['text', 'scalar'],
  [null, 'scalar'],
  [{}, 'nothing'],
  [[], 'nothing'],
  [[1, 'a', null, true], 'list'],
  [[{ a: 1 }, { b: 2 }], 'table'],
  [[{ a: 1 }, 2], 'json'],
  [[[1], [2]], 'json'],
  [{ a: [1] }, 'keyvalue'],
  [[Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`c${n}`, n]))], 'json'],
])('%j is shown as %s', (value, kind) => expect(kindOf(value)).toBe(kind));

test('what a definition asks for is followed where it fits', () => {
  expect(kindOf({ a: 1 }, 'json')).toBe('json');
  expect(kindOf({ a: 1 }, 'text')).toBe('text');
  expect(kindOf([{ a: 1 }], 'list')).toBe('list');
  expect(kindOf([Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`c${n}`, n]))], 'table')).toBe('table');
  expect(kindOf([1], 'table')).toBe('list');
  expect(kindOf({ a: 1 }, 'list')).toBe('keyvalue');
  expect(kindOf([1], 'nobody')).toBe('list');
  expect(kindOf('a', 'json')).toBe('scalar');
});

test('what lies deep is a tree', () => {
  expect(kindOf({ a: 1 }, undefined, 2)).toBe('keyvalue');
  expect(kindOf({ a: 1 }, undefined, 3)).toBe('json');
});

test('columns are those of all rows, and a cell is the row’s own', () => {
  const rows = [{ b: 1 }, { a: 2, b: 3 }, JSON.parse('{"__proto__": 4}')];
  expect(columnsOf(rows)).toEqual(['b', 'a', '__proto__']);
  expect(cellOf({ b: 1 }, 'constructor')).toBeUndefined();
  expect(cellOf(rows[2], '__proto__')).toBe(4);
});
