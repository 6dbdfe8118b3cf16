/** What has become of a message, whoever has told it. */

import type { Reply } from '@nexus/client';
import { isOpen, useLog } from '../log/store.ts';
import { lost } from './failure.ts';

/** Resolves as soon as the message is settled; of one that has given way to others nothing is heard any more. */
export function heard(id: string): Promise<Reply> {
  return new Promise((resolve) => {
    const look = () => {
      const entry = useLog.getState().entries.find((each) => each.id === id);
      if (entry && isOpen(entry)) return;
      stop();
      const answer = entry?.answer;
      // A stream does not tell the status of HTTP.
      resolve(answer ? { ...answer, http: answer.status === 'success' ? 200 : 422 } : lost());
    };
    const stop = useLog.subscribe(look);
  });
}
