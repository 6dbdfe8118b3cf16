/** One request and its answer, or why none came. */

import { Unreachable, type UnreachableReason } from './errors.ts';
import type { Answer } from './types.ts';

/** Milliseconds. A command has 30 s where its definition does not say otherwise. */
const TIMEOUT = 45_000;

export interface Outgoing {
  headers?: Record<string, string>;
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** Milliseconds. */
  timeout?: number | undefined;
}

export interface Received {
  http: number;
  headers: Headers;
  /** Undefined where the answer has no body. */
  json: unknown;
}

export interface Transport {
  readonly url: string;
  readonly fetch: typeof fetch;
  /** Rejects with Unreachable, or with the reason of the signal. */
  send(method: string, path: string, outgoing?: Outgoing): Promise<Received>;
}

export interface TransportOptions {
  fetch?: typeof fetch;
  /** Milliseconds. */
  timeout?: number;
}

export function transport(url: string, { fetch: ask = fetch, timeout = TIMEOUT }: TransportOptions): Transport {
  const call: typeof fetch = (input, init) => ask(input, init);

  async function send(method: string, path: string, outgoing: Outgoing = {}): Promise<Received> {
    const late = AbortSignal.timeout(outgoing.timeout ?? timeout);
    const { signal } = outgoing;
    const headers: Record<string, string> = { accept: 'application/json', ...outgoing.headers };
    const init: RequestInit = { method, headers, signal: signal ? AbortSignal.any([signal, late]) : late };
    if (outgoing.body !== undefined) {
      headers['content-type'] = 'application/json';
      init.body = JSON.stringify(outgoing.body);
    }
    try {
      const response = await call(url + path, init);
      return { http: response.status, headers: response.headers, json: parse(url, response, await response.text()) };
    } catch (cause) {
      if (cause instanceof Unreachable) throw cause;
      signal?.throwIfAborted();
      if (late.aborted) throw new Unreachable('timeout', url, { cause });
      throw await why(url, call, cause);
    }
  }

  return { url, fetch: call, send };
}

/** Tells a server that refuses this page from one that is not there: what nobody reads may be asked of anyone. */
export async function why(url: string, call: typeof fetch, cause: unknown): Promise<Unreachable> {
  if (globalThis.navigator?.onLine === false) return new Unreachable('offline', url, { cause });
  const origin = globalThis.location?.origin;
  if (origin !== undefined && origin !== new URL(url).origin) {
    try {
      await call(`${url}/livez`, { mode: 'no-cors', cache: 'no-store', signal: AbortSignal.timeout(5_000) });
      return new Unreachable('cors', url, { origin, cause });
    } catch {
      // It is not there for anyone.
    }
  }
  return new Unreachable('down', url, { cause });
}

function parse(url: string, response: Response, text: string): unknown {
  if (text === '' && (response.ok || response.status === 304)) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    // A proxy says by these, in its own words, that the server behind it is gone.
    const reason: UnreachableReason = [502, 503, 504].includes(response.status) ? 'down' : 'not_nexus';
    throw new Unreachable(reason, url, { cause });
  }
}

export function isAnswer(json: unknown): json is Answer {
  if (typeof json !== 'object' || json === null || !('status' in json && 'message' in json)) return false;
  return typeof json.message === 'string' && ['success', 'error', 'pending'].includes(String(json.status));
}

/** Seconds. */
export function retryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  return value !== null && /^\d+$/.test(value) ? Number(value) : undefined;
}
