/** Shows the secret of the key on demand. It is in the page only while it is shown: a minute, and in no hidden tab. */

import type { Identity } from '@nexus/client';
import { useEffect, useState } from 'react';
import { ownKey } from '../../identity/store.ts';
import styles from '../panels.module.css';
import { Copy } from './copy.tsx';
import { useWords } from './words.ts';

/** Milliseconds. */
const SHOWN = 60_000;

export function Export() {
  const words = useWords();
  const [key, setKey] = useState<Pick<Identity, 'mnemonic' | 'privateKey'>>();
  const [isUnreadable, setUnreadable] = useState(false);

  useEffect(() => {
    if (!key) return;
    const hide = () => setKey(undefined);
    const later = setTimeout(hide, SHOWN);
    const away = () => document.hidden && hide();
    document.addEventListener('visibilitychange', away);
    return () => {
      clearTimeout(later);
      document.removeEventListener('visibilitychange', away);
    };
  }, [key]);

  const reveal = async () => {
    const own = await ownKey();
    setUnreadable(!own);
    setKey(own);
  };
  return (
    <section className={styles.divided} aria-label={words.export}>
      <h3>{words.export}</h3>
      <p className={styles.notice}>{words.exportHelp}</p>
      <button
        type="button"
        className={styles.alone}
        aria-expanded={key !== undefined}
        onClick={() => (key ? setKey(undefined) : void reveal())}
      >
        {key ? words.hide : words.reveal}
      </button>
      {isUnreadable && <p role="alert">{words.unreadable}</p>}
      {key && (
        <>
          <p className={styles.hint}>{words.hiding}</p>
          {key.mnemonic && (
            <>
              <ol className={styles.secret} aria-label={words.words}>
                {key.mnemonic.split(' ').map((word, place) => (
                  <li key={place}>{word}</li>
                ))}
              </ol>
              <div>
                <Copy text={key.mnemonic} label={words.copyWords} done={words.copiedSecret} />
              </div>
            </>
          )}
          <dl className={styles.facts}>
            <dt>{words.privateKey}</dt>
            <dd className={styles.address}>{key.privateKey}</dd>
          </dl>
          <div>
            <Copy text={key.privateKey} label={words.copyKey} done={words.copiedSecret} />
          </div>
        </>
      )}
    </section>
  );
}
