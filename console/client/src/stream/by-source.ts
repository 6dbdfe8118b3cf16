/**
 * A stream read by the browser's EventSource. It does not say why it was refused, which is asked for by fetch, and it
 * does not show comments, so that its silence may be one of a dead connection.
 */

import { NexusError } from '../errors.ts';
import { type Transport, why } from '../transport.ts';
import { refusal } from './by-fetch.ts';
import type { Connect, Hearing } from './connection.ts';
import { NAMES } from './event.ts';

/** `url` gives an address that can be opened; `anew` says that the one before was refused. */
export function bySource(transport: Transport, url: (anew: boolean) => Promise<string>): Connect {
  return async (after, hearing, signal) => {
    for (const anew of [false, true]) {
      const target = new URL(await url(anew));
      signal.throwIfAborted();
      target.searchParams.set('last_event_id', after);
      const failure = await hold(target.href, hearing, signal).then(
        () => undefined,
        () => diagnosis(transport, target.href, signal),
      );
      if (!(failure instanceof NexusError && failure.code === 'ticket_invalid') || anew) {
        if (failure) throw failure;
        return;
      }
    }
  };
}

/** Resolves when it ends that was open; rejects where it never was. */
function hold(url: string, hearing: Hearing, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const source = new EventSource(url);
    let last = '';
    let opened = false;
    signal.addEventListener('abort', () => {
      source.close();
      reject(signal.reason);
    });
    source.addEventListener('open', () => {
      opened = true;
      hearing.alive();
    });
    for (const name of NAMES) {
      source.addEventListener(name, ({ data, lastEventId }: MessageEvent<string>) => {
        // It repeats the last id beside events that have none.
        const id = lastEventId === last ? undefined : lastEventId;
        last = lastEventId;
        hearing.alive();
        hearing.event(name, data, id);
      });
    }
    source.addEventListener('error', () => {
      // It would come back by itself, and tell nobody when.
      source.close();
      if (opened) resolve();
      else reject(new Error('It was refused, or nobody is there.'));
    });
  });
}

/** Why it was not opened. */
async function diagnosis({ url, fetch }: Transport, target: string, signal: AbortSignal): Promise<unknown> {
  signal.throwIfAborted();
  const enough = new AbortController();
  try {
    const response = await fetch(target, {
      headers: { accept: 'text/event-stream' },
      cache: 'no-store',
      signal: enough.signal,
    });
    return response.ok ? undefined : await refusal(url, response);
  } catch (cause) {
    return why(url, fetch, cause);
  } finally {
    enough.abort();
  }
}
