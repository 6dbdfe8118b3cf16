/** Runs what was typed, and remembers it. */

import { find } from '../catalogue/find.ts';
import { useCatalogue } from '../catalogue/store.ts';
import { useIdentity } from '../identity/store.ts';
import { run, runBatch } from '../router.ts';
import { useSettings } from '../settings/store.ts';
import { spoken } from './enter.ts';
import { history } from './history.ts';
import { ownerOf } from './per-key.ts';
import { recent } from './recent.ts';

export function submit(text: string): void {
  remember(text);
  void start(text);
}

/** One request for all. */
export function submitTogether(lines: readonly string[]): void {
  lines.forEach(remember);
  void runBatch([...lines]);
}

/** Each waits for the answer of the one before, whatever that is. */
export async function submitSingly(lines: readonly string[]): Promise<void> {
  lines.forEach(remember);
  for (const line of lines) await start(line);
}

function start(text: string) {
  const { line, ...options } = spoken(text, useCatalogue.getState().definitions);
  return run(line, options);
}

function remember(text: string): void {
  const { definitions } = useCatalogue.getState();
  const owner = ownerOf(useIdentity.getState().address);
  history.add(owner, text, useSettings.getState().history, definitions);
  const found = find(definitions, text);
  if (found) recent.add(owner, found.path);
}
