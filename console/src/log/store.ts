/**
 * The messages of the log, the oldest first. A run has one message, whoever tells first what has become of it: it is
 * recognised by its mark or its id, never by its text or its place.
 */

import { type Answer, isRunOf, type StreamEvent } from '@nexus/client';
import { create } from 'zustand';
import { find } from '../catalogue/find.ts';
import { useCatalogue } from '../catalogue/store.ts';
import { applied } from '../settings/apply.ts';
import type { Entry } from './entry.ts';

/** How many messages there are at most; the oldest give way. */
const MOST = 10_000;
/** How many steps of a run are kept. */
const STEPS = 1_000;

/** What the stream tells of a run. */
export type RunEvent = Extract<StreamEvent, { type: 'command_result' | 'command_progress' }>;

interface Log {
  entries: Entry[];
  /** How many messages have given way. */
  dropped: number;
  /** A message that waits for its answer; gives back its own id. */
  begin(command: string, more?: Pick<Entry, 'pendingText' | 'sent' | 'renderer'>): string;
  /** What becomes known of a message while it waits. */
  note(id: string, known: Partial<Pick<Entry, 'mark' | 'runId' | 'pendingText' | 'sent'>>): void;
  /** The first answer counts; one that is pending only tells the run. */
  settle(id: string, answer: Answer): void;
  /** No answer came, and it may have run. What is heard later settles it all the same. */
  lose(id: string, answer: Answer): void;
  hear(event: RunEvent): void;
  /** Takes away what is settled; what still runs stays. */
  clear(): void;
  /** A message that is settled at once; `renderer` draws its data. */
  say(command: string, answer: Answer, renderer?: string): void;
}

/** The runs that were settled. No event settles one twice, even when its message is gone. */
const settled = new Set<string>();
let count = 0;

export const isOpen = (entry: Entry): boolean => entry.state === 'pending' || entry.state === 'lost';

export const useLog = create<Log>((set, get) => {
  function add(entry: Omit<Entry, 'id' | 'at'>): string {
    const id = `m${(count += 1)}`;
    const entries = [...get().entries, { ...entry, id, at: Date.now() }];
    const surplus = Math.max(0, entries.length - MOST);
    set({ entries: entries.slice(surplus), dropped: get().dropped + surplus });
    return id;
  }

  function change(id: string, next: (entry: Entry) => Entry): void {
    set({ entries: get().entries.map((entry) => (entry.id === id && isOpen(entry) ? next(entry) : entry)) });
  }

  return {
    entries: [],
    dropped: 0,
    begin: (command, more) => add({ command, state: 'pending', ...more }),
    note: (id, known) => change(id, (entry) => ({ ...entry, ...known })),
    settle(id, answer) {
      const { run_id: runId, status } = answer;
      const known = runId === undefined ? {} : { runId };
      if (status === 'pending') return change(id, (entry) => ({ ...entry, ...known }));
      if (runId !== undefined) remember(runId);
      const entry = get().entries.find((each) => each.id === id);
      if (!entry || !isOpen(entry)) return;
      change(id, () => ({ ...entry, ...known, answer, state: status }));
      const path = find(useCatalogue.getState().definitions, entry.command)?.path;
      if (status === 'success' && path) applied(path, answer);
    },
    lose: (id, answer) => change(id, (entry) => ({ ...entry, answer, state: 'lost' })),
    hear(event) {
      const { command, run_id: runId } = event.data;
      if (settled.has(runId)) return;
      const entry = get().entries.find((each) => isOpen(each) && isOf(each, runId));
      const id = entry?.id ?? add({ command, runId, state: 'pending', elsewhere: true });
      if (event.type === 'command_result') return get().settle(id, { ...event.data.result, run_id: runId });
      const { progress, message, data } = event.data;
      const step = { progress, ...(message !== undefined && { message }), ...(data !== undefined && { data }) };
      change(id, (each) => ({ ...each, runId, progress: [...(each.progress ?? []).slice(1 - STEPS), step] }));
    },
    clear: () => set({ entries: get().entries.filter((entry) => entry.state === 'pending'), dropped: 0 }),
    say(command, answer, renderer) {
      get().settle(get().begin(command, renderer === undefined ? {} : { renderer }), answer);
    },
  };
});

function remember(runId: string): void {
  settled.add(runId);
  const [oldest] = settled;
  if (settled.size > 2 * MOST && oldest !== undefined) settled.delete(oldest);
}

function isOf(entry: Entry, runId: string): boolean {
  if (entry.runId !== undefined) return entry.runId === runId;
  return entry.mark !== undefined && isRunOf(entry.mark, runId);
}
