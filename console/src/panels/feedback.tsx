/**
 * What a panel says of what was done in it. The log says it too, by itself: neither waits for the other, and closing
 * the panel takes nothing from the log.
 */

import type { Args, Reply } from '@nexus/client';
import { useCallback, useState } from 'react';
import { run } from '../router.ts';
import styles from './panels.module.css';
import { useWords } from './words.ts';

export type Feedback =
  | { state: 'idle' }
  | { state: 'loading' | 'success'; message: string }
  | { state: 'error'; message: string; hint?: string | undefined; faults?: unknown };

interface Request {
  args?: Args;
  /** What panel and log show while it runs. */
  loading: string;
  /** What the panel says in the end, in the language of then, instead of the server's message; `''` is nothing. */
  done?: () => string;
}

/** Runs commands for a panel, and keeps what is to be said of the last. */
export function useFeedback() {
  const [feedback, tell] = useState<Feedback>({ state: 'idle' });
  const request = useCallback(async (line: string, { args, loading, done }: Request): Promise<Reply | undefined> => {
    tell({ state: 'loading', message: loading });
    const reply = await run(line, { panel: false, pendingText: loading, ...(args && { args }) });
    if (reply) tell(feedbackOf(reply, done?.() ?? reply.message));
    return reply;
  }, []);
  const faults = feedback.state === 'error' ? feedback.faults : undefined;
  return { feedback, tell, request, busy: feedback.state === 'loading', faults };
}

function feedbackOf({ status, message, hint, code, data }: Reply, done: string): Feedback {
  if (status !== 'error') return done === '' ? { state: 'idle' } : { state: 'success', message: done };
  // The form says at each field what is wrong with it.
  if (code === 'invalid_arguments') return { state: 'error', message: useWords.now().faulty, faults: data };
  return { state: 'error', message, hint };
}

/** Read aloud when it changes. */
export function Told({ feedback }: { feedback: Feedback }) {
  return (
    <div role={feedback.state === 'error' ? 'alert' : 'status'} className={styles.told} data-state={feedback.state}>
      {feedback.state !== 'idle' && <p>{feedback.message}</p>}
      {feedback.state === 'error' && feedback.hint && <p className={styles.hint}>{feedback.hint}</p>}
    </div>
  );
}
