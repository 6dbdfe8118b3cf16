/** How to get an identity: a new key, one that was written down, or a wallet. */

import { useEffect } from 'react';
import { createIdentity, type Identity, loadKeys } from '@nexus/client';
import { useIdentity } from '../../identity/store.ts';
import { failed } from '../../router/failure.ts';
import styles from '../panels.module.css';
import type { Talk } from './identity.tsx';
import { Import } from './import.tsx';
import { Wallets } from './wallets.tsx';
import { useWords } from './words.ts';

export function Nowhere({ talk: { tell, request, busy }, talk }: { talk: Talk }) {
  const words = useWords();
  const adopt = useIdentity((state) => state.adopt);
  useEffect(() => void loadKeys().catch(() => undefined), []);

  // The key is kept before the server hears of it, so that nothing is lost where that fails.
  const take = async (identity: Identity, loading: string, done: string) => {
    adopt(identity);
    await request('/identity', { loading, done: () => done });
  };
  const create = async () => {
    if (busy) return;
    tell({ state: 'loading', message: words.creating });
    try {
      await take(await createIdentity(), words.creating, words.created);
    } catch (error) {
      // What makes keys is loaded with the first of them.
      tell({ state: 'error', ...failed(error) });
    }
  };
  return (
    <>
      <p>{words.intro}</p>
      <section className={styles.divided} aria-label={words.create}>
        <button
          type="button"
          data-kind="primary"
          className={styles.alone}
          aria-disabled={busy}
          onClick={() => void create()}
        >
          {words.create}
        </button>
        <p className={styles.hint}>{words.createHelp}</p>
      </section>
      <Import busy={busy} onImport={(identity) => take(identity, words.importing, words.imported)} />
      <Wallets talk={talk} />
    </>
  );
}
