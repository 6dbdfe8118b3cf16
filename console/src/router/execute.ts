/**
 * Runs a command on the server. Its message waits in the log before anything is signed or sent; the answer of HTTP or the
 * event of the stream settles it, whichever is first.
 */

import type { Args, Reply } from '@nexus/client';
import type { Found } from '../catalogue/find.ts';
import { useIdentity } from '../identity/store.ts';
import { useLog } from '../log/store.ts';
import { nexus } from '../nexus.ts';
import { deliver } from './deliver.ts';
import { failed } from './failure.ts';
import { heard } from './heard.ts';
import { mended, type Needs, needsOf, signedIn } from './needs.ts';
import { useWords } from './words.ts';

export const EXECUTE = '/api/v1/commands/execute';
/** Seconds that a command may take before it is not waited for. */
const PATIENCE = 30;

export interface Call {
  command: string;
  found: Found | undefined;
  args?: Args;
  pendingText?: string;
}

export async function execute(call: Call): Promise<Reply> {
  const { command, args, pendingText } = call;
  const sent = { method: 'POST', path: EXECUTE, body: { command, ...(args && { args }) }, ...(args && { args }) };
  const id = useLog.getState().begin(command, { sent, ...(pendingText && { pendingText }) });
  const end = heard(id);
  const reply = await Promise.race([ask(id, call), end]);
  settle(id, reply);
  return reply.status === 'pending' ? end : reply;
}

export function settle(id: string, reply: Reply): void {
  const log = useLog.getState();
  if (reply.code === 'lost') log.lose(id, reply);
  else log.settle(id, reply);
}

async function ask(id: string, call: Call): Promise<Reply> {
  try {
    const needs = needsOf(call.found);
    const reply = await once(id, call, needs);
    const better = mended(needs, reply.code);
    if (!better) return reply;
    if (reply.code === 'session_invalid') await signedIn();
    return await once(id, call, better);
  } catch (failure) {
    return failed(failure);
  }
}

async function once(id: string, call: Call, { sign, identity }: Needs): Promise<Reply> {
  const { command, found, args, pendingText = '' } = call;
  const { note } = useLog.getState();
  const mustSignIn = identity && !sign && !nexus.session;
  const isAsked = useIdentity.getState().kind === 'wallet' && (sign || mustSignIn);
  if (isAsked) note(id, { pendingText: useWords.now().signing });
  if (mustSignIn) await signedIn();
  const { timeout = PATIENCE } = found?.definition ?? {};
  const prepared = await nexus.prepare(command, {
    sign,
    ...(args && { args }),
    // What takes long is told by the stream, and can be asked for with the session.
    respondAsync: timeout > PATIENCE && nexus.session !== undefined,
    timeout: (timeout + 15) * 1_000,
  });
  note(id, { mark: prepared.mark, pendingText });
  const isKnownAgain = sign || nexus.session !== undefined;
  return deliver({ ids: [id], send: () => prepared.send(), isKnownAgain, isHarmless: found?.form.replaySafe ?? false });
}
