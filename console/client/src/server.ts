/** What is known of a server: the name that signatures are made out to, and its clock. Both come from itself. */

import { Unreachable } from './errors.ts';
import { expect } from './reply.ts';
import { isAnswer, type Received, type Transport } from './transport.ts';

export interface ServerState {
  version: string;
  audience: string;
  /** Unix seconds. */
  time: number;
  /** Milliseconds from the question to the answer. */
  latency: number;
}

export interface Clock {
  /** Seconds that the server is ahead of here. */
  readonly offset: number;
}

/** Refusals that another audience or time mends. */
const MENDABLE = ['request_expired', 'request_not_yet_valid', 'audience_mismatch'];

export interface Server {
  readonly clock: Clock;
  /** The server's time, in unix seconds. */
  time(): number;
  audience(): Promise<string>;
  ask(): Promise<ServerState>;
  /** Takes up what a 401 tells. Whether the request may be signed again with it. */
  learn(received: Received): boolean;
  /** Takes up what the server has said about itself. */
  heard(told: { audience?: unknown; time?: unknown }): void;
}

export function server({ url, send }: Transport, now: () => number): Server {
  const clock = { offset: 0 };
  let known: string | undefined;

  function heard({ audience, time }: { audience?: unknown; time?: unknown }): void {
    if (typeof audience === 'string') known = audience;
    const told = typeof time === 'string' ? Date.parse(time) : Number.NaN;
    if (!Number.isNaN(told)) clock.offset = Math.round((told - now()) / 1000);
  }

  async function ask(): Promise<ServerState> {
    const before = performance.now();
    const root: Record<string, unknown> | undefined = expect(await send('GET', '/'));
    const latency = performance.now() - before;
    if (typeof root?.audience !== 'string' || typeof root.time !== 'string') throw new Unreachable('not_nexus', url);
    heard(root);
    return { version: String(root.version), audience: root.audience, time: Date.parse(root.time) / 1000, latency };
  }

  function learn({ http, json }: Received): boolean {
    if (http !== 401 || !isAnswer(json)) return false;
    const told = { ...(typeof json.data === 'object' ? json.data : {}) };
    heard(told);
    return 'time' in told && MENDABLE.includes(json.code ?? '');
  }

  return {
    clock,
    time: () => now() / 1000 + clock.offset,
    audience: async () => known ?? (await ask()).audience,
    ask,
    learn,
    heard,
  };
}
