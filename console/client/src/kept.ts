/** Storage that may be forbidden, full, or hold anything. */

import { StorageError } from './errors.ts';
import type { Kept, Keeper } from './types.ts';

const keeper = (kept: Kept): Keeper => (typeof kept === 'function' ? kept() : kept);

/** What was kept; undefined where there is nothing, or nothing that can be read. Never throws. */
export function read(kept: Kept, name: string): unknown {
  try {
    return JSON.parse(keeper(kept).getItem(name) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

/** Throws StorageError. */
export function write(kept: Kept, name: string, value: unknown): void {
  try {
    keeper(kept).setItem(name, JSON.stringify(value));
  } catch (cause) {
    const full = cause instanceof Error && /quota/i.test(cause.name);
    throw new StorageError(full ? 'full' : 'forbidden', cause);
  }
}

/** Throws StorageError. */
export function erase(kept: Kept, name: string): void {
  try {
    keeper(kept).removeItem(name);
  } catch (cause) {
    throw new StorageError('forbidden', cause);
  }
}
