/** The lines that were typed, the oldest first, for each key. A line that is typed again is the newest again. */

import type { Definition } from '@nexus/client';
import { listPerKey, type Owner } from './per-key.ts';
import { mayHoldSecret } from './secrets.ts';

const lines = listPerKey('history');

export const history = {
  read: lines.read,

  /** Keeps a line unless it may hold a secret, and `limit` lines at most. */
  add(owner: Owner, line: string, limit: number, definitions: readonly Definition[]): void {
    if (mayHoldSecret(line, definitions)) return;
    const others = lines.read(owner).filter((each) => each !== line);
    lines.write(owner, newest([...others, line], limit));
  },

  remove(owner: Owner, line: string): void {
    lines.write(owner, lines.read(owner).filter((each) => each !== line));
  },

  clear(owner: Owner): void {
    lines.write(owner, []);
  },

  /** After the limit has become less. */
  trim(owner: Owner, limit: number): void {
    const all = lines.read(owner);
    if (all.length > limit) lines.write(owner, newest(all, limit));
  },
};

const newest = (all: readonly string[], limit: number): readonly string[] => all.slice(Math.max(0, all.length - limit));

/** Somebody who goes through the history: by what was typed before, and where. */
export interface Recall {
  readonly draft: string;
  /** The lines that begin with the draft. */
  readonly lines: readonly string[];
  readonly at: number;
}

/** A step to the older (-1) or newer (1), undefined where there is none. Behind the newest stands the draft. */
export function step(recall: Recall, direction: -1 | 1): Recall | undefined {
  const at = recall.at + direction;
  return at < 0 || at > recall.lines.length ? undefined : { ...recall, at };
}

export const textOf = ({ draft, lines, at }: Recall): string => lines[at] ?? draft;

/** With or without a slash: what begins as the draft does. */
export function recall(all: readonly string[], draft: string): Recall {
  const bare = (line: string): string => line.replace(/^\//, '').toLowerCase();
  const lines = all.filter((line) => bare(line).startsWith(bare(draft)) && line !== draft);
  return { draft, lines, at: lines.length };
}
