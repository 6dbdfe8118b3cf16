/** What each word behind the name of a command is, by the server's rules: a name, a value, or too much. */

import type { Argument } from './arguments.ts';
import { begins, plain, type Word } from './grammar.ts';

export type Part =
  | Value
  | { readonly kind: 'flag'; readonly argument: Argument; readonly value: 'true' | 'false'; readonly name: Word }
  | { readonly kind: 'valueless'; readonly argument: Argument; readonly name: Word }
  | { readonly kind: 'unknown'; readonly name: Word }
  /** `--`, after which no word names anything. */
  | { readonly kind: 'end'; readonly name: Word }
  | { readonly kind: 'stray'; readonly words: readonly [Word] };

export interface Value {
  readonly kind: 'value';
  readonly argument: Argument;
  readonly value: string;
  /** Several where they are one text. */
  readonly words: readonly Word[];
  /** The word before, if that has named the argument. */
  readonly name?: Word;
  /** Where in the line the value begins, if its own word has named the argument. */
  readonly inline?: number;
}

type Positional = { readonly kind: 'positional'; readonly word: Word };

export function partsOf(words: readonly Word[], all: readonly Argument[], line: string): Part[] {
  const parts: Part[] = [];
  const positionals: Word[] = [];
  for (const part of named(words, all)) {
    if (part.kind === 'positional') positionals.push(part.word);
    else parts.push(part);
  }
  // What names nothing fills what is required, in order; a text that is the last of these takes all that are left.
  const has = (argument: Argument): boolean =>
    parts.some((part) => (part.kind === 'value' || part.kind === 'flag') && part.argument === argument);
  const lacking = all.filter((each) => each.required && !each.list && !has(each));
  for (const [at, argument] of lacking.entries()) {
    const takesAll = at === lacking.length - 1 && argument.kind === 'text' && argument.choices.length === 0;
    const taken = positionals.splice(0, takesAll ? positionals.length : 1);
    if (taken.length > 0) parts.push({ kind: 'value', argument, value: joined(line, taken), words: taken });
  }
  return [...parts, ...positionals.map((word): Part => ({ kind: 'stray', words: [word] }))];
}

function named(words: readonly Word[], all: readonly Argument[]): (Part | Positional)[] {
  const parts: (Part | Positional)[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word; word = rest.shift()) {
    if (plain(word) === '--') {
      parts.push({ kind: 'end', name: word }, ...rest.splice(0).map(positional));
    } else if (begins(word, '--')) parts.push(option(word, rest, all));
    else parts.push(pair(word, all) ?? short(word));
  }
  return parts;
}

/** `--key value`, `--key=value`, `--flag` or `--no-flag`; takes the value from `rest`. */
function option(word: Word, rest: Word[], all: readonly Argument[]): Part {
  const [, name = '', equals, value = ''] = /^--([^=]*)(=)?([^]*)$/.exec(word.text) ?? [];
  const argument = find(all, name);
  const [next] = rest;
  if (argument && equals !== undefined) return inline(argument, value, word, `--${name}=`);
  if (argument?.kind === 'boolean') return { kind: 'flag', argument, value: 'true', name: word };
  if (argument && next && !begins(next, '--')) {
    rest.shift();
    return { kind: 'value', argument, value: next.text, words: [next], name: word };
  }
  if (argument) return { kind: 'valueless', argument, name: word };
  const negated = name.startsWith('no-') && equals === undefined ? find(all, name.slice(3)) : undefined;
  if (negated?.kind === 'boolean') return { kind: 'flag', argument: negated, value: 'false', name: word };
  return { kind: 'unknown', name: word };
}

/** `key:value`, where `key` is an argument. */
function pair(word: Word, all: readonly Argument[]): Part | undefined {
  const [, key, value = ''] = /^([^:]+):([^]*)$/.exec(plain(word) ?? '') ?? [];
  const argument = key === undefined ? undefined : find(all, key);
  return argument && inline(argument, value, word, `${key}:`);
}

const inline = (argument: Argument, value: string, word: Word, before: string): Value => ({
  kind: 'value',
  argument,
  value,
  words: [word],
  inline: word.start + before.length,
});

/** There are no names of one letter; `-5` is a value. */
const short = (word: Word): Part | Positional =>
  begins(word, '-') && /^-(?:$|[a-z])/i.test(word.text) ? { kind: 'unknown', name: word } : positional(word);

const positional = (word: Word): Positional => ({ kind: 'positional', word });

/** Words may write a hyphen where the name has an underscore. */
const find = (all: readonly Argument[], name: string): Argument | undefined =>
  all.find((each) => each.name === name || each.name === name.replaceAll('-', '_'));

/** Words that are one text, with the new lines that stood between them. */
function joined(line: string, words: readonly Word[]): string {
  return words.reduce((text, word, at) => {
    const before = words[at - 1];
    if (!before) return word.text;
    return text + (line.slice(before.end, word.start).includes('\n') ? '\n' : ' ') + word.text;
  }, '');
}
