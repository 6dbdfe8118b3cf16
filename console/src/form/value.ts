/** What stands in a control, and which argument it is. */

import type { Field, Kind } from './field.ts';
import { own } from './own.ts';

/** Of a choice, the place of the option; `''` is nothing. A list has one for each row. */
export type Raw = string | boolean;
export type Entered = Raw | Raw[];

/** How a control shows a value; `undefined` is nothing. */
export function entered(kind: Kind, value: unknown): Entered {
  if (kind.type === 'list') return Array.isArray(value) ? value.map((each) => shown(kind.item, each)) : [];
  return shown(kind, value);
}

function shown(kind: Exclude<Kind, { type: 'list' }>, value: unknown): Raw {
  if (kind.type === 'boolean') return value === true;
  if (value === undefined || value === null) return '';
  if (kind.type === 'choice') {
    const place = kind.options.findIndex((option) => option.value === value);
    return place < 0 ? '' : `${place}`;
  }
  if (kind.type === 'json') return JSON.stringify(value, null, 2);
  if (kind.type === 'text' && kind.input === 'moment') return localTime(`${value}`);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * The arguments of a form. What nobody has touched and was not there before is left to the server's default, and what
 * is empty is not sent. What is no number or no JSON goes as the text that it is: the server says what is wrong.
 */
export function argumentsOf(
  fields: readonly Field[],
  values: Record<string, Entered>,
  meant: ReadonlySet<string>,
): Record<string, unknown> {
  const pairs = fields.flatMap(({ name, kind, required }): [string, unknown][] => {
    const value = argument(kind, own(values, name) ?? '');
    const sent = meant.has(name) || (required && kind.type === 'boolean');
    return sent && value !== undefined ? [[name, value]] : [];
  });
  return Object.fromEntries(pairs);
}

function argument(kind: Kind, value: Entered): unknown {
  if (Array.isArray(value))
    return kind.type === 'list' ? value.map((each) => scalar(kind.item, each) ?? '') : undefined;
  return kind.type === 'list' ? undefined : scalar(kind, value);
}

function scalar(kind: Exclude<Kind, { type: 'list' }>, raw: Raw): unknown {
  if (typeof raw === 'boolean') return raw;
  if (raw === '') return undefined;
  if (kind.type === 'text') return kind.input === 'moment' ? utc(raw) : raw;
  if (kind.type === 'choice') return kind.options[Number(raw)]?.value;
  if (kind.type === 'json') return json(raw);
  const number = Number(raw);
  return Number.isFinite(number) ? number : raw;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** RFC 3339 as `datetime-local` writes it, in the time of this machine. */
function localTime(text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return '';
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function utc(text: string): string {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}
