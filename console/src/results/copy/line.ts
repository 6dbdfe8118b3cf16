/** A command as it is typed in a terminal: `nexus echo hello --times 2 --server https://…`. */

import type { Args, Schema } from '@nexus/client';
import { type Argument, argumentsOf } from '../../palette/arguments.ts';
import { read } from '../../palette/reading.ts';
import { quoted } from './shell.ts';

export interface Asked {
  /** `/identity/delete` */
  path: string;
  /** The words behind it, as they were typed. */
  rest: string;
  args?: Args | undefined;
  parameters: Schema;
  /** Whether the server wants to know who asks. */
  isProven: boolean;
  /** The server's origin. */
  url: string;
}

/** Required arguments that are no lists stand without names, in the order of the schema; all others have theirs. */
export function line({ path, rest, args, parameters, isProven, url }: Asked): string {
  const all = argumentsOf(parameters);
  const given = valuesOf(all, rest, args);
  const isPlace = ({ required, list, kind }: Argument) => required && !list && kind !== 'json';
  const places = all.filter(isPlace).flatMap(({ name }) => given.get(name) ?? []);
  const named = all.filter((argument) => !isPlace(argument));
  const options = named.flatMap((argument) => flags(argument, given.get(argument.name) ?? []));
  const own = (name: string) => `--${all.some((argument) => argument.name === name) ? 'nexus-' : ''}${name}`;
  const program = [own('server'), url, ...(isProven ? [own('key'), 'NAME'] : [])];
  const isDashed = places.some((word) => word.startsWith('-') && Number.isNaN(Number(word)));
  const words = isDashed ? [...options, ...program, '--', ...places] : [...places, ...options, ...program];
  return ['nexus', ...path.split('/').filter(Boolean), ...words].map(quoted).join(' ');
}

/** What each argument was given, by its name: typed values beat words. */
function valuesOf(all: Argument[], rest: string, args: Args | undefined): Map<string, string[]> {
  const more = Array.isArray(args) ? args.map((word) => escaped(String(word))) : [];
  const { given } = read(all, [rest, ...more].join(' '), 0);
  const values = new Map<string, string[]>();
  for (const { argument, value } of given) values.set(argument.name, [...(values.get(argument.name) ?? []), value]);
  if (args && !Array.isArray(args)) for (const [name, value] of Object.entries(args)) values.set(name, texts(value));
  return values;
}

/** One word whose beginning may still name an argument. */
const escaped = (word: string) => word.replace(/[\s'"\\]/g, '\\$&') || "''";

function texts(value: unknown): string[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap(texts);
  return [typeof value === 'object' ? JSON.stringify(value) : String(value)];
}

function flags({ name, kind }: Argument, values: string[]): string[] {
  const flag = name.replaceAll('_', '-');
  return values.flatMap((value) => {
    if (kind === 'boolean') return [value === 'true' ? `--${flag}` : `--no-${flag}`];
    return value.startsWith('-') ? [`--${flag}=${value}`] : [`--${flag}`, value];
  });
}
