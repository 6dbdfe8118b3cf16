/** Offers to run several pasted lines: together, or one after another. */

import type { RefObject } from 'react';
import styles from './composer.module.css';
import { MOST, type Pasted } from './pasted.ts';
import { useWords } from './words.ts';

interface Props {
  bar: RefObject<HTMLDivElement | null>;
  pasted: Pasted;
  onTogether(): void;
  onSingly(): void;
  onCancel(): void;
}

export function BatchBar({ bar, pasted: { lines, leftOut }, onTogether, onSingly, onCancel }: Props) {
  const { batch: words } = useWords();
  const left = (why: 'panel' | 'client'): string =>
    leftOut.flatMap((each) => (each.why === why ? [each.line] : [])).join(', ');
  const tooMany = lines.length > MOST;

  return (
    <div ref={bar} role="group" aria-label={words.label} className={styles.batch}>
      {lines.length > 0 && !tooMany && (
        <button type="button" data-kind="primary" onClick={onTogether}>
          {words.together(lines.length)}
        </button>
      )}
      {lines.length > 0 && (
        <button type="button" onClick={onSingly}>
          {words.singly}
        </button>
      )}
      <button type="button" data-kind="plain" onClick={onCancel}>
        {words.cancel}
      </button>
      {tooMany && <p>{words.tooMany(MOST)}</p>}
      {lines.length === 0 && <p>{words.none}</p>}
      {left('panel') && <p>{words.panel(left('panel'))}</p>}
      {left('client') && <p>{words.client(left('client'))}</p>}
    </div>
  );
}
