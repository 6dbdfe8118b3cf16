/** What the list and the hints say about a line. What depends on the catalogue alone is made once for each. */

import { useMemo } from 'react';
import { find, type Found } from '../catalogue/find.ts';
import { useCatalogue } from '../catalogue/store.ts';
import { useIdentity } from '../identity/store.ts';
import { argumentsOf } from './arguments.ts';
import { type Candidate, candidatesOf } from './completion.ts';
import type { Line } from './line.ts';
import { matcher, type Matches } from './match.ts';
import { mayRun, offersOf } from './offers.ts';
import { type Pasted, pastedOf } from './pasted.ts';
import { ownerOf } from './per-key.ts';
import { type Reading, read } from './reading.ts';
import { recent } from './recent.ts';

export interface Suggestions {
  readonly found?: Found | undefined;
  /** Of the words behind the name, once there may be some. */
  readonly reading?: Reading | undefined;
  /** Of these two one is empty: commands until the name is there, then what may stand at the caret. */
  readonly matches: Matches;
  readonly candidates: readonly Candidate[];
  readonly pasted?: Pasted | undefined;
  /** Whether the command that is typed needs a key, and there is none. */
  readonly locked: boolean;
}

const NONE: Matches = { shown: [], total: 0 };

export function useSuggestions({ text, caret }: Line): Suggestions {
  const definitions = useCatalogue((catalogue) => catalogue.definitions);
  const mine = useCatalogue((catalogue) => catalogue.mine);
  const address = useIdentity((identity) => identity.address);
  const { offers, search } = useMemo(() => {
    const offers = offersOf(definitions);
    return { offers, search: matcher(offers.filter((offer) => mayRun(offer, { address, mine }))) };
  }, [definitions, mine, address]);

  return useMemo(() => {
    const found = find(definitions, text);
    const pasted = pastedOf(text, definitions);
    const offer = found && offers.find(({ path }) => path === found.path);
    const locked = !address && offer !== undefined && !mayRun(offer, { address });
    const common = { found, pasted, locked, matches: NONE, candidates: [] };
    if (pasted) return common;
    if (found && /^\s*\S+\s/.test(text)) {
      const all = argumentsOf(found.form.parameters);
      const from = text.trimEnd().length - found.rest.length;
      const named = found.rest === '' && !/\s$/.test(text);
      const reading = read(all, text, from, named ? -1 : caret);
      const bare = found.form === found.definition && !/\s/.test(found.rest) ? found.definition : undefined;
      return { ...common, reading, candidates: candidatesOf(all, reading, bare) };
    }
    if (!text.trimStart().startsWith('/')) return common;
    return { ...common, matches: search(text.trim().slice(1), recent.read(ownerOf(address))) };
  }, [definitions, offers, search, address, text, caret]);
}
