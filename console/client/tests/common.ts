/** The parts of the client's tests: a server of its own, a client, and what a stream has told. */

import { expect, vi } from 'vitest';
import { atEnd, Server } from '../../tests/server.ts';
import {
  importPrivateKey,
  Nexus,
  type Options,
  type Stream,
  type StreamEvent,
  type StreamOptions,
  type StreamState,
} from '../src/index.ts';

export { atEnd, Server };

/** As it stands on the internet: nothing of it is open. Its settings, to which more may be added. */
export const PRODUCTION = {
  NEXUS_ENV: 'production',
  NEXUS_PUBLIC_ORIGINS: 'https://cmd.example.com,http://127.0.0.1',
  NEXUS_LEGACY_SIGNATURES: 'off',
};

/** The private key 1, which everybody knows. */
export const ONE = `0x${'1'.padStart(64, '0')}`;

/** A client with a key. */
export async function client(url: string, options: Options = {}, key = ONE): Promise<Nexus> {
  return new Nexus(url, { signer: await importPrivateKey(key), ...options });
}

/** What a fetch has been asked for, beside what it does. */
export function watched(): { fetch: typeof fetch; asked: Request[]; answers: Response[] } {
  const asked: Request[] = [];
  const answers: Response[] = [];
  return {
    asked,
    answers,
    async fetch(input, init) {
      asked.push(new Request(input, init));
      const response = await fetch(input, init);
      answers.push(response.clone());
      return response;
    },
  };
}

/** A stream, with all that it has told. */
export interface Heard {
  stream: Stream;
  events: StreamEvent[];
  states: StreamState[];
  /** The texts that commands were told of with, in their order. */
  commands(): string[];
  /** Waits until it is in this state. */
  until(phase: StreamState['phase'], about?: (state: StreamState) => boolean): Promise<StreamState>;
  /** Waits until so many commands were told of. */
  told(count: number): Promise<string[]>;
}

export function listen(nexus: Nexus, options: Partial<StreamOptions> = {}): Heard {
  const events: StreamEvent[] = [];
  const states: StreamState[] = [];
  const stream = nexus.stream({
    by: 'fetch',
    ...options,
    onEvent: (event) => events.push(event),
    onState: (state) => states.push(state),
  });
  atEnd(() => stream.close());
  const commands = () => events.flatMap((event) => (event.type === 'command_result' ? [event.data.command] : []));
  return {
    stream,
    events,
    states,
    commands,
    until: (phase, about = () => true) =>
      vi.waitFor(() => {
        expect(stream.state.phase).toBe(phase);
        expect(about(stream.state), JSON.stringify(stream.state)).toBe(true);
        return stream.state;
      }, BOUND),
    told: (count) =>
      vi.waitFor(() => {
        expect(commands()).toHaveLength(count);
        return commands();
      }, BOUND),
  };
}

/** Milliseconds that anything is waited for at most, and between two looks. */
export const BOUND = { timeout: 40_000, interval: 20 };
