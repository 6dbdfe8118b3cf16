/** One value that has no members: a mark for a boolean, a time in the reader's form, a text. */

import { useSettings } from '../../settings/store.ts';
import { Message } from '../message/message.tsx';
import { useWords } from '../words.ts';
import type { Scalar as Value } from './kind.ts';
import { Text } from './text.tsx';
import { localTime, timeOf } from './time.ts';
import css from './view.module.css';

export function Scalar({ value, hint, long }: { value: Value; hint?: string | undefined; long?: number }) {
  const words = useWords();
  if (value === null) return <Mark className={css.none} mark="–" word={words.none} />;
  if (value === true) return <Mark className={css.yes} mark="✓" word={words.yes} />;
  if (value === false) return <Mark className={css.no} mark="✗" word={words.no} />;
  if (typeof value === 'number') return <span className={css.number}>{value}</span>;
  const time = timeOf(value);
  if (time) return <Time exact={value} time={time} />;
  if (hint === 'markdown') return <Message text={value} />;
  return long === undefined ? <Text text={value} /> : <Text text={value} long={long} />;
}

export function Mark({ className, mark, word }: { className: string | undefined; mark: string; word: string }) {
  return (
    <span className={className} title={word}>
      <span aria-hidden="true">{mark}</span>
      <span className="unseen">{word}</span>
    </span>
  );
}

function Time({ exact, time }: { exact: string; time: Date }) {
  const language = useSettings((settings) => settings.language);
  return (
    <time dateTime={exact} title={exact}>
      {localTime(time, language)}
    </time>
  );
}
