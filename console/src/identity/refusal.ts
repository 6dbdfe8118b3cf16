/** Why a signature did not come about, in words for people. */

import { NotSigned } from '@nexus/client';
import { useWords } from './words.ts';

export type Reason =
  | 'refused'
  | 'busy'
  | 'locked'
  | 'wrong_account'
  | 'malformed'
  | 'not_allowed'
  | 'disconnected'
  | 'unsupported'
  | 'gone'
  | 'failed';

/** A wallet did not do what it was asked for. */
export class WalletError extends Error {
  override readonly name = 'WalletError';
  readonly reason: Reason;

  constructor(reason: Reason, cause?: unknown) {
    super(`The wallet: ${reason}.`, { cause });
    this.reason = reason;
  }
}

/** What to say of a wallet that did not sign; undefined where something else has happened. */
export function refusal(error: unknown): { message: string; hint?: string } | undefined {
  if (error instanceof WalletError) return useWords.now().wallet[error.reason];
  return error instanceof NotSigned ? refusal(error.cause) : undefined;
}
