/** The command of a panel, as the server describes it at the moment. */

import { type Found, find } from '../catalogue/find.ts';
import { useCatalogue } from '../catalogue/store.ts';

/** Undefined where the server has none of this path. */
export function useCommand(path: string): Found | undefined {
  const definitions = useCatalogue((state) => state.definitions);
  const found = find(definitions, path);
  return found?.path === path ? found : undefined;
}
