/** JSON as text, of any value that came as JSON, however deep. */

import type { Answer } from '@nexus/client';
import { visibleJson } from './visible.ts';

/** Beyond this, indentation would be most of the text. */
const DEEP = 60;

/** Indented; on one line where it is deep, and undefined where it is too deep to be written at all. */
export function json(value: unknown, indent = 2): string | undefined {
  try {
    return visibleJson(JSON.stringify(value, null, isDeeperThan(DEEP, value) ? 0 : indent));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(levels - 1, member));
}

/** An answer without what was added to it on the way. */
export function asCame({ status, message, data, code, hint, run_id }: Answer) {
  return { status, message, data, code, hint, run_id };
}
