/** How far a run has come, and the last of what it has said. */

import type { Entry } from '../log/entry.ts';
import { Data } from './view/data.tsx';
import { visible } from './visible.ts';
import { useWords } from './words.ts';
import css from './result.module.css';

const LAST = 5;

/** Its every step would interrupt whoever listens to the log; the result is said. */
export function Advance({ entry, renderer }: { entry: Entry; renderer: string | undefined }) {
  const words = useWords();
  const steps = entry.progress ?? [];
  const last = steps.at(-1);
  if (!last) return null;
  const { current, total, unit } = last.progress;
  const hasData = steps.some((step) => step.data !== undefined);
  return (
    <div className={css.advance} aria-live="off">
      <div className={css.bar}>
        <progress aria-label={words.progress} {...(total === undefined ? {} : { value: current, max: total || 1 })} />
        <span className={css.count}>
          {[total === undefined ? current : `${current} / ${total}`, unit].filter(Boolean).join(' ')}
        </span>
      </div>
      {last.message && !hasData && <p className={css.aside}>{visible(last.message)}</p>}
      {hasData && renderer === 'chart' && <Data data={undefined} entry={entry} renderer={renderer} />}
      {hasData && (
        <ol className={css.steps} aria-label={words.steps}>
          {steps.slice(-LAST).map(({ progress, message }, index) => (
            <li key={index}>{visible(message ?? String(progress.current))}</li>
          ))}
        </ol>
      )}
    </div>
  );
}
