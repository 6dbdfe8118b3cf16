/** The client of one server. */

import { type Catalogue, catalogue } from './catalogue.ts';
import {
  type BatchData,
  type BatchItem,
  type BatchOptions,
  type ExecuteOptions,
  type Means,
  prepareBatch,
  prepareCommand,
  type PreparedBatch,
} from './execute.ts';
import type { Prepared } from './prepared.ts';
import { proofs } from './proof.ts';
import { expect, type Reply, reply } from './reply.ts';
import { type Ask, asking, type RequestOptions, type RunsOf, runsOf } from './requests.ts';
import { type Clock, type ServerState, server } from './server.ts';
import { signIn } from './siwe.ts';
import { type Stream, type StreamOptions, stream } from './stream/stream.ts';
import { transport } from './transport.ts';
import type { Address, Kept, Session, Signer, Ticket } from './types.ts';

export interface Options {
  fetch?: typeof fetch;
  signer?: Signer;
  session?: Session;
  claim?: Address;
  /** Milliseconds that an answer may take; 45,000 where nothing is said. */
  timeout?: number;
  /** Where the last list of commands is kept. */
  catalogue?: { kept?: Kept };
  /** Milliseconds since the epoch; the clock of this machine where nothing is said. */
  now?: () => number;
  /**
   * Whether a request whose time or audience was wrong is signed again, once, with the server's. Where nothing is said,
   * a signer does that who signs digests: a key of one's own. A wallet would ask its owner twice.
   */
  resign?: boolean;
}

export class Nexus {
  readonly url: string;
  /** Who signs. */
  signer?: Signer | undefined;
  /** Who reads. */
  session?: Session | undefined;
  /** Who is said to call, where neither is there. It proves nothing. */
  claim?: Address | undefined;
  readonly clock: Clock;
  readonly runs: RunsOf;

  readonly #means: Means;
  readonly #ask: Ask;
  readonly #catalogue: (signal?: AbortSignal) => Promise<Catalogue>;

  constructor(url: string, options: Options = {}) {
    this.url = url.replace(/\/+$/, '');
    this.signer = options.signer;
    this.session = options.session;
    this.claim = options.claim;
    const way = transport(this.url, options);
    const there = server(way, options.now ?? Date.now);
    this.#means = { transport: way, server: there, proofs: proofs(this, there, options.resign) };
    this.#ask = asking(this.#means);
    this.#catalogue = catalogue(way, options.catalogue?.kept);
    this.clock = there.clock;
    this.runs = runsOf((method, path) => this.#own(method, path));
  }

  /** Who answers, when and how fast; sets the clock. Rejects with Unreachable or NexusError. */
  server(): Promise<ServerState> {
    return this.#means.server.ask();
  }

  /** The list of commands. It does not reject: without the server it is an older one, and says why. */
  commands(options: { signal?: AbortSignal } = {}): Promise<Catalogue> {
    return this.#catalogue(options.signal);
  }

  /** Runs a command. Rejects with Unreachable or NotSigned; a refusal is an answer. */
  async execute(command: string, options: ExecuteOptions = {}): Promise<Reply> {
    return (await prepareCommand(this.#means, command, options, false)).send();
  }

  /** Makes a command ready, signed if asked, and tells the mark of its run. Rejects as `execute` does. */
  prepare(command: string, options: ExecuteOptions = {}): Promise<Prepared> {
    return prepareCommand(this.#means, command, options, true);
  }

  /** Runs up to 50 commands, one after the other, with one signature. Rejects as `execute` does. */
  async batch(commands: BatchItem[], options: BatchOptions = {}): Promise<Reply<BatchData>> {
    return (await prepareBatch(this.#means, commands, options, false)).send();
  }

  /** Makes a batch ready, and tells by which mark the run of each of its commands will be known. */
  prepareBatch(commands: BatchItem[], options: BatchOptions = {}): Promise<PreparedBatch> {
    return prepareBatch(this.#means, commands, options, true);
  }

  /**
   * Any other request, such as those at a command's own endpoint; `path` begins with a slash. With `sign` it is signed,
   * else the session reads. Rejects as `execute` does; what is no command's answer stands in `data`.
   */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<Reply> {
    return reply(await this.#ask(method, path, options));
  }

  /** Signs in by SIWE, and reads by this session from now on. Rejects with NexusError, Unreachable or NotSigned. */
  async signIn(): Promise<Session> {
    this.session = await signIn(this.#means);
    return this.session;
  }

  /** Ends the session, or all sessions of the address. One that has ended already is as good. */
  async signOut({ all = false }: { all?: boolean } = {}): Promise<void> {
    const received = await this.#own('POST', '/api/v1/auth/logout', all ? { all } : undefined);
    if (!(received.http === 401 && this.session && !all)) expect(received);
    this.session = undefined;
  }

  /** What opens the stream of one's own address once, without a header. Its `url` is below this client's. */
  async ticket(): Promise<Ticket> {
    const ticket = expect<Ticket>(await this.#own('POST', '/api/v1/stream/ticket'));
    const { pathname, search } = new URL(ticket.url);
    return { ...ticket, url: this.url + pathname + search };
  }

  /** Hears what happens to an address, and goes on by itself after every failure that passes. */
  stream(options: StreamOptions): Stream {
    const { transport, proofs } = this.#means;
    const context = {
      transport,
      address: () => options.address ?? this.session?.address ?? this.signer?.address ?? this.claim,
      proven: () => this.session !== undefined || this.signer !== undefined,
      ticket: () => this.ticket(),
      proof: async (path: string) => (proofs.signsToRead() ? proofs.signed('GET', path, undefined) : proofs.bearer()),
    };
    return stream(context, options);
  }

  /** What only its owner is shown. */
  #own(method: string, path: string, body?: unknown) {
    return this.#ask(method, path, { body, sign: this.#means.proofs.signsToRead() });
  }
}
