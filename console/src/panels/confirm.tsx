/** Asks once more before something is done that cannot be undone. */

import { type FormEvent, type ReactNode, useId, useState } from 'react';
import styles from './panels.module.css';
import { useWords } from './words.ts';

interface ConfirmProps {
  /** What will happen. */
  children: ReactNode;
  /** What the button says that does it. */
  sure: string;
  /** What must be typed first, in any case of its letters, and what asks for it. */
  typed?: { text: string; label: string };
  busy?: boolean;
  onConfirm(): void;
  onCancel(): void;
}

export function Confirm({ children, sure, typed, busy = false, onConfirm, onCancel }: ConfirmProps) {
  const words = useWords();
  const id = useId();
  const [text, setText] = useState('');
  const ready = !busy && (!typed || text.trim().toLowerCase() === typed.text.toLowerCase());
  const confirm = (event: FormEvent) => {
    event.preventDefault();
    if (ready) onConfirm();
  };
  return (
    <form className={styles.confirm} onSubmit={confirm} aria-describedby={`${id}-what`} noValidate>
      <p id={`${id}-what`}>{children}</p>
      {typed && (
        <label>
          {typed.label}
          <input
            value={text}
            onChange={(event) => setText(event.target.value)}
            autoComplete="off"
            spellCheck={false}
            autoFocus
          />
        </label>
      )}
      <div className={styles.buttons}>
        <button type="button" onClick={onCancel} autoFocus={!typed}>
          {words.cancel}
        </button>
        <button type="submit" data-kind="danger" disabled={!ready}>
          {sure}
        </button>
      </div>
    </form>
  );
}
