/** A stream read by fetch, which can send headers, and sees every byte. */

import { createParser } from 'eventsource-parser';
import { NexusError, Unreachable } from '../errors.ts';
import { reply } from '../reply.ts';
import { type Transport, why } from '../transport.ts';
import type { Connect, Hearing } from './connection.ts';

export function byFetch(
  { url, fetch }: Transport,
  path: () => string,
  proof: (path: string) => Promise<Record<string, string>>,
): Connect {
  return async (after, hearing, signal) => {
    const target = path();
    const headers = { ...(await proof(target)), accept: 'text/event-stream', 'last-event-id': after };
    const response = await fetch(url + target, { headers, cache: 'no-store', signal }).catch(async (cause: unknown) => {
      signal.throwIfAborted();
      throw await why(url, fetch, cause);
    });
    if (!response.ok) throw await refusal(url, response);
    const streams = response.headers.get('content-type')?.startsWith('text/event-stream');
    if (!response.body || !streams) throw new Unreachable('not_nexus', url);
    hearing.alive();
    await read(response.body, hearing).catch(() => signal.throwIfAborted());
  };
}

/** Why a stream was refused, as its answer says. */
export async function refusal(url: string, response: Response): Promise<NexusError | Unreachable> {
  try {
    const json: unknown = JSON.parse(await response.text());
    return new NexusError(reply({ http: response.status, headers: response.headers, json }));
  } catch (cause) {
    return new Unreachable([502, 503, 504].includes(response.status) ? 'down' : 'not_nexus', url, { cause });
  }
}

async function read(body: ReadableStream<Uint8Array<ArrayBuffer>>, hearing: Hearing): Promise<void> {
  const parser = createParser({
    onEvent: ({ event, data, id }) => hearing.event(event ?? 'message', data, id),
    onRetry: (wait) => hearing.retry(wait),
  });
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    hearing.alive();
    parser.feed(chunk.value);
  }
}
