/** The order of a table's rows. */

import { type Row, cellOf } from './kind.ts';

export interface Order {
  column: string;
  direction: 'ascending' | 'descending';
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** What a header does when it is pressed again and again: up, down, and as it came. */
export function next(order: Order | undefined, column: string): Order | undefined {
  if (order?.column !== column) return { column, direction: 'ascending' };
  return order.direction === 'ascending' ? { column, direction: 'descending' } : undefined;
}

/** Equal rows stay as they are, and those without a value stand last whichever way. */
export function ordered(rows: readonly Row[], order: Order | undefined): readonly Row[] {
  if (!order) return rows;
  const sign = order.direction === 'ascending' ? 1 : -1;
  return rows.toSorted((a, b) => {
    const [left, right] = [cellOf(a, order.column), cellOf(b, order.column)];
    const [leftIsNone, rightIsNone] = [left ?? null, right ?? null].map((cell) => cell === null);
    if (leftIsNone || rightIsNone) return Number(leftIsNone) - Number(rightIsNone);
    return sign * compare(left, right);
  });
}

function compare(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return collator.compare(textOf(left), textOf(right));
}

const textOf = (cell: unknown) => (typeof cell === 'object' ? JSON.stringify(cell) : String(cell));
