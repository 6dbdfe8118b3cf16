import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quoted } from './shell.ts';

test.each([
  'hello', '', ' ', "it's", "'", "''", '"$HOME"', '$(id)', '`id`', '!!', '~', '*', '\\', '\\n', 'a\nb', '\n', 'a\n',
  '; id', '&& id', '| id', '#x', '-x', '--', '=ls', '{a,b}', '漢字 äöü 👩‍💻', '\u001b[201~\nid\n', '\t', '\r', '\u202egpj',
  '%s%n', '\u0007%d\\', '\u00a0', '\u0085x', "'\u001b'\n'",
])('a shell reads %j as it was', (text) => {
  const line = quoted(text);
  const said = execFileSync('sh', ['-c', `printf '%s|' ${line} ${line} end`], { encoding: 'utf8' });
  expect(said).toBe(`${text}|${text}|end|`);
});

test('a terminal is given nothing that it obeys', () => {
  expect(quoted('a\u001b[201~\t\u202e\u0085')).not.toMatch(/[^\n -~]/);
});

test('what is plain is left as it is', () => {
  expect(quoted('https://a.example:8000/x-y_z')).toBe('https://a.example:8000/x-y_z');
});

test('U+0000 is no part of any argument', () => {
  expect(() => quoted('a\0')).toThrow(RangeError);
});
