/** What is said about the line while it is typed: what comes next, what lacks, and what the server will not take. */

import type { Argument } from './arguments.ts';
import type { Line } from './line.ts';
import type { Fault, Reading } from './reading.ts';
import type { Suggestions } from './suggestions.ts';
import type { Words } from './words.ts';

export interface Hint {
  /** The argument that it is about. */
  readonly name?: string;
  readonly text: string;
  readonly wrong?: true;
}

export function hintsOf(line: Line, suggestions: Suggestions, words: Words): Hint[] {
  const { found, reading, matches, candidates, pasted, locked } = suggestions;
  if (pasted) return [];
  if (line.recalled) return [{ text: words.recalled(line.recalled.at + 1, line.recalled.lines.length) }];
  if (line.refused) return [{ text: words.nameless, wrong: true }];
  if (locked) return [{ text: words.locked }];
  if (reading) return ofArguments(reading, candidates.length > 0, words);
  if (matches.total > 0) return [];
  if (found) return [{ text: `${found.form.usage} · ${found.form.description}` }];
  return /^\s*\/\s*\S/.test(line.text) ? [{ text: words.nowhere }] : [];
}

function ofArguments({ current, missing, faults }: Reading, mayGoOn: boolean, words: Words): Hint[] {
  const argument = current?.argument;
  // A word that may become another is no word too many yet.
  const fault = faults.find(({ kind }) => !(mayGoOn && kind === 'stray'));
  const others = missing.filter((each) => each !== argument);
  // What it must be is told with the fault already.
  const told = fault?.kind === 'misfit' && fault.argument === argument;
  return [
    ...(fault ? [{ text: said(fault, words), wrong: true as const }] : []),
    ...(argument && !told ? [{ name: argument.name, text: described(argument, words) }] : []),
    ...(others.length > 0 ? [{ text: words.missing(others.map((each) => each.name).join(', ')) }] : []),
  ];
}

function described(argument: Argument, words: Words): string {
  const facts = [shape(argument, words)];
  if (argument.list) facts.push(words.list);
  if (argument.default !== undefined && argument.default !== '') facts.push(words.unless(shown(argument.default)));
  return [facts.join(', '), argument.description].filter(Boolean).join(' · ');
}

/** What a value of it looks like: `whole number from 1 to 10`. */
function shape({ kind, choices, least, most }: Argument, words: Words): string {
  if (choices.length > 0) return words.choice(choices.join(', '));
  const bounds = boundsOf(kind === 'text' && least === 0 ? undefined : least, most, words);
  return [words.kind[kind], bounds, bounds && kind === 'text' && words.characters].filter(Boolean).join(' ');
}

function boundsOf(least: number | undefined, most: number | undefined, words: Words): string | undefined {
  if (least !== undefined && most !== undefined) return words.between(least, most);
  if (least !== undefined) return words.atLeast(least);
  return most === undefined ? undefined : words.atMost(most);
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function said(fault: Fault, words: Words): string {
  switch (fault.kind) {
    case 'open':
      return words.open;
    case 'unknown':
    case 'stray':
      return words[fault.kind](fault.word);
    case 'twice':
    case 'valueless':
      return words[fault.kind](fault.argument.name);
    case 'misfit':
      return words.misfit(fault.argument.name, shape(fault.argument, words));
  }
}
