/** The items of a list as bullets. */

import { useMore } from './more.tsx';
import { Value } from './value.tsx';
import css from './view.module.css';

const FIRST = 20;

interface Listed {
  items: readonly unknown[];
  hint: string | undefined;
  label: string;
  depth: number;
}

export function List({ items, hint, label, depth }: Listed) {
  const { shown, more } = useMore(items.length, FIRST);
  return (
    <>
      <ul className={css.list}>
        {items.slice(0, shown).map((item, index) => (
          <li key={index}>
            <Value value={item} hint={hint} label={label} depth={depth + 1} />
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}
