/** What happens to an address, as it happens: opened by the way that fits, for one tab or for all. */

import type { NexusError, Unreachable } from '../errors.ts';
import type { Transport } from '../transport.ts';
import type { StreamEvent, Ticket } from '../types.ts';
import { byFetch } from './by-fetch.ts';
import { bySource } from './by-source.ts';
import { loop } from './loop.ts';
import { shared } from './tabs.ts';

export interface StreamOptions {
  /**
   * `ticket`: EventSource, opened by a ticket. `fetch`: with the session, or signed. `anonymous`: without a proof.
   * Where nothing is said, by a ticket with a key or a session, by fetch where there is no EventSource, else anonymous.
   */
  by?: 'ticket' | 'fetch' | 'anonymous';
  /** Whose stream; the address of the session, the signer or the claim, in this order, where nothing is said. */
  address?: string;
  /** The last id that was heard; `0` for all that is kept. Where nothing is said the stream begins now. */
  after?: string;
  /** One stream for all tabs of this origin. In a tab that joins, `after` is that of the tab which listens. */
  tabs?: boolean;
  /** Called when the proof is refused. Resolves with whether to try again with another; else the stream is closed. */
  renew?: (failure: NexusError) => Promise<boolean>;
  onEvent(event: StreamEvent): void;
  onState(state: StreamState): void;
}

export interface StreamState {
  /** `closed`: by the caller, or since the server refuses for good, which `failure` tells and `retry` tries again. */
  phase: 'connecting' | 'open' | 'waiting' | 'closed';
  /** Whether this tab listens for all. */
  leader: boolean;
  /** When the server is asked again; ms since the epoch. */
  retryAt?: number;
  failure?: Unreachable | NexusError;
  /** After a break: whether the stream goes on where it was, so that nothing is missing. */
  recovered?: boolean;
}

export interface Stream {
  close(): void;
  /** Does not wait any longer. */
  retry(): void;
  readonly state: StreamState;
}

/** What a stream needs of the client. */
export interface StreamContext {
  transport: Transport;
  address(): string | undefined;
  proven(): boolean;
  ticket(): Promise<Ticket>;
  proof(path: string): Promise<Record<string, string>>;
}

/** After each `keepalive_ms` of silence comes a comment, which EventSource does not show. */
const FETCH = { keepalives: 2.5, certain: true };
const SOURCE = { keepalives: 10, certain: false };

export function stream(context: StreamContext, options: StreamOptions): Stream {
  const native = typeof EventSource !== 'undefined';
  const by = options.by ?? (!context.proven() ? 'anonymous' : native ? 'ticket' : 'fetch');
  const { transport } = context;
  const path = () => {
    const address = context.address();
    if (address === undefined) throw new TypeError('A stream is of an address, and there is none.');
    return `/api/v1/stream/${address}`;
  };
  if (by !== 'ticket') path();

  let ticket: Ticket | undefined;
  const ticketed = async (anew: boolean) => {
    if (anew) ticket = undefined;
    ticket ??= await context.ticket();
    return ticket.url;
  };
  const proof = async (target: string) => (by === 'fetch' ? context.proof(target) : {});
  const source = by === 'ticket' || (by === 'anonymous' && native);
  const url = by === 'ticket' ? ticketed : async () => transport.url + path();
  const line = source
    ? { url: transport.url, connect: bySource(transport, url), patience: SOURCE }
    : { url: transport.url, connect: byFetch(transport, path, proof), patience: FETCH };
  const { onEvent, onState, after, renew } = options;
  const told = { onEvent, onState, after };
  if (!options.tabs) return loop(line, { ...told, renew, onPosition: () => {} });
  const name = `nexus.stream ${transport.url} ${by} ${context.address()}`;
  return shared(name, told, (handed) => loop(line, { ...handed, renew }));
}
