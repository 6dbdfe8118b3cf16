/**
 * What the words of a line mean to a command, and what somebody is typing at the caret. It decides nothing: the
 * server reads the line again.
 */

import type { Argument } from './arguments.ts';
import { split, type Word } from './grammar.ts';
import { type Part, partsOf } from './parts.ts';
import { type Misfit, misfit } from './values.ts';

export interface Given {
  readonly argument: Argument;
  readonly value: string;
}

export type Fault =
  | { readonly kind: 'unknown' | 'stray'; readonly word: string }
  | { readonly kind: 'twice' | 'valueless'; readonly argument: Argument }
  | { readonly kind: 'misfit'; readonly argument: Argument; readonly misfit: Misfit }
  /** A quote is left open. */
  | { readonly kind: 'open' };

/** What the caret stands in, and the part of the line that a completion replaces. */
export interface Current {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Whose value it is. */
  readonly argument?: Argument;
  /** Whether it may become the name of an argument: `--ti`, or nothing yet. */
  readonly naming: boolean;
}

export interface Reading {
  readonly given: readonly Given[];
  /** What is required and not there. */
  readonly missing: readonly Argument[];
  readonly faults: readonly Fault[];
  readonly current?: Current;
}

/** Reads `line` from the offset `from` on, behind the name of the command; without a caret nobody is typing. */
export function read(all: readonly Argument[], line: string, from: number, caret = -1): Reading {
  const { words, open } = split(line, from);
  const touched = (word: Word | undefined): boolean => word !== undefined && word.start <= caret && caret <= word.end;
  // Where the caret stands between words, the next one is to be typed.
  if (caret >= from && !words.some(touched)) words.push({ text: '', start: caret, end: caret });
  const parts = partsOf(words.toSorted((a, b) => a.start - b.start), all, line);

  const given: Given[] = [];
  const faults: Fault[] = open ? [{ kind: 'open' }] : [];
  for (const part of parts) {
    const typing = part.kind === 'value' || part.kind === 'stray' ? part.words.some(touched) : touched(part.name);
    const fault = faultOf(part, typing, all);
    if (fault) faults.push(fault);
    if (part.kind !== 'flag' && (part.kind !== 'value' || part.words.every(untyped))) continue;
    const { argument, value } = part;
    if (!argument.list && given.some((each) => each.argument === argument)) faults.push({ kind: 'twice', argument });
    else given.push({ argument, value });
  }
  const missing = all.filter((each) => each.required && !given.some(({ argument }) => argument === each));
  const current = parts.map((part) => currentOf(part, touched)).find((each) => each !== undefined);
  return { given, missing, faults, ...(current && { current }) };
}

const untyped = (word: Word): boolean => word.start === word.end;

function faultOf(part: Part, typing: boolean, all: readonly Argument[]): Fault | undefined {
  switch (part.kind) {
    case 'value': {
      const wrong = part.words.every(untyped) ? undefined : misfit(part.argument, part.value, typing);
      return wrong && { kind: 'misfit', argument: part.argument, misfit: wrong };
    }
    case 'unknown':
      return typing && mayBecome(part.name.text, all) ? undefined : { kind: 'unknown', word: part.name.text };
    case 'valueless':
      return typing ? undefined : { kind: 'valueless', argument: part.argument };
    case 'stray':
      return untyped(part.words[0]) ? undefined : { kind: 'stray', word: part.words[0].text };
    case 'flag':
    case 'end':
      return undefined;
  }
}

const mayBecome = (word: string, all: readonly Argument[]): boolean =>
  all.some(({ name }) => [name, name.replaceAll('_', '-'), `no-${name}`].some((each) => `--${each}`.startsWith(word)));

function currentOf(part: Part, touched: (word: Word | undefined) => boolean): Current | undefined {
  if ('name' in part && part.name && touched(part.name)) {
    return { start: part.name.start, end: part.name.end, text: part.name.text, naming: true };
  }
  const word = 'words' in part ? part.words.find(touched) : undefined;
  if (!word) return undefined;
  const { start, end, text } = word;
  if (part.kind !== 'value') return { start, end, text, naming: untyped(word) };
  const { argument, value, inline, name } = part;
  if (inline !== undefined) return { start: inline, end, text: value, argument, naming: false };
  return { start, end, text, argument, naming: untyped(word) && !name };
}
