/** What can be done with a result: see it as it came, copy it, and cancel what runs. */

import { cancel } from '../router.ts';
import type { Entry } from '../log/entry.ts';
import { CopyMenu } from './copy/menu.tsx';
import { useWords } from './words.ts';
import css from './result.module.css';

interface Props {
  entry: Entry;
  isRaw: boolean;
  onRaw: (isRaw: boolean) => void;
}

export function Actions({ entry, isRaw, onRaw }: Props) {
  const words = useWords();
  return (
    <div className={css.actions}>
      {entry.state === 'pending' && entry.runId && (
        <button type="button" data-kind="danger" onClick={() => void cancel(entry)}>
          {words.cancel}
        </button>
      )}
      {entry.answer && (
        <button type="button" data-kind="plain" aria-pressed={isRaw} onClick={() => onRaw(!isRaw)}>
          {words.raw}
        </button>
      )}
      {(entry.answer ?? entry.sent) && <CopyMenu entry={entry} />}
    </div>
  );
}
