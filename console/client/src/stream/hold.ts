/** One connection of a stream, given up when it has been silent for too long. */

import { NexusError, Unreachable } from '../errors.ts';
import type { StreamEvent } from '../types.ts';
import type { Connect } from './connection.ts';
import { readEvent } from './event.ts';

/** Milliseconds for a connection to be accepted. */
const ACCEPTED = 30_000;

/** By how much silence a dead connection is found out. */
export interface Patience {
  /** So many times `keepalive_ms`. */
  keepalives: number;
  /** Where comments are not seen, silence is no proof: then the stream is quietly opened anew. */
  certain: boolean;
}

export interface Line {
  url: string;
  connect: Connect;
  patience: Patience;
}

export interface Ear {
  /** An event has no shape where this version does not know it, but its id counts. */
  event(event: StreamEvent | undefined, id: string | undefined): void;
  /** Milliseconds after which the server wants to be asked again. */
  retry(wait: number): void;
}

/** Why it ended, where somebody said so; or that nobody said anything, which may mean nothing. */
export interface End {
  failure?: NexusError | Unreachable;
  silent?: boolean;
}

export async function hold(
  { url, connect, patience }: Line,
  after: string,
  ear: Ear,
  closing: AbortSignal,
): Promise<End> {
  const dead = new AbortController();
  let open = false;
  let wait = ACCEPTED;
  const give = () => dead.abort(new Unreachable('timeout', url));
  let timer = setTimeout(give, wait);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(give, wait);
  };

  function heard(name: string, data: string, id: string | undefined): void {
    if (closing.aborted) return;
    const event = readEvent(name, data, id);
    if (event?.type === 'connection_state') {
      open = true;
      wait = event.data.keepalive_ms * patience.keepalives;
      alive();
    }
    ear.event(event, id);
  }

  try {
    const signal = AbortSignal.any([closing, dead.signal]);
    await connect(after, { alive, event: heard, retry: (asked) => ear.retry(asked) }, signal);
    return {};
  } catch (cause) {
    if (open && dead.signal.aborted && !patience.certain) return { silent: true };
    const failure = cause instanceof NexusError || cause instanceof Unreachable;
    return { failure: failure ? cause : new Unreachable('down', url, { cause }) };
  } finally {
    clearTimeout(timer);
  }
}
