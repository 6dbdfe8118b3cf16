/** What `/prompt` and its subcommands answer. */

import type { Reply } from '@nexus/client';

export interface Row {
  name: string;
  /** In characters. */
  size: number;
}

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  typeof value.name === 'string' &&
  'size' in value &&
  typeof value.size === 'number';

/** Undefined where it did not succeed. */
export function rowsIn(reply: Reply | undefined): Row[] | undefined {
  const data = dataOf(reply);
  return data && 'prompts' in data && Array.isArray(data.prompts) ? data.prompts.filter(isRow) : undefined;
}

export function rowIn(reply: Reply | undefined): Row | undefined {
  const data = dataOf(reply);
  return isRow(data) ? data : undefined;
}

export function textIn(reply: Reply | undefined): string | undefined {
  const data = dataOf(reply);
  return data && 'text' in data && typeof data.text === 'string' ? data.text : undefined;
}

/** In the order of the server's list. */
export function merged(rows: readonly Row[], row: Row): Row[] {
  return [...rows.filter(({ name }) => name !== row.name), row].sort((one, other) => (one.name < other.name ? -1 : 1));
}

function dataOf(reply: Reply | undefined): object | undefined {
  const { status, data } = reply ?? {};
  return status === 'success' && typeof data === 'object' && data !== null ? data : undefined;
}
