import { expect, test } from 'vitest';
import { isMarked } from './marked.ts';

test.each(['pong', 'You have no prompts.', 'hello hello', 'a - b, 3.5 % (well)', 'one\ntwo', '你好，世界', ''])(
  '%j is words',
  (text) => expect(isMarked(text)).toBe(false),
);

test.each([
  '**bold**',
  '_so_',
  'a `b`',
  '# head',
  '> quoted',
  '[a](b)',
  '- one',
  ' + one',
  '1. one',
  '2) two',
  'head\n====',
  'rule\n\n---',
  '    code',
  '~~gone~~',
  '| a |',
  '<b>',
  '&amp;',
  'https://example.com',
  'www.example.com',
  'me@example.com',
])('%j may be markdown', (text) => expect(isMarked(text)).toBe(true));
