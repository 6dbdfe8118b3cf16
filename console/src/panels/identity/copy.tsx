/** Copies a text, and says whether the browser has allowed it. */

import { useState } from 'react';
import styles from '../panels.module.css';
import { useWords } from './words.ts';

interface CopyProps {
  text: string;
  label: string;
  done: string;
}

export function Copy({ text, label, done }: CopyProps) {
  const words = useWords();
  const [told, setTold] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setTold(done);
    } catch {
      setTold(words.uncopied);
    }
  };
  return (
    <>
      <button type="button" onClick={() => void copy()}>
        {label}
      </button>{' '}
      <span role="status" className={styles.hint}>
        {told}
      </span>
    </>
  );
}
