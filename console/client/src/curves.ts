/** Loads elliptic curves when the first key is used. */

import { Unreachable } from './errors.ts';

/** Rejects with Unreachable: what a page has not loaded yet comes from where the page came from, which may be gone. */
export async function curves(): Promise<typeof import('./keys.ts')> {
  try {
    return await import('./keys.ts');
  } catch (cause) {
    throw new Unreachable('down', import.meta.url, { cause });
  }
}
