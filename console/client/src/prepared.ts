/** A request that is ready to be sent, once or again. */

import { Unreachable } from './errors.ts';
import { type Reply, reply } from './reply.ts';
import type { Server } from './server.ts';
import { isAnswer, type Outgoing, type Transport } from './transport.ts';

export interface Prepared<D = unknown> {
  /** By which its run is known before the answer comes; see `isRunOf`. */
  readonly mark: string;
  readonly body: unknown;
  readonly headers: Record<string, string>;
  /** Rejects with Unreachable. Then it may be called again, with the same nonce or key, and the server runs it once. */
  send(): Promise<Reply<D>>;
}

export interface Draft {
  method: string;
  path: string;
  mark: string;
  /** Makes the request; signs it anew each time, with the same nonce. */
  make(): Promise<Outgoing>;
  /** Whether it may be signed again unasked. */
  resign: boolean;
}

export async function prepared<D>(transport: Transport, server: Server, draft: Draft): Promise<Prepared<D>> {
  const { method, path, mark, make, resign } = draft;
  let outgoing = await make();
  let lost = false;

  async function send(): Promise<Reply<D>> {
    try {
      let received = await transport.send(method, path, outgoing);
      // What may have run is not signed anew: the server may have forgotten its nonce by now, and would run it again.
      if (server.learn(received) && resign && !lost) {
        outgoing = await make();
        received = await transport.send(method, path, outgoing);
      }
      if (!isAnswer(received.json)) throw new Unreachable('not_nexus', transport.url);
      return reply(received);
    } catch (failure) {
      lost ||= failure instanceof Unreachable;
      throw failure;
    }
  }

  return {
    mark,
    get body() {
      return outgoing.body;
    },
    get headers() {
      return outgoing.headers ?? {};
    },
    send,
  };
}
