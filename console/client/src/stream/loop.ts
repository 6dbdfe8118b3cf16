/** A stream that goes on where it was after every failure that passes. */

import { NexusError } from '../errors.ts';
import type { ConnectionState, StreamEvent } from '../types.ts';
import { backoff, passes, RETRY } from './backoff.ts';
import { hold, type Line } from './hold.ts';
import type { Stream, StreamState } from './stream.ts';

/** Asked for by who has heard no id yet: from now on, and with an id to begin with. */
const NOW = 'now';

export interface LoopOptions {
  after?: string | undefined;
  renew?: ((failure: NexusError) => Promise<boolean>) | undefined;
  onEvent(event: StreamEvent): void;
  onState(state: StreamState): void;
  /** From where it would go on. */
  onPosition(id: string): void;
}

export function loop(line: Line, options: LoopOptions): Stream {
  const closing = new AbortController();
  let state: StreamState = { phase: 'connecting', leader: true };
  let after = options.after ?? NOW;
  let retry = RETRY;
  let failures = 0;
  let wake = () => {};

  function tell(next: StreamState): void {
    state = next;
    options.onState(next);
  }

  let greeting: ConnectionState | undefined;
  /** Of the connection that is held now. */
  let held = { quiet: false, resumed: false, open: false };

  /** Takes up the first word on a connection, which comes again when the key changes. Whether it is news. */
  function greeted(next: ConnectionState): boolean {
    const unnoticed = held.quiet && !held.open && next.recovered;
    const same = greeting?.visitor === next.visitor && greeting.authenticated === next.authenticated;
    if (!held.open && !unnoticed) {
      tell({ phase: 'open', leader: true, ...(held.resumed && { recovered: next.recovered }) });
    }
    held.open = true;
    greeting = next;
    failures = 0;
    return !(unnoticed && same);
  }

  /** What was asked for is no gap, but the place to begin with. */
  const begins = (event: StreamEvent): boolean =>
    after === NOW && event.type === 'stream_gap' && event.data.reason === 'unknown_id';

  function heard(event: StreamEvent | undefined, id: string | undefined): void {
    const news = event && (event.type === 'connection_state' ? greeted(event.data) : !begins(event));
    if (id) {
      after = id;
      options.onPosition(id);
    }
    if (news) options.onEvent(event);
  }

  const ear = {
    event: heard,
    retry(asked: number) {
      retry = asked;
    },
  };

  /** Until the time has come, or somebody does not want to wait. */
  function pause(wait?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = wait === undefined ? undefined : setTimeout(resolve, wait);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function run(): Promise<void> {
    let quiet = false;
    while (!closing.signal.aborted) {
      held = { quiet, resumed: after !== NOW, open: false };
      if (!quiet) tell({ phase: 'connecting', leader: true });
      const { failure, silent = false } = await hold(line, after, ear, closing.signal);
      if (closing.signal.aborted) return;
      quiet = silent;
      if (quiet) continue;
      if (failure instanceof NexusError && failure.http === 401 && (await options.renew?.(failure))) continue;
      await rest(failure);
    }
  }

  async function rest(failure: StreamState['failure']): Promise<void> {
    const wait = passes(failure) ? backoff(failures++, retry, failure) : undefined;
    const why = failure && { failure };
    if (wait === undefined) tell({ phase: 'closed', leader: true, ...why });
    else tell({ phase: 'waiting', leader: true, retryAt: Date.now() + wait, ...why });
    await pause(wait);
  }

  // Whoever has called has the stream in hand before the first word of it.
  queueMicrotask(() => void run());
  const online = () => wake();
  globalThis.addEventListener?.('online', online);
  return {
    get state() {
      return state;
    },
    retry: () => wake(),
    close() {
      closing.abort();
      globalThis.removeEventListener?.('online', online);
      wake();
      tell({ phase: 'closed', leader: true });
    },
  };
}
