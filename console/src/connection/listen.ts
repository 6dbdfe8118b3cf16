/** Hears the stream of whoever is here, for all tabs at once, and tells the log and the catalogue. */

import { NexusError, type Stream, type StreamEvent, type StreamState } from '@nexus/client';
import { useCatalogue } from '../catalogue/store.ts';
import { useIdentity } from '../identity/store.ts';
import { type RunEvent, useLog } from '../log/store.ts';
import { nexus } from '../nexus.ts';
import { catchUp } from './catch-up.ts';
import { check } from './check.ts';
import { useConnection } from './store.ts';

type Identity = ReturnType<typeof useIdentity.getState>;

interface Listening {
  address: string;
  by: 'ticket' | 'anonymous';
}

/** How long events are gathered; ms. */
const FRAME = 16;

const heard: RunEvent[] = [];
let now: Listening | undefined;
let stream: Stream | undefined;
/** What is heard until the stream that takes its place is open, so that nothing happens between the two. */
let former: Stream | undefined;
/** The last that was heard, from which another stream of the same address goes on. */
let last: string | undefined;
/** Whether it was open before, so that what opens now has been away. */
let wasOpen = false;

/** Called once, when the page starts. */
export function listen(): void {
  useIdentity.subscribe(follow);
  follow(useIdentity.getState());
}

/** Does not wait for the next attempt. */
export const retry = () => stream?.retry();

function follow({ address, session }: Identity): void {
  const by = session ? 'ticket' : 'anonymous';
  if (address && now?.address === address && now.by === by) {
    // Another session may do where the last did not.
    if (stream?.state.phase === 'closed') stream.retry();
    return;
  }
  former?.close();
  former = stream;
  if (!address || now?.address !== address) {
    stream?.close();
    last = undefined;
    useConnection.setState({ stream: undefined });
  }
  wasOpen = false;
  now = address && { address, by };
  stream = now && open(now);
}

function open(listening: Listening): Stream {
  return nexus.stream({
    ...listening,
    ...(last !== undefined && { after: last }),
    tabs: true,
    renew,
    onEvent,
    onState: (state) => listening === now && onState(state),
  });
}

/** A session that is good no longer is got anew, silently where that can be. */
async function renew(failure: NexusError): Promise<boolean> {
  return failure.http === 401 && (await useIdentity.getState().signIn()) !== undefined;
}

/** Ends what was heard only until now. */
function release(): void {
  former?.close();
  former = undefined;
}

function onEvent(event: StreamEvent): void {
  last = event.id ?? last;
  switch (event.type) {
    case 'command_result':
    case 'command_progress':
      hearSoon(event);
      break;
    case 'commands_changed':
      void useCatalogue.getState().load();
      break;
    case 'stream_gap':
      useConnection.getState().notice({ kind: 'gap', ...event.data });
      void catchUp();
      break;
    case 'connection_state':
      break;
  }
}

/** Where much happens at once, not every step of it is drawn. */
function hearSoon(event: RunEvent): void {
  if (heard.push(event) > 1) return;
  setTimeout(() => {
    for (const each of heard.splice(0)) useLog.getState().hear(each);
  }, FRAME);
}

function onState(state: StreamState): void {
  const before = useConnection.getState().stream?.phase;
  useConnection.setState({ stream: state });
  if (state.phase === 'waiting') {
    // There may be no place for both.
    release();
    if (before !== 'waiting') void check();
  }
  if (state.phase !== 'open') return;
  release();
  // What has changed meanwhile was not told.
  void useCatalogue.getState().load();
  if (!wasOpen) {
    wasOpen = true;
    return;
  }
  void check();
  if (state.recovered) useConnection.getState().notice({ kind: 'resumed' });
  else void catchUp();
}
