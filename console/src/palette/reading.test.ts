import type { Schema } from '@nexus/client';
import { describe, expect, test } from 'vitest';
import { argumentsOf } from './arguments.ts';
import { type Fault, read } from './reading.ts';

const schema: Schema = {
  properties: {
    text: { type: 'string', minLength: 1, maxLength: 10 },
    times: { type: 'integer', minimum: 1, maximum: 10, default: 1 },
    raw_results: { type: 'boolean' },
    mode: { type: ['string', 'null'], enum: ['light', 'dark', null] },
    tag: { type: 'array', items: { type: 'string' } },
  },
  required: ['text'],
};

/** Reads a line in which `|` is the caret, if it is there. */
function reading(marked: string) {
  const caret = marked.indexOf('|');
  return read(argumentsOf(schema), marked.replace('|', ''), 0, caret);
}

const given = (line: string) =>
  Object.fromEntries(reading(line).given.map(({ argument, value }) => [argument.name, value]));

function told(fault: Fault): string {
  if ('word' in fault) return `${fault.kind} ${fault.word}`;
  if (fault.kind === 'misfit') return `${fault.argument.name} ${fault.misfit}`;
  return 'argument' in fault ? `${fault.kind} ${fault.argument.name}` : fault.kind;
}

describe('words are read as the server reads them', () => {
  test.each([
    ['hello', { text: 'hello' }],
    ['good  morning', { text: 'good morning' }],
    ['good\nmorning', { text: 'good\nmorning' }],
    [`'good  morning'`, { text: 'good  morning' }],
    ['hello --times 3', { text: 'hello', times: '3' }],
    ['--times=3 hello', { text: 'hello', times: '3' }],
    ['times:3 hello', { text: 'hello', times: '3' }],
    [`'times:3'`, { text: 'times:3' }],
    ['http://x', { text: 'http://x' }],
    ['-5', { text: '-5' }],
    ['-- --times', { text: '--times' }],
    ['--raw-results hello', { raw_results: 'true', text: 'hello' }],
    ['--no-raw-results', { raw_results: 'false' }],
    [String.raw`it\'s`, { text: "it's" }],
    [String.raw`"a\"b\c"`, { text: String.raw`a"b\c` }],
  ])('%j', (line, expected) => expect(given(line)).toEqual(expected));

  test('a list may be given again and again', () => {
    expect(reading('--tag a --tag b').given.map(({ value }) => value)).toEqual(['a', 'b']);
  });
});

describe('mistakes are seen', () => {
  test.each([
    ['--tims 3', ['unknown --tims']],
    ['-x', ['unknown -x']],
    ['--times three', ['times integer']],
    ['--times 2.5', ['times integer']],
    ['--times 11', ['times bounds']],
    ['--times 0', ['times bounds']],
    ['--times --mode dark', ['valueless times']],
    ['--mode dim', ['mode choice']],
    ['--raw-results=maybe', ['raw_results boolean']],
    ['--times 1 --times 2', ['twice times']],
    ['hello hello1', ['text length']],
    [`'hello`, ['open']],
  ])('%j', (line, expected) => expect(reading(line).faults.map(told)).toEqual(expected));
});

describe('what may still become right while it is typed is no mistake', () => {
  test.each(['--ti|', '--no-raw|', '--mode da|', '--mode=l|', '--times |', '--raw-results=t|'])('%j', (line) =>
    expect(reading(line).faults).toEqual([]),
  );

  test('what cannot is one', () => expect(reading('--times 99|').faults.map(told)).toEqual(['times bounds']));
});

describe('the argument at the caret', () => {
  test.each([
    ['|', 'text'],
    ['hel|', 'text'],
    ['--times |', 'times'],
    ['--times 3|', 'times'],
    ['--times=|', 'times'],
    ['mode:|', 'mode'],
    ['hello --mode d| --times 3', 'mode'],
    ['--ti|', undefined],
  ])('%j', (line, expected) => expect(reading(line).current?.argument?.name).toBe(expected));

  test('what lacks is told until it is there', () => {
    expect(reading('--times 3').missing.map(({ name }) => name)).toEqual(['text']);
    expect(reading('--times 3 hello').missing).toEqual([]);
  });
});
