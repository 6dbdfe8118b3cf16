/** The line below the input: what comes next, what lacks, what is wrong. */

import { Prose } from '../prose.tsx';
import type { Hint } from './hints.ts';
import styles from './composer.module.css';

export function HintLine({ id, hints }: { id: string; hints: readonly Hint[] }) {
  return (
    <p id={id} role="status" className={styles.hints}>
      {hints.map(({ name, text, wrong }) => (
        <span key={`${name ?? ''} ${text}`} data-wrong={wrong}>
          {name && <strong>{name}</strong>} <Prose text={text} />
        </span>
      ))}
    </p>
  );
}
