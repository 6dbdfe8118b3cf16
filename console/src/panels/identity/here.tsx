/** The identity that is here: what it is, and what can be done with it. */

import type { Address } from '@nexus/client';
import { useState } from 'react';
import { useIdentity } from '../../identity/store.ts';
import { useLog } from '../../log/store.ts';
import { Confirm } from '../confirm.tsx';
import styles from '../panels.module.css';
import { Export } from './export.tsx';
import { Facts } from './facts.tsx';
import type { Talk } from './identity.tsx';
import { useWords } from './words.ts';

interface HereProps {
  address: Address;
  talk: Talk;
  /** Whether the panel was opened to delete it. */
  deleting: boolean;
}

/** So much of the address is typed before it is deleted. */
const TYPED = 6;

export function Here({ address, talk: { tell, request, busy }, talk, deleting }: HereProps) {
  const words = useWords();
  const { kind, wallet = '', storage, forget } = useIdentity();
  const [asking, setAsking] = useState<'disconnect' | 'delete' | undefined>(deleting ? 'delete' : undefined);
  /** The button that gets the focus back. */
  const [asked, setAsked] = useState(asking);
  const isLocal = kind === 'local';

  const disconnect = () => {
    forget();
    const message = words.forgotten(address);
    tell({ state: 'success', message });
    useLog.getState().say('/identity', { status: 'success', message });
  };
  const remove = async () => {
    await request('/identity/delete', { loading: words.deleting, done: () => words.deleted });
    setAsking(undefined);
  };
  const ask = (what: 'disconnect' | 'delete') => {
    tell({ state: 'idle' });
    setAsking(what);
    setAsked(what);
  };
  return (
    <>
      {storage !== 'ok' && (
        <p role="alert" className={styles.notice}>
          {words[storage]}
        </p>
      )}
      <Facts address={address} talk={talk} />
      {isLocal && <Export />}
      <section className={styles.divided} aria-label={words.disconnect}>
        {asking === 'disconnect' ? (
          <Confirm
            sure={isLocal ? words.sureForget : words.sureDisconnect}
            onConfirm={disconnect}
            onCancel={() => setAsking(undefined)}
          >
            {isLocal ? words.forgetKey(address) : words.forgetWallet(wallet, address)}
          </Confirm>
        ) : (
          <button
            type="button"
            className={styles.alone}
            autoFocus={asked === 'disconnect'}
            onClick={() => ask('disconnect')}
          >
            {words.disconnect}
          </button>
        )}
        <p className={styles.hint}>{words.disconnectHelp}</p>
      </section>
      <section className={styles.divided} aria-label={words.delete}>
        {asking === 'delete' ? (
          <Confirm
            sure={words.sureDelete}
            typed={{ text: address.slice(0, TYPED), label: words.type(address.slice(0, TYPED)) }}
            busy={busy}
            onConfirm={() => void remove()}
            onCancel={() => setAsking(undefined)}
          >
            {words.deletion(address)}
          </Confirm>
        ) : (
          <button
            type="button"
            data-kind="danger"
            className={styles.alone}
            autoFocus={asked === 'delete'}
            onClick={() => ask('delete')}
          >
            {words.delete}
          </button>
        )}
        <p className={styles.hint}>{words.deleteHelp}</p>
      </section>
    </>
  );
}
