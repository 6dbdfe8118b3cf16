/** What an answer of HTTP means. */

import { NexusError } from './errors.ts';
import { isAnswer, type Received, retryAfter } from './transport.ts';
import type { Answer } from './types.ts';

/** The answer of a command, and what the headers say of it. */
export type Reply<D = unknown> = Omit<Answer, 'data'> & {
  data?: D;
  /** The status of HTTP. */
  http: number;
  /** This is the answer of an earlier request with the same nonce or key. */
  replayed?: boolean;
  /** Seconds. */
  retryAfter?: number;
};

/** What is no answer of a command, such as the list of runs, stands in `data`. */
export function reply<D>({ http, headers, json }: Received): Reply<D> {
  const seconds = retryAfter(headers);
  const answer = isAnswer(json) ? json : wrapped(http, json);
  return {
    // The shape of the data is the contract's.
    ...(answer as Answer & { data?: D }),
    http,
    ...(headers.get('idempotent-replayed') === 'true' && { replayed: true }),
    ...(seconds !== undefined && { retryAfter: seconds }),
  };
}

function wrapped(http: number, json: unknown): Answer {
  const data = json !== undefined && { data: json };
  return http < 400
    ? { status: 'success', message: 'Done.', ...data }
    : { status: 'error', message: `The server has answered with the status ${http}.`, ...data };
}

/** What a request gives that is no command's. Throws NexusError. */
export function expect<T>(received: Received): T {
  if (received.http >= 400) throw new NexusError(reply(received));
  // The shape is the contract's, from which the types are made.
  return received.json as T;
}
