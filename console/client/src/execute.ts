/** Commands, made ready to be sent: one, or several at once. */

import { markOf } from './mark.ts';
import { type Prepared, prepared } from './prepared.ts';
import type { Proofs } from './proof.ts';
import type { Server } from './server.ts';
import { newNonce, signBare } from './sign.ts';
import type { Transport } from './transport.ts';
import type { Answer, Args, BareSignature, V1Signature } from './types.ts';

export interface ExecuteOptions {
  args?: Args;
  /** `true`: Signed Command v1. `bare`: over the text alone, for servers that still take it. */
  sign?: boolean | 'bare';
  /** Answered at once, as pending; only for who proves an address. */
  respondAsync?: boolean;
  signal?: AbortSignal;
  /** For who asks anew for the same. What is prepared without a v1 signature has one of its own. */
  idempotencyKey?: string;
  /** Milliseconds. */
  timeout?: number;
}

export interface BatchOptions {
  onError?: 'stop' | 'continue';
  sign?: boolean;
  signal?: AbortSignal;
  timeout?: number;
}

export interface BatchItem {
  command: string;
  args?: Args;
}

/** The answers of the commands that were tried, with the status that each would have had alone. */
export interface BatchData {
  results: (Answer & { http: number })[];
}

export interface PreparedBatch extends Prepared<BatchData> {
  /** The marks of the commands, in their order. */
  readonly marks: string[];
}

export interface Means {
  transport: Transport;
  server: Server;
  proofs: Proofs;
}

const EXECUTE = '/api/v1/commands/execute';
const BATCH = '/api/v1/commands/batch';

/**
 * `again`: it may be sent again. Then it has a key where it has no nonce, of which an address may have 1,024 in a day; a
 * batch has as many as it has commands.
 */
export async function prepareCommand(
  means: Means,
  command: string,
  options: ExecuteOptions,
  again: boolean,
): Promise<Prepared> {
  const { transport, server, proofs } = means;
  const { args, sign, signal, timeout } = options;
  const nonce = newNonce();
  const key = options.idempotencyKey ?? (again && sign !== true ? nonce : undefined);
  const request = { command, ...(args !== undefined && { args }) };
  const headers = {
    ...(key !== undefined && { 'idempotency-key': quoted(key) }),
    ...(options.respondAsync && { prefer: 'respond-async' }),
  };

  async function proof(): Promise<V1Signature | BareSignature | undefined> {
    if (sign === 'bare') return signBare(proofs.signer(), command);
    return sign ? proofs.sign(command, args, nonce) : undefined;
  }

  async function make() {
    const auth = await proof();
    // A signature needs no session beside it, and one of another address would be refused.
    const body = auth ? { ...request, auth } : request;
    return { body, headers: auth ? headers : { ...headers, ...proofs.bearer() }, signal, timeout };
  }

  const mark = await markOf(sign === true ? nonce : (key ?? nonce));
  const resign = sign === true && proofs.resigns();
  return prepared(transport, server, { method: 'POST', path: EXECUTE, mark, make, resign });
}

export async function prepareBatch(
  { transport, server, proofs }: Means,
  commands: BatchItem[],
  options: BatchOptions,
  again: boolean,
): Promise<PreparedBatch> {
  const { onError = 'stop', sign = false, signal, timeout } = options;
  const nonce = newNonce();
  const request = { commands, on_error: onError };

  async function make() {
    const auth = sign && (await proofs.sign(`POST ${BATCH}`, request, nonce));
    if (auth) return { body: { ...request, auth }, signal, timeout };
    const headers = { ...(again && { 'idempotency-key': quoted(nonce) }), ...proofs.bearer() };
    return { body: request, headers, signal, timeout };
  }

  // Each command but the first has a nonce, or a key, which the server makes of that of the batch.
  const of = (place: number) => markOf(place === 0 ? nonce : `${nonce}${sign ? '.' : '\n'}${place}`);
  const marks = await Promise.all(commands.map((_, place) => of(place)));
  const draft = { method: 'POST', path: BATCH, mark: await of(0), make, resign: sign && proofs.resigns() };
  // Not spread: body and headers change when it is signed again.
  return Object.assign(await prepared<BatchData>(transport, server, draft), { marks });
}

/** A string of structured fields (RFC 9651), as `Idempotency-Key` is one. */
const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
