/** What the numbers of a line are, told from the end of its name: lines of one unit share a scale, others do not. */

import type { Line, Series } from './series.ts';

const UNITS: Record<string, string> = {
  percent: '%', bytes: 'B', ms: 'ms', seconds: 's', s: 's', secs: 's', minutes: 'min', celsius: '°C',
};
const PREFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];

export interface Group {
  /** Empty where the names tell none. */
  unit: string;
  lines: Line[];
}

export function unitOf(name: string): string {
  const last = name.toLowerCase().split(/[_\s-]/).at(-1) ?? '';
  return Object.hasOwn(UNITS, last) ? (UNITS[last] ?? '') : '';
}

/** In the order in which their units first come. */
export function grouped({ lines }: Series): Group[] {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const unit = unitOf(line.name);
    groups.set(unit, [...(groups.get(unit) ?? []), line]);
  }
  return Array.from(groups, ([unit, lines]) => ({ unit, lines }));
}

/** As people read it: `3.2 GiB`, `41 %`. */
export function measured(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined) return '–';
  if (unit !== 'B') return [rounded(value), unit].filter(Boolean).join(' ');
  const power = Math.min(PREFIXES.length - 1, Math.floor(Math.log2(Math.max(1, Math.abs(value))) / 10));
  return `${rounded(value / 1024 ** power)} ${PREFIXES[power] ?? ''}B`;
}

/** Three digits of a small number, and all before the point of a large one. */
function rounded(value: number): string {
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
