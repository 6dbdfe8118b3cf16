/** What this package throws. An answer of a command is never thrown; what keeps one from coming is. */

import type { Answer } from './types.ts';

export type UnreachableReason = 'offline' | 'cors' | 'down' | 'timeout' | 'not_nexus';

const WHY: Record<UnreachableReason, string> = {
  offline: 'This machine is offline.',
  cors: 'The server does not allow pages of this origin.',
  down: 'Nobody answers there.',
  timeout: 'No answer came in time.',
  not_nexus: 'Something else than nexus answers there.',
};

/** No answer came. Whether a request that was sent has had its effect is not known. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
  readonly reason: UnreachableReason;
  readonly url: string;
  /** The origin that the server would have to allow, after `cors`. */
  readonly origin?: string;

  constructor(reason: UnreachableReason, url: string, more: { origin?: string; cause?: unknown } = {}) {
    super(`${url}: ${WHY[reason]}`, { cause: more.cause });
    this.reason = reason;
    this.url = url;
    if (more.origin !== undefined) this.origin = more.origin;
  }
}

/** The server has refused, where no answer of a command is returned. */
export class NexusError extends Error {
  override readonly name = 'NexusError';
  readonly code: string;
  readonly http: number;
  readonly hint?: string;
  readonly data?: unknown;
  /** Seconds. */
  readonly retryAfter?: number;

  constructor(answer: Answer & { http: number; retryAfter?: number }) {
    super(answer.message);
    this.code = answer.code ?? 'internal';
    this.http = answer.http;
    if (answer.hint !== undefined) this.hint = answer.hint;
    if (answer.data !== undefined) this.data = answer.data;
    if (answer.retryAfter !== undefined) this.retryAfter = answer.retryAfter;
  }
}

/** A request that had to be signed was not, and nothing was sent. */
export class NotSigned extends Error {
  override readonly name = 'NotSigned';
  /** There is no signer; it cannot sign this; it, or who owns it, did not want to. */
  readonly reason: 'no_signer' | 'unable' | 'refused';

  constructor(reason: NotSigned['reason'], message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

/** Words that are no mnemonic of BIP-39. */
export class MnemonicError extends Error {
  override readonly name = 'MnemonicError';
  readonly reason: 'length' | 'word' | 'checksum';
  /** The first word that is not in the list, its place counted from 1, and the nearest that is. */
  readonly word?: string;
  readonly position?: number;
  readonly suggestion?: string;

  constructor(
    reason: MnemonicError['reason'],
    message: string,
    found: { word?: string; position?: number; suggestion?: string } = {},
  ) {
    super(message);
    this.reason = reason;
    Object.assign(this, found);
  }
}

/** The browser keeps nothing, or nothing more. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly reason: 'forbidden' | 'full';

  constructor(reason: StorageError['reason'], cause?: unknown) {
    const message =
      reason === 'full' ? 'The storage of this browser is full.' : 'This browser keeps nothing for this page.';
    super(message, { cause });
    this.reason = reason;
  }
}
