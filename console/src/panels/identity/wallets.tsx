/** The wallets of this browser, to connect one. Their icons are data: URLs, which the page's policy refuses. */

import { useEffect, useState } from 'react';
import { connect } from '../../identity/wallet/connect.ts';
import { type Wallet, discover } from '../../identity/wallet/provider.ts';
import { useLog } from '../../log/store.ts';
import { useIdentity } from '../../identity/store.ts';
import { failed } from '../../router/failure.ts';
import styles from '../panels.module.css';
import type { Talk } from './identity.tsx';
import { useWords } from './words.ts';

export function Wallets({ talk: { tell, busy } }: { talk: Talk }) {
  const words = useWords();
  const [wallets, setWallets] = useState<Wallet[]>([]);
  useEffect(() => discover(setWallets), []);

  const join = async (wallet: Wallet) => {
    if (busy) return;
    tell({ state: 'loading', message: words.connecting(wallet.name) });
    try {
      await connect(wallet);
      const message = words.connected(wallet.name, useIdentity.getState().address ?? '');
      tell({ state: 'success', message });
      useLog.getState().say('/identity', { status: 'success', message });
    } catch (error) {
      const told = failed(error);
      tell({ ...told, state: 'error' });
      useLog.getState().say('/identity', told);
    }
  };
  return (
    <section className={styles.divided} aria-label={words.wallets}>
      <h3>{words.wallets}</h3>
      <p className={styles.hint}>{wallets.length > 0 ? words.walletsHelp : words.noWallets}</p>
      <div className={styles.buttons}>
        {wallets.map((wallet, place) => (
          <button key={place} type="button" aria-disabled={busy} onClick={() => void join(wallet)}>
            <span className={styles.initial} aria-hidden>
              {[...wallet.name][0]}
            </span>{' '}
            {wallet.name}
          </button>
        ))}
      </div>
    </section>
  );
}
