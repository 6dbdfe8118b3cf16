/** By what a run is recognised before its id is known. */

import { hex } from './bytes.ts';
import { curves } from './curves.ts';

/** The first four bytes of SHA-256 of a nonce or an idempotency key, in hexadecimal. */
export async function markOf(text: string): Promise<string> {
  return hex((await sha256(new TextEncoder().encode(text))).subarray(0, 4));
}

/** Whether a run is that of a request: its id ends with the request's mark. */
export const isRunOf = (mark: string, runId: string): boolean => runId.toLowerCase().endsWith(mark);

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  // A page that came by plain HTTP from another machine has no `subtle`.
  if (globalThis.crypto.subtle) return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return (await curves()).sha256(bytes, 'bytes');
}
