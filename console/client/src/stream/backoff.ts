/** How long to wait before a stream is asked for again. */

import { NexusError, type Unreachable } from '../errors.ts';

/** Milliseconds that a server asks for which says nothing. */
export const RETRY = 3_000;
const LONGEST = 60_000;

/**
 * Milliseconds. Twice as long with each attempt that failed, up to a minute, and by chance up to half as much more, so that
 * not all come back at once; never less than the server asks for.
 */
export function backoff(
  failures: number,
  retry: number,
  failure?: NexusError | Unreachable,
  chance = Math.random(),
): number {
  const asked = failure instanceof NexusError ? (failure.retryAfter ?? 0) * 1000 : 0;
  const grown = Math.min(retry * 2 ** failures, Math.max(LONGEST, retry));
  return Math.round(Math.max(asked, grown) * (1 + chance / 2));
}

/** Whether to wait is of use: another request of the same kind may be accepted. */
export const passes = (failure: NexusError | Unreachable | undefined): boolean =>
  !(failure instanceof NexusError) || failure.http === 429 || failure.http >= 500;
