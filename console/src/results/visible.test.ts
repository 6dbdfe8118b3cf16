import { expect, test } from 'vitest';
import { visible, visibleJson } from './visible.ts';

test('what is not seen, or moves others about, is written out', () => {
  expect(visible('a\u202eb\u001b[31m\u0000\u2066\u200b\ufeff\u007f')).toBe(
    'a\\u{202e}b\\u{1b}[31m\\u{0}\\u{2066}\\u{200b}\\u{feff}\\u{7f}',
  );
});

test('line ends, tabs and the joiners of scripts and emoji stay', () => {
  expect(visible('a\tb\nc\r\nd\re')).toBe('a\tb\nc\nd\ne');
  for (const text of ['👩‍💻', 'می‌خواهم', 'שלום', '漢字']) expect(visible(text)).toBe(text);
});

test('JSON in which all is seen is the same value', () => {
  const value = { 'a\u202e': 'b\u200f\u2028' };
  const shown = visibleJson(JSON.stringify(value));
  expect(shown).toBe('{"a\\u202e":"b\\u200f\\u2028"}');
  expect(JSON.parse(shown)).toEqual(value);
});
