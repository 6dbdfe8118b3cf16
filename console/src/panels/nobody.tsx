/** In place of a panel that belongs to an identity, where there is none. */

import styles from './panels.module.css';
import { usePanel } from './store.ts';
import { useWords } from './words.ts';

export function Nobody() {
  const words = useWords();
  const show = usePanel((state) => state.show);
  return (
    <div className={styles.stack}>
      <p>{words.noIdentity}</p>
      <div className={styles.buttons}>
        <button type="button" data-kind="primary" onClick={() => show('/identity')}>
          {words.toIdentity}
        </button>
      </div>
    </div>
  );
}
