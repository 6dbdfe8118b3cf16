/** Imports a key by its words or by itself. What was entered goes nowhere else, and is gone when the key is made. */

import { type Identity, importMnemonic, importPrivateKey } from '@nexus/client';
import { type FormEvent, useId, useRef, useState } from 'react';
import styles from '../panels.module.css';
import { isKey, whyNot } from './secret.ts';
import { useWords } from './words.ts';

interface ImportProps {
  busy: boolean;
  onImport(identity: Identity): Promise<void>;
}

export function Import({ busy, onImport }: ImportProps) {
  const words = useWords();
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string>();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    try {
      const identity = await (isKey(text) ? importPrivateKey(text) : importMnemonic(text));
      setText('');
      await onImport(identity);
    } catch (error) {
      setFault(whyNot(error, text));
      field.current?.focus();
    }
  };
  return (
    <form className={styles.divided} onSubmit={(event) => void submit(event)} autoComplete="off" noValidate>
      <h3>{words.import}</h3>
      <label className={styles.stack}>
        {words.importLabel}
        <textarea
          ref={field}
          rows={3}
          value={text}
          autoComplete="off"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          aria-describedby={`${id}-help ${id}-fault`}
          aria-invalid={fault !== undefined}
          aria-errormessage={`${id}-fault`}
          onChange={(event) => (setText(event.target.value), setFault(undefined))}
        />
      </label>
      <p className={styles.hint} id={`${id}-help`}>
        {words.importHelp}
      </p>
      <p className={styles.fault} id={`${id}-fault`} role="alert">
        {fault}
      </p>
      <button type="submit" className={styles.alone} aria-disabled={busy}>
        {words.import}
      </button>
    </form>
  );
}
