import type { Schema } from '@nexus/client';
import { expect, test } from 'vitest';
import { argumentsOf } from './arguments.ts';
import { candidatesOf } from './completion.ts';
import { read } from './reading.ts';

const schema: Schema = {
  properties: {
    text: { type: 'string' },
    mode: { type: 'string', enum: ['light', 'very dark'] },
    raw_results: { type: 'boolean' },
  },
  required: ['text'],
};

/** What the line becomes by the first candidate, with `|` for the caret before and after. */
function completed(marked: string): string | undefined {
  const caret = marked.indexOf('|');
  const line = marked.replace('|', '');
  const all = argumentsOf(schema);
  const [first] = candidatesOf(all, read(all, line, 0, caret));
  return first && `${line.slice(0, first.start)}${first.insert}|${line.slice(first.end)}`;
}

test.each([
  ['--mo|', '--mode |'],
  ['--mode l|', '--mode light |'],
  ['--mode=l|', '--mode=light |'],
  ['--mode="li|', '--mode=light |'],
  ['mode:l|', 'mode:light |'],
  ['--mode v|', `--mode 'very dark' |`],
  ['--raw|', '--raw-results |'],
  ['--raw_|', '--raw_results |'],
  ['--no|', '--no-raw-results |'],
  ['--raw-results=f|', '--raw-results=false |'],
  ['--te|', '--text |'],
  ['hello |', 'hello --mode |'],
  ['--mode light a |', '--mode light a --raw-results |'],
  ['hel|', undefined],
  ['--mode x|', undefined],
])('%j becomes %j', (before, after) => expect(completed(before)).toBe(after));
