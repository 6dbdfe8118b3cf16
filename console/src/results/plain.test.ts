import { describe, expect, test } from 'vitest';
import { plain, plainAnswer, repeats } from './plain.ts';

describe('a result as text', () => {
  test('has its message, what to do, and its data', () => {
    const answer = { status: 'success' as const, message: 'pong', hint: 'Again?', data: { latency_ms: 0.5, ok: true } };
    expect(plainAnswer(answer)).toBe('pong\nAgain?\nlatency_ms: 0.5\nok: true');
  });

  test('says nothing twice', () => {
    expect(plainAnswer({ status: 'success', message: 'hello', data: { lines: ['hello'] } })).toBe('hello');
  });

  test('has tabs between the cells of a table, and none within', () => {
    expect(plain([{ a: 1, b: 'x\ty\nz' }, { a: 2, c: { d: [1] } }])).toBe('a\tb\tc\n1\tx y z\t\n2\t\t{"d":[1]}');
  });

  test('indents what is named by lines', () => {
    expect(plain({ list: ['a', 'b'], none: [], deep: { of: { a: 1 } } })).toBe(
      'list:\n  - a\n  - b\nnone: []\ndeep:\n  of:\n    a: 1',
    );
  });
});

test('data repeat a message where their one text is the same', () => {
  expect(repeats('a', { text: ' a ' })).toBe(true);
  expect(repeats('a', { text: 'a', n: 1 })).toBe(false);
  expect(repeats('1', { n: 1 })).toBe(false);
  expect(repeats('a', {})).toBe(false);
});
