/** A piece of data in the view of its kind. */

import { Suspense, lazy } from 'react';
import { useWords } from '../words.ts';
import { KeyValue } from './keyvalue.tsx';
import { isRow, isScalar, kindOf } from './kind.ts';
import { List } from './list.tsx';
import { plain } from '../plain.ts';
import { Mark, Scalar } from './scalar.tsx';
import { Table } from './table.tsx';
import { Text } from './text.tsx';
import css from './view.module.css';

const Tree = lazy(() => import('./tree.tsx'));

export interface Viewed {
  value: unknown;
  /** What the definition asks for. */
  hint?: string | undefined;
  /** What it is called, for those who do not see where it stands. */
  label: string;
  depth?: number;
}

export function Value({ value, hint, label, depth = 0 }: Viewed) {
  const words = useWords();
  const kind = kindOf(value, hint, depth);
  if (isScalar(value)) return <Scalar value={value} hint={hint} />;
  if (kind === 'nothing') return <Mark className={css.none} mark="∅" word={words.nothing} />;
  if (kind === 'text') return <Text text={plain(value)} />;
  if (kind === 'list' && Array.isArray(value)) return <List items={value} hint={hint} label={label} depth={depth} />;
  if (kind === 'table' && Array.isArray(value)) return <Table rows={value.filter(isRow)} label={label} />;
  if (kind === 'keyvalue' && isRow(value)) return <KeyValue members={value} hint={hint} depth={depth} />;
  return (
    <Suspense>
      <Tree value={value} label={label} />
    </Suspense>
  );
}
