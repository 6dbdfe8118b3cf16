/**
 * One stream for all tabs of an origin: the tab that holds a lock listens, and hands on to the others what it hears.
 * When it closes, the next goes on from the last id that it was told.
 */

import type { StreamEvent } from '../types.ts';
import { type Packed, pack, unpack } from './packed.ts';
import type { Stream, StreamState } from './stream.ts';
import { turn } from './turn.ts';

type Message =
  | { kind: 'hello' }
  | { kind: 'welcome'; state: Packed; after: string | undefined; connection: StreamEvent | undefined }
  | { kind: 'event'; event: StreamEvent }
  | { kind: 'state'; state: Packed }
  | { kind: 'position'; after: string }
  | { kind: 'retry' };

interface Told {
  after?: string | undefined;
  onEvent(event: StreamEvent): void;
  onState(state: StreamState): void;
  onPosition(id: string): void;
}

/** So many ids are remembered, to tell what comes twice when the tab that listens changes. */
const REMEMBERED = 1_024;

export function shared(name: string, told: Omit<Told, 'onPosition'>, listen: (told: Told) => Stream): Stream {
  const locks = globalThis.navigator?.locks;
  if (!locks || typeof BroadcastChannel === 'undefined') return listen({ ...told, onPosition: () => {} });

  const channel = new BroadcastChannel(name);
  const post = (message: Message) => channel.postMessage(message);
  const seen = new Set<string>();
  let state: StreamState = { phase: 'connecting', leader: false };
  let { after } = told;
  let connection: StreamEvent | undefined;
  let joined = false;
  let closed = false;
  let own: Stream | undefined;

  function hear(event: StreamEvent): boolean {
    if (event.type === 'connection_state') connection = event;
    const { id } = event;
    if (id !== undefined) {
      if (seen.has(id)) return false;
      after = id;
      seen.add(id);
      for (const oldest of seen) {
        if (seen.size <= REMEMBERED) break;
        seen.delete(oldest);
      }
    }
    told.onEvent(event);
    return true;
  }

  function tell(next: StreamState): void {
    state = next;
    told.onState(next);
  }

  function lead(): Stream {
    return listen({
      after,
      onEvent(event) {
        if (hear(event)) post({ kind: 'event', event });
      },
      onState(next) {
        // The last word of a stream that another tab has taken over is not said.
        if (closed || !own) return;
        tell(next);
        post({ kind: 'state', state: pack(next) });
      },
      onPosition(id) {
        after = id;
        post({ kind: 'position', after: id });
      },
    });
  }

  function follow(message: Message): void {
    if (message.kind !== 'hello' && message.kind !== 'retry') mine.answered();
    if (message.kind === 'event') hear(message.event);
    if (message.kind === 'position') ({ after } = message);
    if (message.kind === 'state') tell({ ...unpack(message.state), leader: false });
    if (message.kind === 'welcome' && !joined) {
      joined = true;
      ({ after } = message);
      tell({ ...unpack(message.state), leader: false });
      if (message.connection && !connection) hear(message.connection);
    }
  }

  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    if (!own) follow(data);
    else if (data.kind === 'hello') post({ kind: 'welcome', state: pack(state), after, connection });
    else if (data.kind === 'retry') own.retry();
  });

  const mine = turn(locks, name, {
    lead() {
      own ??= lead();
    },
    follow() {
      const before = own;
      own = undefined;
      joined = false;
      before?.close();
      post({ kind: 'hello' });
    },
    ask: () => post({ kind: 'hello' }),
  });

  return {
    get state() {
      return state;
    },
    retry() {
      if (own) own.retry();
      else post({ kind: 'retry' });
    },
    close() {
      closed = true;
      own?.close();
      mine.close();
      channel.close();
      tell({ phase: 'closed', leader: own !== undefined });
    },
  };
}
