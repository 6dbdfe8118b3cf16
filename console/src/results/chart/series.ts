/** Numbers that belong together, found in whatever shape data have. */

import { type Row, cellOf, columnsOf, isRow } from '../view/kind.ts';
import { timeOf } from '../view/time.ts';

export interface Line {
  name: string;
  /** Where one is missing there is a gap. */
  values: (number | null)[];
}

export interface Series {
  /** Rising: seconds since the epoch, or the number of a sample. */
  at: number[];
  isTime: boolean;
  lines: Line[];
}

/** Of a list of numbers, of objects with numbers, or of an object with such lists. Undefined where there is none. */
export function seriesOf(data: unknown): Series | undefined {
  if (Array.isArray(data)) {
    if (data.length === 0) return undefined;
    if (data.every((item) => typeof item === 'number')) return series([{ name: '', values: data }], []);
    return data.every(isRow) ? ofRows(data) : undefined;
  }
  if (!isRow(data)) return undefined;
  const lists = Object.entries(data).filter((member): member is [string, unknown[]] => Array.isArray(member[1]));
  const lines = lists.filter(([, list]) => list.length > 0 && list.every(isNumber));
  if (lines.length > 0) {
    const times = lists.map(([, list]) => list.map(secondsOf)).find(isComplete);
    return series(lines.map(([name, list]) => ({ name, values: list.map(numberOf) })), times ?? []);
  }
  const [only, ...others] = lists;
  return only && others.length === 0 ? seriesOf(only[1]) : undefined;
}

function ofRows(rows: readonly Row[]): Series | undefined {
  const columns = columnsOf(rows);
  const cells = (column: string) => rows.map((row) => cellOf(row, column));
  const times = columns.map((column) => cells(column).map(secondsOf)).find(isComplete);
  const lines = columns.map((name): Line => ({ name, values: cells(name).map(numberOf) }));
  const some = lines.filter(({ values }) => values.some((value) => value !== null));
  return some.length > 0 ? series(some, times ?? []) : undefined;
}

/** Over times where these rise, as many as there are values; else over 1, 2, 3 … */
function series(lines: Line[], times: number[]): Series {
  const length = Math.max(...lines.map(({ values }) => values.length));
  const isTime = times.length === length && times.every((time, index) => time > (times[index - 1] ?? -Infinity));
  const at = isTime ? times : Array.from({ length }, (_, index) => index + 1);
  const filled = lines.map(({ name, values }) => ({ name, values: at.map((_, index) => values[index] ?? null) }));
  return { at, isTime, lines: filled };
}

const isNumber = (value: unknown): value is number => typeof value === 'number';
const numberOf = (value: unknown) => (isNumber(value) ? value : null);
const secondsOf = (value: unknown) => {
  const time = typeof value === 'string' ? timeOf(value)?.getTime() : undefined;
  return time === undefined ? undefined : time / 1000;
};
const isComplete = (times: (number | undefined)[]): times is number[] =>
  times.length > 0 && times.every((time) => time !== undefined);
