/** Several lines, each of them a command. */

import type { Definition } from '@nexus/client';
import { find } from '../catalogue/find.ts';

/** How many one batch takes. */
export const MOST = 50;

export interface Pasted {
  /** What can run without a panel and without this page. */
  readonly lines: readonly string[];
  readonly leftOut: readonly { readonly line: string; readonly why: 'panel' | 'client' }[];
}

/** Undefined unless there are at least two lines and each begins with a slash. */
export function pastedOf(text: string, definitions: readonly Definition[]): Pasted | undefined {
  if (!text.includes('\n')) return undefined;
  const all = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '');
  if (all.length < 2 || !all.every((line) => line.startsWith('/'))) return undefined;
  const lines: string[] = [];
  const leftOut: { line: string; why: 'panel' | 'client' }[] = [];
  for (const line of all) {
    const found = find(definitions, line);
    if (found?.definition.handler === 'client') leftOut.push({ line, why: 'client' });
    else if (found?.form.requiresGUI && found.rest === '') leftOut.push({ line, why: 'panel' });
    else lines.push(line);
  }
  return { lines, leftOut };
}
