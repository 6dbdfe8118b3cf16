/** Asks the server who it is: how fast it answers, which version it is, and what time it has. */

import { NexusError, Unreachable } from '@nexus/client';
import { nexus } from '../nexus.ts';
import { useConnection } from './store.ts';

/** Seconds between both clocks that are worth a word: what the server allows of signatures. */
const APART = 30;

let running: Promise<void> | undefined;
/** The version that this page has known from its beginning. */
let first: string | undefined;

/** Never rejects; what is found stands in the store. */
export function check(): Promise<void> {
  return (running ??= ask().finally(() => (running = undefined)));
}

async function ask(): Promise<void> {
  const { notice } = useConnection.getState();
  const before = nexus.clock.offset;
  try {
    const server = await nexus.server();
    first ??= server.version;
    if (server.version !== first) notice({ kind: 'version', from: first, to: server.version });
    const seconds = nexus.clock.offset;
    if (Math.abs(seconds) > APART && Math.abs(seconds - before) > APART) notice({ kind: 'clock', seconds });
    useConnection.setState({ server, trouble: undefined });
  } catch (failure) {
    if (!(failure instanceof Unreachable || failure instanceof NexusError)) throw failure;
    useConnection.setState({ trouble: failure });
  }
}
