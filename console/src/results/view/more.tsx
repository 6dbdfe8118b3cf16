/** The first of many, and a button that shows more. What is not shown is not mounted: much is as quick as little. */

import { useState } from 'react';
import { useWords } from '../words.ts';
import css from './view.module.css';

const STEP = 50;

/** How many of `total` to show, and what stands below them. */
export function useMore(total: number, first: number) {
  const words = useWords();
  const [wanted, setWanted] = useState(first);
  const shown = Math.min(total, wanted);
  const left = total - shown;
  const more = left > 0 && (
    <button type="button" data-kind="plain" className={css.more} onClick={() => setWanted(shown + STEP)}>
      {words.more(left.toLocaleString())}
    </button>
  );
  return { shown, more };
}
