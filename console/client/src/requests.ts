/** Requests that are no execution: at endpoints of commands, for runs, and for tickets. */

import type { Means } from './execute.ts';
import { expect } from './reply.ts';
import type { Received } from './transport.ts';
import type { Run, Runs } from './types.ts';

export interface RequestOptions {
  body?: unknown;
  sign?: boolean;
  signal?: AbortSignal;
  /** Milliseconds. */
  timeout?: number;
}

export interface RunsQuery {
  limit?: number;
  /** A run's id, or a time (RFC 3339). */
  before?: string;
  command?: string;
  status?: 'pending' | 'success' | 'error';
  /** A time (RFC 3339). */
  since?: string;
}

/** What a key has run. Each rejects with NexusError, Unreachable or NotSigned. */
export interface RunsOf {
  get(id: string): Promise<Run>;
  /** The newest first. */
  list(query?: RunsQuery): Promise<Runs>;
  /** The run, which will end soon. */
  cancel(id: string): Promise<Run>;
}

export type Ask = (method: string, path: string, options?: RequestOptions) => Promise<Received>;

export function asking({ transport, server, proofs }: Means): Ask {
  return async (method, path, { body, sign, signal, timeout } = {}) => {
    // What is signed is the target as it stands in the request line.
    const { pathname, search } = new URL(path, 'http://server');
    const target = pathname + search;
    async function send() {
      const headers = sign ? await proofs.signed(method, target, body) : proofs.bearer();
      return transport.send(method, target, { body, headers, signal, timeout });
    }
    const received = await send();
    return server.learn(received) && sign && proofs.resigns() ? send() : received;
  };
}

export function runsOf(own: (method: string, path: string) => Promise<Received>): RunsOf {
  const one = (id: string) => `/api/v1/runs/${encodeURIComponent(id)}`;
  return {
    get: async (id) => expect(await own('GET', one(id))),
    async list(query = {}) {
      const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
      return expect(await own('GET', `/api/v1/runs${search.size > 0 ? `?${search}` : ''}`));
    },
    cancel: async (id) => expect(await own('DELETE', one(id))),
  };
}
