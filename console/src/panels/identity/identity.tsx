/** The panel of `/identity`: how to get one where there is none, and what can be done with the one that is here. */

import { useIdentity } from '../../identity/store.ts';
import { Told, useFeedback } from '../feedback.tsx';
import { useFocusAfter } from '../focus.ts';
import type { PanelProps } from '../panel.tsx';
import styles from '../panels.module.css';
import { Here } from './here.tsx';
import { Nowhere } from './nowhere.tsx';
import { useWords } from './words.ts';

export type Talk = ReturnType<typeof useFeedback>;

export default function Identity({ path }: PanelProps) {
  const words = useWords();
  const address = useIdentity((state) => state.address);
  const left = useIdentity((state) => state.left);
  const talk = useFeedback();
  const top = useFocusAfter<HTMLDivElement>(address);

  return (
    <div className={styles.stack} ref={top} tabIndex={-1}>
      {left && <p className={styles.notice}>{words.left(left)}</p>}
      <Told feedback={talk.feedback} />
      {address ? (
        <Here key={address} address={address} talk={talk} deleting={path === '/identity/delete'} />
      ) : (
        <Nowhere talk={talk} />
      )}
      <details>
        <summary>{words.help}</summary>
        <p>{words.helpText}</p>
      </details>
    </div>
  );
}
