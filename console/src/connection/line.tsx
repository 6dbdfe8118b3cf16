/** One line about the connection: whether the stream is open, how far the server is, and what has happened. */

import { useEffect, useState } from 'react';
import { type NexusError, type StreamState, Unreachable } from '@nexus/client';
import { useIdentity } from '../identity/store.ts';
import css from './line.module.css';
import { retry } from './listen.ts';
import { type Notice, useConnection } from './store.ts';
import { useWords } from './words.ts';

export function ConnectionLine() {
  const words = useWords();
  const { stream, server, trouble, notices } = useConnection();
  const phase = trouble ? 'waiting' : (stream?.phase ?? (server ? 'none' : 'connecting'));
  return (
    <section className={css.line} aria-label={words.line}>
      <span className={css.phase} data-phase={phase}>
        <span aria-hidden="true">{phase === 'open' ? '●' : '○'}</span> {words.phases[phase]}
      </span>
      {server && !trouble && (
        <>
          <span>{words.milliseconds(Math.max(1, Math.round(server.latency)))}</span>
          <span>nexus {server.version}</span>
        </>
      )}
      {stream && stream.phase !== 'open' && <Waiting stream={stream} />}
      <div role="status" className={css.notices}>
        {notices.map((notice) => (
          <Notice key={notice.kind} notice={notice} />
        ))}
      </div>
    </section>
  );
}

/** Why the stream is not open, when it is tried again, and what can be done. */
function Waiting({ stream: { phase, retryAt, failure } }: { stream: StreamState }) {
  const words = useWords();
  const seconds = useSeconds(phase === 'waiting' ? retryAt : undefined);
  const signIn = () => void useIdentity.getState().signIn({ asked: true }).catch(tell);
  const isExpired = failure && isRefusal(failure) && failure.http === 401;
  return (
    <>
      {failure && isRefusal(failure) && <span>{isExpired ? words.expired : failure.message}</span>}
      {seconds !== undefined && <span>{words.again(seconds)}</span>}
      {isExpired && phase === 'closed' ? (
        <button type="button" onClick={signIn}>
          {words.signIn}
        </button>
      ) : (
        phase !== 'connecting' && (
          <button type="button" onClick={retry}>
            {words.now}
          </button>
        )
      )}
    </>
  );
}

function Notice({ notice }: { notice: Notice }) {
  const words = useWords();
  const dismiss = useConnection((connection) => connection.dismiss);
  return (
    <span className={css.notice}>
      {useText(notice)}
      {notice.kind === 'version' && (
        <button type="button" onClick={() => location.reload()}>
          {words.reload}
        </button>
      )}
      <button type="button" data-kind="plain" aria-label={words.dismiss} onClick={() => dismiss(notice.kind)}>
        ✕
      </button>
    </span>
  );
}

function useText(notice: Notice): string {
  const words = useWords();
  switch (notice.kind) {
    case 'resumed':
      return words.resumed;
    case 'gap':
      return words.gap[notice.reason] + (notice.missed ? ` ${words.missed(notice.missed)}` : '');
    case 'version':
      return words.version(notice.from, notice.to);
    case 'clock':
      return words.clock(notice.seconds);
    case 'failed':
      return notice.message;
  }
}

/** The seconds until a moment, told anew each second. */
function useSeconds(until: number | undefined): number | undefined {
  const [, again] = useState(0);
  useEffect(() => {
    if (until === undefined) return undefined;
    const timer = setInterval(() => again((count) => count + 1), 1_000);
    return () => clearInterval(timer);
  }, [until]);
  return until === undefined ? undefined : Math.max(0, Math.ceil((until - Date.now()) / 1_000));
}

const isRefusal = (failure: Unreachable | NexusError): failure is NexusError => !(failure instanceof Unreachable);

function tell(failure: unknown): void {
  const message = failure instanceof Error ? failure.message : String(failure);
  useConnection.getState().notice({ kind: 'failed', message });
}
