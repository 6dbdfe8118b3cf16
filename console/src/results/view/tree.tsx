/** Whatever has no simpler view: its JSON as a tree, whose branches are mounted when they are opened. */

import { useMemo } from 'react';
import { JsonView } from 'react-json-view-lite';
import { useWords } from '../words.ts';
import { branches } from './branches.ts';
import { Scrolled } from './scrolled.tsx';
import css from './tree.module.css';

/** Opens what is small and near. */
const isOpenAtFirst = (level: number, value: unknown) =>
  level < 2 && typeof value === 'object' && value !== null && Object.keys(value).length <= 20;

export default function Tree({ value, label }: { value: unknown; label: string }) {
  const words = useWords();
  const data = useMemo(() => branches(value, words.deeper), [value, words]);
  const style = useMemo(
    () => ({
      container: css.tree ?? '',
      basicChildStyle: css.item ?? '',
      childFieldsContainer: css.items ?? '',
      label: css.label ?? '',
      clickableLabel: css.label ?? '',
      nullValue: css.other ?? '',
      undefinedValue: css.other ?? '',
      booleanValue: css.other ?? '',
      otherValue: css.other ?? '',
      numberValue: css.number ?? '',
      stringValue: css.string ?? '',
      punctuation: css.punctuation ?? '',
      expandIcon: css.open ?? '',
      collapseIcon: css.shut ?? '',
      collapsedContent: css.hidden ?? '',
      ariaLables: { expandJson: words.open, collapseJson: words.shut },
    }),
    [words],
  );
  return (
    <Scrolled label={label}>
      <JsonView data={data} style={style} shouldExpandNode={isOpenAtFirst} clickToExpandNode aria-label={label} />
    </Scrolled>
  );
}
