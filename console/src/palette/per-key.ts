/** Lists of texts that this browser keeps for each key; where nothing can be kept, until the page is left. */

import { keep, kept } from '../settings/kept.ts';

/** Whose list it is: an address, or nobody. */
export type Owner = string;
export const ownerOf = (address: string | undefined): Owner => address ?? 'visitor';

export function listPerKey(name: string) {
  const unkept = new Map<Owner, readonly string[]>();
  const place = (owner: Owner): string => `${name}.${owner}`;
  return {
    /** Read anew each time, as another tab may have written. */
    read(owner: Owner): readonly string[] {
      const list = unkept.get(owner) ?? kept<unknown>(place(owner));
      return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
    },
    write(owner: Owner, list: readonly string[]): void {
      if (keep(place(owner), list)) unkept.delete(owner);
      else unkept.set(owner, list);
    },
  };
}
