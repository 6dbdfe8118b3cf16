/** The button that opens what is folded. */

import { useWords } from '../words.ts';
import css from './view.module.css';

interface Folded {
  isOpen: boolean;
  /** Of the whole; in characters. */
  length: number;
  onTurn: (isOpen: boolean) => void;
}

export function Fold({ isOpen, length, onTurn }: Folded) {
  const words = useWords();
  return (
    <button type="button" data-kind="plain" className={css.fold} aria-expanded={isOpen} onClick={() => onTurn(!isOpen)}>
      {isOpen ? words.less : words.all(length.toLocaleString())}
    </button>
  );
}
