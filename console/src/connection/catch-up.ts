/** Asks for the runs whose end may have been told while nobody listened. */

import { useLog } from '../log/store.ts';
import { nexus } from '../nexus.ts';
import { useConnection } from './store.ts';

/** How often to ask while there is no stream; ms. */
const PAUSE = 5_000;

export async function catchUp(): Promise<void> {
  if (!nexus.session) return;
  for (const { id, runId, state } of useLog.getState().entries) {
    if (runId === undefined || state !== 'pending') continue;
    // What cannot be asked now is asked the next time.
    const run = await nexus.runs.get(runId).catch(() => undefined);
    if (run?.result) useLog.getState().settle(id, { ...run.result, run_id: runId });
  }
}

/** Called once, when the page starts. */
export function keepUp(): void {
  setInterval(() => {
    if (useConnection.getState().stream?.phase !== 'open') void catchUp();
  }, PAUSE);
}
