/** Which commands there are, as far as is known, and which of them are for whoever is here. */

import { type Catalogue, type Definition, FALLBACK } from '@nexus/client';
import { create } from 'zustand';
import { nexus } from '../nexus.ts';

interface State {
  definitions: Definition[];
  /** `none`: nobody has answered yet, and the list is that of the fallback. */
  source: Catalogue['source'] | 'none';
  etag?: string | undefined;
  /** Why it is not the server's list. */
  failure?: Catalogue['failure'] | undefined;
  /** The paths that who is signed in may run, such as `/identity/delete`; undefined for everybody else. */
  mine?: ReadonlySet<string> | undefined;
  /** Never rejects. Who calls it while it runs is given what the server says after that call. */
  load(): Promise<void>;
}

/** How long what is typed waits for the first list; ms. */
const PATIENCE = 2_000;

let running: Promise<void> | undefined;
let next: Promise<void> | undefined;

export const useCatalogue = create<State>((set) => {
  async function ask(): Promise<void> {
    const { definitions, source, etag, failure } = await nexus.commands();
    set({ definitions, source, etag, failure });
    set({ mine: nexus.session && !failure ? await ofMine() : undefined });
  }

  function load(): Promise<void> {
    if (!running) return (running = ask().finally(() => (running = undefined)));
    return (next ??= running.then(() => {
      next = undefined;
      return load();
    }));
  }

  return { definitions: FALLBACK, source: 'none', load };
});

/** The commands, as soon as the server has said or failed to say which: what is typed before that is not taken for unknown. */
export async function known(): Promise<readonly Definition[]> {
  if (useCatalogue.getState().source === 'none') {
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, PATIENCE);
      const stop = useCatalogue.subscribe(() => {
        clearTimeout(late);
        stop();
        resolve();
      });
    });
  }
  return useCatalogue.getState().definitions;
}

/** Undefined where the server does not say. */
async function ofMine(): Promise<ReadonlySet<string> | undefined> {
  const { data } = await nexus.request('GET', '/api/v1/commands?for=me').catch(() => ({ data: undefined }));
  return Array.isArray(data) ? new Set(data.flatMap(pathsOf)) : undefined;
}

function pathsOf({ name, subcommands = [] }: Definition): string[] {
  return [`/${name}`, ...subcommands.map((subcommand) => `/${name}/${subcommand.name}`)];
}
