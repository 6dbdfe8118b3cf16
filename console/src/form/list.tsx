/** A list of scalars: a row for each, which may be removed, and one more. */

import { type Aria, Control } from './control.tsx';
import type { Kind } from './field.ts';
import styles from './form.module.css';
import type { Raw } from './value.ts';
import { useWords } from './words.ts';

interface ListProps {
  item: Exclude<Kind, { type: 'list' }>;
  rows: Raw[];
  aria: Aria;
  onChange(rows: Raw[]): void;
}

export function List({ item, rows, aria: { id, name, ...aria }, onChange }: ListProps) {
  const words = useWords();
  return (
    <div
      role="group"
      id={id}
      aria-labelledby={aria['aria-labelledby']}
      aria-describedby={aria['aria-describedby']}
      className={styles.list}
    >
      {rows.map((value, place) => (
        // A row is nothing but its place and its value.
        <div key={place} className={styles.row}>
          <Control
            kind={item}
            value={value}
            chosen={false}
            aria={{
              id: `${id}-${place}`,
              name,
              'aria-label': words.row(name, place + 1),
              'aria-invalid': aria['aria-invalid'],
            }}
            onChange={(changed) => onChange(rows.with(place, changed))}
          />
          <button
            type="button"
            data-kind="plain"
            aria-label={words.remove(name, place + 1)}
            onClick={() => onChange(rows.toSpliced(place, 1))}
          >
            ✕
          </button>
        </div>
      ))}
      <button
        type="button"
        data-invalid={aria['aria-invalid']}
        onClick={() => onChange([...rows, item.type === 'boolean' ? false : ''])}
      >
        + {words.add(name)}
      </button>
    </div>
  );
}
