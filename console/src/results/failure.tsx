/** What stands beside a message: what to do, which arguments are wrong, and the code of an error. */

import type { Answer } from '@nexus/client';
import { Message } from './message/message.tsx';
import { isRow } from './view/kind.ts';
import { visible } from './visible.ts';
import { useWords } from './words.ts';
import css from './result.module.css';

export function Failure({ answer: { code, hint } }: { answer: Answer }) {
  const words = useWords();
  return (
    <>
      {hint && (
        <div className={css.hint} role="note" aria-label={words.hint}>
          <Message text={hint} />
        </div>
      )}
      {code && <code className={css.code}>{visible(code)}</code>}
    </>
  );
}

/** What is wrong with each argument; nothing where the message says it all. Undefined where data are something else. */
export function faultsOf({ code, data, message }: Answer): [string, string[]][] | undefined {
  if (code !== 'invalid_arguments' || !isRow(data)) return undefined;
  const faults = Object.entries(data);
  const isFaults = (fault: [string, unknown]): fault is [string, string[]] =>
    Array.isArray(fault[1]) && fault[1].every((text) => typeof text === 'string');
  if (faults.length === 0 || !faults.every(isFaults)) return undefined;
  const sentences = faults.flatMap(([argument, texts]) => texts.map((text) => `\`${argument}\` ${text}`));
  return sentences.every((sentence) => message.includes(sentence)) ? [] : faults;
}

export function Faults({ faults }: { faults: [string, string[]][] }) {
  const words = useWords();
  return (
    <ul className={css.faults} aria-label={words.faults}>
      {faults.map(([argument, texts]) => (
        <li key={argument}>
          <code>{visible(argument)}</code> {visible(texts.join('; '))}
        </li>
      ))}
    </ul>
  );
}
