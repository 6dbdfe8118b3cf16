/** What is known of the identity that is here, with a button for each thing that is not. */

import type { Address } from '@nexus/client';
import { useIdentity } from '../../identity/store.ts';
import { failed } from '../../router/failure.ts';
import { useSettings } from '../../settings/store.ts';
import styles from '../panels.module.css';
import { Copy } from './copy.tsx';
import type { Talk } from './identity.tsx';
import { useWords } from './words.ts';

export function Facts({ address, talk: { tell, request, busy } }: { address: Address; talk: Talk }) {
  const words = useWords();
  const { kind, wallet = '', session, since, signIn } = useIdentity();
  const language = useSettings((settings) => settings.language);
  const date = (time: string) => new Date(time).toLocaleString(language, { dateStyle: 'long', timeStyle: 'short' });
  const status = since ? words.since(date(since)) : since === null ? words.visitor : words.unchecked;

  const verify = () => busy || void request('/identity', { loading: words.verifying });
  const enter = async () => {
    if (busy) return;
    tell({ state: 'loading', message: words.signingIn(wallet) });
    try {
      await signIn({ asked: true });
      tell({ state: 'success', message: words.signInDone });
    } catch (error) {
      tell({ state: 'error', ...failed(error) });
    }
  };
  return (
    <dl className={styles.facts}>
      <dt>{words.address}</dt>
      <dd>
        <span className={styles.address}>{address}</span>{' '}
        <Copy text={address} label={words.copyAddress} done={words.copied} />
      </dd>
      <dt>{words.kept}</dt>
      <dd>{kind === 'wallet' ? words.keptWallet(wallet) : words.keptHere}</dd>
      <dt>{words.status}</dt>
      <dd>
        {status}{' '}
        <button type="button" aria-disabled={busy} onClick={verify}>
          {since === null ? words.enrol : words.verify}
        </button>
      </dd>
      <dt>{words.session}</dt>
      <dd>
        {session ? words.signedIn(date(session.expiresAt)) : words.signedOut}{' '}
        {!session && (
          <button type="button" aria-disabled={busy} onClick={() => void enter()}>
            {words.signIn}
          </button>
        )}
      </dd>
    </dl>
  );
}
