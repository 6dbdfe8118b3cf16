/** Which view a piece of data gets: the one its definition asks for where that fits, else the one of its shape. */

export type Kind = 'nothing' | 'scalar' | 'list' | 'table' | 'keyvalue' | 'text' | 'json';
export type Scalar = string | number | boolean | null;
export type Row = Record<string, unknown>;

/** Lists within members of members are still read at a glance; what lies deeper is a tree. */
const DEEPEST = 2;
const WIDEST = 24;

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isScalar(value: unknown): value is Scalar {
  return value === null || typeof value !== 'object';
}

export function kindOf(value: unknown, hint?: string, depth = 0): Kind {
  if (isScalar(value)) return 'scalar';
  if (hint === 'json' || hint === 'text') return hint;
  if (Object.keys(value ?? {}).length === 0) return 'nothing';
  if (depth > DEEPEST) return 'json';
  if (!Array.isArray(value)) return 'keyvalue';
  if (hint === 'list') return 'list';
  if (value.every(isScalar)) return 'list';
  if (!value.every(isRow)) return 'json';
  return hint === 'table' || columnsOf(value).length <= WIDEST ? 'table' : 'json';
}

/** The names of all rows, in the order in which they are first seen. */
export function columnsOf(rows: readonly Row[]): string[] {
  const columns = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) columns.add(name);
  return [...columns];
}

/** A cell, which a row may lack: what every object inherits is none. */
export function cellOf(row: Row, column: string): unknown {
  return Object.hasOwn(row, column) ? row[column] : undefined;
}

/** The one scalar of data that has no more than one. */
export function soleScalar(data: unknown): Scalar | undefined {
  let value = data;
  for (let depth = 0; depth <= DEEPEST && !isScalar(value); depth += 1) {
    const members = Object.values(value ?? {});
    if (members.length !== 1) return undefined;
    value = members[0];
  }
  return isScalar(value) ? value : undefined;
}
