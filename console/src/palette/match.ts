/** Finds commands by what is typed: fuzzily, over names, aliases and descriptions. */

import { go, type Result, snapshot } from 'fuzzysort';
import type { Offer } from './offers.ts';

/** How many rows there are at most. */
export const SHOWN = 50;

/** How much a match counts that is not in the name, and one of a command that was not used lately. */
const ALIAS = 0.99;
const DESCRIPTION = 0.6;
const UNUSED = 0.9;
/** Below this it is a coincidence of letters. */
const LEAST = 0.3;

export interface Match {
  readonly offer: Offer;
  /** Which characters of the name and of the description were typed. */
  readonly name: readonly number[];
  readonly description: readonly number[];
}

export interface Matches {
  readonly shown: readonly Match[];
  readonly total: number;
}

/** Prepares a list once; what is given back finds in it. `recent` are paths, the newest first. */
export function matcher(offers: readonly Offer[]): (query: string, recent: readonly string[]) => Matches {
  const keys = [
    (offer: Offer) => offer.name,
    (offer: Offer) => offer.aliases.join(' '),
    (offer: Offer) => offer.form.description,
  ];
  const prepared = snapshot(offers, { keys });

  return (query, recent) => {
    if (query === '') return latestFirst(offers, recent);
    const results = go(query, prepared, {
      limit: SHOWN,
      threshold: LEAST,
      scoreFn(result) {
        const [name, alias, description] = result;
        const best = Math.max(score(name), ALIAS * score(alias), DESCRIPTION * score(description));
        return recent.includes(result.obj.path) ? best : UNUSED * best;
      },
    });
    const shown = results.map(({ obj: offer, 0: name, 2: description }) => ({
      offer,
      name: marked(name),
      // Letters that lie scattered in a sentence explain nothing.
      description: score(description) * DESCRIPTION * UNUSED >= LEAST ? marked(description) : [],
    }));
    return { shown, total: results.total };
  };
}

const score = (result: Result | undefined): number => result?.score ?? 0;
const marked = (result: Result | undefined): readonly number[] => result?.indexes ?? [];

/** What was used lately stands above what was not. */
function latestFirst(offers: readonly Offer[], recent: readonly string[]): Matches {
  const used = recent.flatMap((path) => offers.find((offer) => offer.path === path) ?? []);
  const unused = offers.filter((offer) => !recent.includes(offer.path));
  const shown = [...used, ...unused].slice(0, SHOWN).map((offer) => ({ offer, name: [], description: [] }));
  return { shown, total: offers.length };
}
