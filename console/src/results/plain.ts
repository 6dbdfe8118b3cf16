/** A result as text without marks, to be read, mailed or put into a spreadsheet. */

import type { Answer } from '@nexus/client';
import { json } from './json.ts';
import { type Row, cellOf, columnsOf, isRow, isScalar, kindOf, soleScalar } from './view/kind.ts';

/** The message, what to do about it, and the data where they say more. */
export function plainAnswer({ message, hint, data }: Answer): string {
  const says = data === undefined || data === null || repeats(message, data) ? [] : [plain(data)];
  return [message, ...(hint ? [hint] : []), ...says].join('\n');
}

/** Whether the message says all that is in the data: its one text. */
export function repeats(message: string, data: unknown): boolean {
  const sole = soleScalar(data);
  return typeof sole === 'string' && sole.trim() === message.trim();
}

export function plain(value: unknown, depth = 0): string {
  const kind = kindOf(value, undefined, depth);
  if (isScalar(value)) return String(value);
  if (kind === 'nothing') return Array.isArray(value) ? '[]' : '{}';
  if (kind === 'list' && Array.isArray(value)) return value.map((item) => `- ${plain(item)}`).join('\n');
  if (kind === 'table' && Array.isArray(value)) return plainTable(value.filter(isRow));
  if (kind === 'keyvalue' && isRow(value)) {
    return Object.entries(value).map(([name, member]) => plainMember(name, member, depth)).join('\n');
  }
  return json(value) ?? '…';
}

function plainMember(name: string, value: unknown, depth: number): string {
  const text = plain(value, depth + 1);
  return isScalar(value) || kindOf(value) === 'nothing' ? `${name}: ${text}` : `${name}:\n${text.replace(/^/gm, '  ')}`;
}

/** Tabs between the cells, as spreadsheets take them. */
function plainTable(rows: readonly Row[]): string {
  const columns = columnsOf(rows);
  const lines = rows.map((row) => columns.map((column) => plainCell(cellOf(row, column))));
  return [columns, ...lines].map((cells) => cells.join('\t')).join('\n');
}

function plainCell(value: unknown): string {
  const text = value === undefined ? '' : isScalar(value) ? String(value) : (json(value, 0) ?? '…');
  return text.replace(/[\t\n\r]+/g, ' ');
}
