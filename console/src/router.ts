/** The one way to run anything: decides where a typed line runs, and says in the log what becomes of it. */

import { type Args, NexusError, type Reply } from '@nexus/client';
import { find } from './catalogue/find.ts';
import { known } from './catalogue/store.ts';
import { useConnection } from './connection/store.ts';
import type { Entry } from './log/entry.ts';
import { useLog } from './log/store.ts';
import { nexus } from './nexus.ts';
import { usePanel } from './panels/store.ts';
import { executeAll } from './router/batch.ts';
import { execute } from './router/execute.ts';
import { failed } from './router/failure.ts';
import { runHere } from './router/here.ts';

interface RunOptions {
  args?: Args;
  /** What a panel shows in the log while it waits. */
  pendingText?: string;
  /** Asked by a panel itself, which is not opened again. */
  panel?: false;
}

/** Resolves with the answer, also with one that is an error, and with undefined where a panel was opened. Never rejects. */
export async function run(line: string, options: RunOptions = {}): Promise<Reply | undefined> {
  const { args, pendingText, panel } = options;
  const command = withSlash(line);
  if (command === '/') return undefined;
  const found = find(await known(), command);
  if (found?.definition.handler === 'client') {
    const reply = runHere(found, args);
    useLog.getState().say(command, reply, found.definition.name);
    return reply;
  }
  if (found?.form.requiresGUI && panel !== false && !found.rest && !args) {
    usePanel.getState().show(found.path, command);
    return undefined;
  }
  return execute({ command, found, ...(args && { args }), ...(pendingText && { pendingText }) });
}

/** Several lines in one request, signed once if any asks for it; each has a message and an answer of its own. */
export async function runBatch(lines: string[]): Promise<Reply> {
  const definitions = await known();
  return executeAll(lines.map(withSlash).map((command) => ({ command, found: find(definitions, command) })));
}

/** Asks the server to end a run; what becomes of it is told as its result. */
export async function cancel({ runId }: Entry): Promise<void> {
  if (runId === undefined) return;
  try {
    await nexus.runs.cancel(runId);
  } catch (failure) {
    // One that has ended tells its result by itself.
    if (failure instanceof NexusError && failure.code === 'finished') return;
    useConnection.getState().notice({ kind: 'failed', message: failed(failure).message });
  }
}

const withSlash = (line: string): string => line.trim().replace(/^\/?/, '/');
