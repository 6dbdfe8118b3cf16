/** What may stand at the caret, behind the name of a command: names of arguments, their values, subcommands. */

import type { Definition } from '@nexus/client';
import type { Argument } from './arguments.ts';
import { quoted } from './grammar.ts';
import type { Reading } from './reading.ts';

export interface Candidate {
  /** `--times`, `dark` */
  readonly label: string;
  readonly description: string;
  /** What takes the place of the line from `start` to `end`. */
  readonly insert: string;
  readonly start: number;
  readonly end: number;
}

/** `definition` is there as long as a subcommand may still be named. */
export function candidatesOf(all: readonly Argument[], reading: Reading, definition?: Definition): Candidate[] {
  const { current, given } = reading;
  if (!current) return [];
  const { argument, text, start, end, naming } = current;
  const fitting = (label: string): boolean => label.toLowerCase().startsWith(text.toLowerCase());
  const place = (label: string, description: string, insert: string): Candidate[] =>
    fitting(label) ? [{ label, description, insert, start, end }] : [];

  const values = argument ? valuesOf(argument) : [];
  if (values.length > 0) {
    return values.flatMap((value) => place(value, argument?.description ?? '', `${quoted(value)} `));
  }
  const below = definition?.subcommands ?? [];
  const subcommands = below.flatMap(({ name, description }) => place(name, description, `${name} `));
  if (!naming) return subcommands;
  const names = all
    .filter((each) => each.list || !given.some((other) => other.argument === each))
    // What is required is filled in its order, and named only by who begins to name it.
    .filter((each) => !each.required || each.list || text.startsWith('-'))
    .flatMap((each) => named(each, text).flatMap((name) => place(name, each.description ?? '', `${name} `)));
  return [...subcommands, ...names];
}

const valuesOf = ({ kind, choices }: Argument): readonly string[] => (kind === 'boolean' ? ['true', 'false'] : choices);

function named({ name, kind }: Argument, text: string): string[] {
  const hyphened = name.replaceAll('_', '-');
  const names = [text.includes('_') ? `--${name}` : `--${hyphened}`];
  return kind === 'boolean' && text.startsWith('--n') ? [...names, `--no-${hyphened}`] : names;
}
