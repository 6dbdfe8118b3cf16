/** What the reader can do about a message that went wrong, where one step mends it. */

import type { ReactNode } from 'react';
import { nexus } from '../nexus.ts';
import { usePanel } from '../panels/store.ts';
import { run } from '../router.ts';
import type { Entry } from './entry.ts';
import css from './message.module.css';
import { useWords } from './words.ts';

export function Mend({ entry }: { entry: Entry }) {
  const words = useWords();
  const { code } = entry.answer ?? {};
  const { args } = entry.sent ?? {};
  const again = (label: string) => (
    <button type="button" onClick={() => void run(entry.command, { panel: false, ...(args && { args }) })}>
      {label}
    </button>
  );
  if (entry.state === 'lost' || code === 'unreachable') return <Step>{again(words.again)}</Step>;
  if (entry.state !== 'error') return null;
  if (!nexus.signer && isForAKey(code)) {
    return (
      <Step>
        <button type="button" data-kind="primary" onClick={() => usePanel.getState().show('/identity')}>
          {words.create}
        </button>
      </Step>
    );
  }
  if (code === 'not_signed') return <Step>{again(words.again)}</Step>;
  if (code !== 'request_expired' && code !== 'request_not_yet_valid') return null;
  return (
    <Step>
      <p>{words.clock(nexus.clock.offset)}</p>
      {again(words.serverTime)}
    </Step>
  );
}

const isForAKey = (code = '') => ['not_signed', 'signature_required', 'identity_required'].includes(code);

const Step = ({ children }: { children: ReactNode }) => <div className={css.mend}>{children}</div>;
