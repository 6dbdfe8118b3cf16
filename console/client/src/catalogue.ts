/** The list of commands: the server's, else the last one that was kept, else the few that every server has. */

import { NexusError, Unreachable } from './errors.ts';
import fallback from './fallback.json' with { type: 'json' };
import { read, write } from './kept.ts';
import { reply } from './reply.ts';
import type { Transport } from './transport.ts';
import type { Definition, Kept } from './types.ts';

export interface Catalogue {
  definitions: Definition[];
  etag?: string;
  source: 'server' | 'kept' | 'fallback';
  /** Why it is not the server's. */
  failure?: Unreachable | NexusError;
}

type List = { definitions: Definition[]; etag?: string };

/** Asks again by ETag. The list never fails: what went wrong stands in it. */
export function catalogue(transport: Transport, kept?: Kept) {
  const name = `nexus.catalogue ${transport.url}`;
  let list: List | undefined;

  /** Kept lists may be kept by anybody. */
  function load(): List | undefined {
    const found = kept && read(kept, name);
    return isList(found) ? found : undefined;
  }

  function save(fresh: List): void {
    list = fresh;
    try {
      if (kept) write(kept, name, fresh);
    } catch {
      // It is had again from the server.
    }
  }

  return async (signal?: AbortSignal): Promise<Catalogue> => {
    list ??= load();
    try {
      const headers = list?.etag === undefined ? {} : { 'if-none-match': list.etag };
      const received = await transport.send('GET', '/api/v1/commands', { headers, signal });
      if (received.http === 304 && list) return { ...list, source: 'server' };
      if (received.http >= 400) throw new NexusError(reply(received));
      const etag = received.headers.get('etag');
      const fresh = { definitions: received.json, ...(etag !== null && { etag }) };
      if (!isList(fresh)) throw new Unreachable('not_nexus', transport.url);
      save(fresh);
      return { ...fresh, source: 'server' };
    } catch (failure) {
      if (!(failure instanceof Unreachable || failure instanceof NexusError)) throw failure;
      return list ? { ...list, source: 'kept', failure } : { definitions: FALLBACK, source: 'fallback', failure };
    }
  };
}

/** ping, help, clear and theme, as the server of this version lists them. */
export const FALLBACK: Definition[] = fallback as Definition[];

function isList(found: unknown): found is List {
  if (typeof found !== 'object' || found === null || !('definitions' in found)) return false;
  const { definitions } = found;
  const isEntry = (entry: unknown) => typeof entry === 'object' && entry !== null && 'name' in entry;
  return Array.isArray(definitions) && definitions.every(isEntry);
}
