/** Runs several commands by one request, signed once if any asks for it. */

import type { Reply } from '@nexus/client';
import { useIdentity } from '../identity/store.ts';
import { useLog } from '../log/store.ts';
import { nexus } from '../nexus.ts';
import { deliver } from './deliver.ts';
import { type Call, EXECUTE, settle } from './execute.ts';
import { failed, lost } from './failure.ts';
import { needsOf, signedIn } from './needs.ts';

export async function executeAll(calls: readonly Call[]): Promise<Reply> {
  const { begin } = useLog.getState();
  const ids = calls.map(({ command }) => begin(command, { sent: { method: 'POST', path: EXECUTE, body: { command } } }));
  const reply = await ask(ids, calls).catch(failed);
  const results = reply.status === 'success' ? resultsIn(reply) : [];
  const others = reply.status === 'success' ? lost() : reply;
  ids.forEach((id, place) => settle(id, results[place] ?? others));
  return reply;
}

async function ask(ids: readonly string[], calls: readonly Call[]): Promise<Reply> {
  const needs = calls.map(({ found }) => needsOf(found));
  // A key of this browser signs without a word, and a nonce is forgotten sooner than the key of each command would be.
  const sign = needs.some((each) => each.sign) || useIdentity.getState().kind === 'local';
  if (!sign && !nexus.session && needs.some((each) => each.identity)) await signedIn();
  const prepared = await nexus.prepareBatch(calls.map(({ command }) => ({ command })), { sign, onError: 'continue' });
  ids.forEach((id, place) => {
    const mark = prepared.marks[place];
    if (mark !== undefined) useLog.getState().note(id, { mark });
  });
  return deliver({
    ids,
    send: () => prepared.send(),
    isKnownAgain: sign || nexus.session !== undefined,
    isHarmless: calls.every(({ found }) => found?.form.replaySafe),
  });
}

function resultsIn({ data }: Reply): Reply[] {
  const results = typeof data === 'object' && data !== null && 'results' in data ? data.results : undefined;
  return Array.isArray(results) ? results : [];
}
