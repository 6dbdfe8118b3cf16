/** What is said where the server has said nothing: nothing was sent, or no answer came. */

import { NexusError, NotSigned, type Reply, Unreachable } from '@nexus/client';
import { refusal } from '../identity/refusal.ts';
import { useWords } from './words.ts';

/** Nothing has run: it was not signed, or the server was not reached, or has refused what must come before. */
export function failed(failure: unknown): Reply {
  const words = useWords.now();
  const refused = refusal(failure);
  if (refused) return { status: 'error', code: 'not_signed', ...refused, http: 0 };
  if (failure instanceof NexusError) {
    const { code, message, hint, http, data } = failure;
    return { status: 'error', code, message, http, data, ...(hint !== undefined && { hint }) };
  }
  if (failure instanceof NotSigned) {
    const { message, hint } = words.notSigned[failure.reason];
    return { status: 'error', code: 'not_signed', message, hint, http: 0 };
  }
  if (failure instanceof Unreachable) {
    const message = words.unreachable[failure.reason];
    return { status: 'error', code: 'unreachable', message, hint: words.unreachableHint, http: 0 };
  }
  return { status: 'error', code: 'internal', message: words.broken, http: 0 };
}

/** It was sent, and may have run. */
export function lost(): Reply {
  const words = useWords.now();
  return { status: 'error', code: 'lost', message: words.lost, hint: words.lostHint, http: 0 };
}
