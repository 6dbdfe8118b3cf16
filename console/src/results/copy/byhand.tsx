/** The text to copy, selected, where a browser does not let the page do it. */

import { useEffect, useRef } from 'react';
import { useWords } from '../words.ts';
import css from './copy.module.css';

export function ByHand({ text, onClose }: { text: string; onClose: () => void }) {
  const words = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    area.current?.select();
  }, []);
  return (
    <dialog ref={dialog} aria-label={words.byHand} className={css.dialog} onClose={onClose}>
      <p>{words.whyByHand}</p>
      <textarea ref={area} readOnly rows={8} aria-label={words.byHand} value={text} />
      <button type="button" onClick={onClose}>
        {words.close}
      </button>
    </dialog>
  );
}
