/** Data made ready for a tree: long lists in spans that open one by one, long texts cut, and an end to its depth. */

import { visible } from '../visible.ts';
import { type Row, isRow } from './kind.ts';

const SPAN = 100;
const LONG = 2_000;
const DEEPEST = 200;

/** `deeper` stands for what lies below the deepest level. All of it is in the raw view. */
export function branches(value: unknown, deeper: string): Row | unknown[] {
  const ready = branch(value, deeper, 0);
  return isRow(ready) || Array.isArray(ready) ? ready : [ready];
}

function branch(value: unknown, deeper: string, depth: number): unknown {
  if (typeof value === 'string') return visible(value.length > LONG ? `${value.slice(0, LONG)}…` : value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST) return deeper;
  const members = Object.entries(value).map(([name, member]): [string, unknown] => [
    visible(name),
    branch(member, deeper, depth + 1),
  ]);
  const gather = (some: [string, unknown][]) =>
    Array.isArray(value) ? some.map(([, member]) => member) : Object.fromEntries(some);
  if (members.length <= SPAN) return gather(members);
  const spans: [string, unknown][] = [];
  for (let start = 0; start < members.length; start += SPAN) {
    const span = members.slice(start, start + SPAN);
    spans.push([`${start} … ${start + span.length - 1}`, gather(span)]);
  }
  return Object.fromEntries(spans);
}
