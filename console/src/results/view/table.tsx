/** A list of objects as a table, which its headers sort. */

import { useMemo, useState } from 'react';
import { json } from '../json.ts';
import { visible } from '../visible.ts';
import { type Row, cellOf, columnsOf, isScalar } from './kind.ts';
import { useMore } from './more.tsx';
import { type Order, next, ordered } from './order.ts';
import { Scalar } from './scalar.tsx';
import { Scrolled } from './scrolled.tsx';
import { Text } from './text.tsx';
import css from './view.module.css';

const FIRST = 10;
const LONG = 160;

export function Table({ rows, label }: { rows: readonly Row[]; label: string }) {
  const [order, setOrder] = useState<Order>();
  const columns = useMemo(() => columnsOf(rows), [rows]);
  const numeric = useMemo(() => new Set(columns.filter((column) => isNumeric(rows, column))), [rows, columns]);
  const inOrder = useMemo(() => ordered(rows, order), [rows, order]);
  const { shown, more } = useMore(rows.length, FIRST);
  return (
    <>
      <Scrolled label={label}>
        <table className={css.table}>
          <thead>
            <tr>
              {columns.map((column) => (
                <Header
                  key={column}
                  column={column}
                  isNumeric={numeric.has(column)}
                  order={order}
                  onPress={() => setOrder(next(order, column))}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {inOrder.slice(0, shown).map((row, index) => (
              <tr key={index}>
                {columns.map((column) => (
                  <Cell key={column} value={cellOf(row, column)} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolled>
      {more}
    </>
  );
}

const ARROWS = { ascending: '↑', descending: '↓', none: '↕' };

const isNumeric = (rows: readonly Row[], column: string) =>
  rows.every((row) => ['number', 'undefined'].includes(typeof cellOf(row, column)));

interface Head {
  column: string;
  isNumeric: boolean;
  order: Order | undefined;
  onPress: () => void;
}

function Header({ column, isNumeric, order, onPress }: Head) {
  const sort = order?.column === column ? order.direction : 'none';
  return (
    <th scope="col" aria-sort={sort} className={isNumeric ? css.right : undefined}>
      <button type="button" data-kind="plain" onClick={onPress}>
        <bdi>{visible(column)}</bdi>
        <span aria-hidden="true" data-sort={sort}>
          {ARROWS[sort]}
        </span>
      </button>
    </th>
  );
}

function Cell({ value }: { value: unknown }) {
  if (value === undefined) return <td />;
  if (!isScalar(value)) {
    return (
      <td>
        <code>
          <Text text={json(value, 0) ?? '…'} long={LONG} />
        </code>
      </td>
    );
  }
  return (
    <td className={typeof value === 'number' ? css.right : undefined}>
      <Scalar value={value} long={LONG} />
    </td>
  );
}
