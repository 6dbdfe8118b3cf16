/** Sends what is ready, and sends it again where that cannot run it twice. */

import { type Reply, Unreachable } from '@nexus/client';
import { useCatalogue } from '../catalogue/store.ts';
import { check } from '../connection/check.ts';
import { isOpen, useLog } from '../log/store.ts';
import { failed, lost } from './failure.ts';
import { useWords } from './words.ts';

/** How long to wait before each further attempt; ms. Together they outlast a restart of the server. */
const PAUSES = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 20_000];

interface Delivery {
  /** The messages that wait for it. */
  ids: readonly string[];
  send(): Promise<Reply>;
  /** Whether the server knows it again, by a nonce or a key of a proven caller. */
  isKnownAgain: boolean;
  /** Whether it does not matter if it has run. */
  isHarmless: boolean;
}

export async function deliver({ ids, send, isKnownAgain, isHarmless }: Delivery): Promise<Reply> {
  const wasUnreached = useCatalogue.getState().failure instanceof Unreachable;
  for (let attempt = 0; ; attempt += 1) {
    let pause = PAUSES[attempt];
    try {
      const reply = await send();
      if (attempt === 0) return reply;
      // It ran out while no answer came, so whether it ran is not known.
      if (reply.code === 'request_expired') return lost();
      if (reply.code !== 'in_progress') return reply;
      pause = (reply.retryAfter ?? 1) * 1_000;
    } catch (failure) {
      if (!(failure instanceof Unreachable)) throw failure;
      void check();
      const wasNeverSent = failure.reason === 'cors' || wasUnreached;
      if (attempt === 0 && (wasNeverSent || (isHarmless && !isKnownAgain))) return failed(failure);
      if (!isKnownAgain || pause === undefined) return lost();
      for (const id of ids) useLog.getState().note(id, { pendingText: useWords.now().again });
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    // The stream may have told it meanwhile.
    if (!useLog.getState().entries.some((entry) => ids.includes(entry.id) && isOpen(entry))) return lost();
  }
}
