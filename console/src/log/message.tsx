/** One message: the command, when it was run, and what has become of it. */

import { memo } from 'react';
import { find } from '../catalogue/find.ts';
import { useCatalogue } from '../catalogue/store.ts';
import { Result } from '../results/result.tsx';
import { localTime, variety } from '../results/view/time.ts';
import { useSettings } from '../settings/store.ts';
import type { Entry } from './entry.ts';
import { Mend } from './mend.tsx';
import css from './message.module.css';
import { useWords } from './words.ts';

/** More characters of a command than these say nothing to a reader. */
const LONG = 1_000;

interface Props {
  entry: Entry;
  /** Its place among all messages, of which most are not mounted. */
  place: number;
  total: number;
}

export const Message = memo(function Message({ entry, place, total }: Props) {
  const words = useWords();
  const { command, state, answer, progress, runId, pendingText, elsewhere } = entry;
  const declared = useCatalogue(({ definitions }) => find(definitions, command)?.definition.renderer);
  const isPending = state === 'pending';
  const title = command.length > LONG ? `${command.slice(0, LONG)}…` : command;
  return (
    <article
      className={css.message}
      aria-label={title}
      aria-posinset={place}
      aria-setsize={total}
      aria-busy={isPending}
      data-state={state}
    >
      <header className={css.head}>
        <span className={css.mark} aria-hidden="true">
          ■
        </span>
        <code className={css.command}>{title}</code>
        {elsewhere && <span className={css.elsewhere}>{words.elsewhere}</span>}
        <span className={state === 'success' ? 'unseen' : css.state}>{words.states[state]}</span>
        <Moment at={entry.at} />
      </header>
      {isPending && (pendingText || !progress) && (
        <p className={css.pending}>
          <span className={css.spinner} aria-hidden="true" />
          {pendingText || words.waiting}
        </p>
      )}
      {(answer || progress || runId) && (
        <div className={css.body}>
          <Result entry={entry} renderer={entry.renderer ?? declared} />
          <Mend entry={entry} />
        </div>
      )}
    </article>
  );
});

function Moment({ at }: { at: number }) {
  const language = useSettings((settings) => settings.language);
  const moment = new Date(at);
  return (
    <time className={css.time} dateTime={moment.toISOString()} title={localTime(moment, language)}>
      {moment.toLocaleTimeString(variety(language))}
    </time>
  );
}
