/** What has become of a command: its message, then its data, and what can be done with both. */

import { useState } from 'react';
import type { Answer } from '@nexus/client';
import type { Entry } from '../log/entry.ts';
import { useSettings } from '../settings/store.ts';
import { Actions } from './actions.tsx';
import { Failure, Faults, faultsOf } from './failure.tsx';
import { asCame } from './json.ts';
import { Message } from './message/message.tsx';
import { repeats } from './plain.ts';
import { Advance } from './progress.tsx';
import { Raw } from './raw.tsx';
import { Data } from './view/data.tsx';
import { useWords } from './words.ts';
import css from './result.module.css';

export interface Shown {
  entry: Entry;
  /** What the definition asks for. The shape of the data decides where that is nothing, or what nobody knows. */
  renderer?: string | undefined;
}

/** What was chosen for a message outlives its being scrolled out of sight, where it is not mounted. */
const choices = new Map<string, boolean>();

export function Result({ entry, renderer }: Shown) {
  const words = useWords();
  const isRawByDefault = useSettings((settings) => settings.raw);
  const [chosen, setChosen] = useState(() => choices.get(entry.id));
  const isRaw = chosen ?? isRawByDefault;
  const { answer, state } = entry;
  const setRaw = (isRaw: boolean) => {
    choices.set(entry.id, isRaw);
    setChosen(isRaw);
  };
  return (
    <div className={css.result} data-state={answer?.code === 'cancelled' ? 'cancelled' : state}>
      <div className={css.body}>
        {state === 'pending' && <Advance entry={entry} renderer={renderer} />}
        {state === 'lost' && !answer && <p>{words.lost}</p>}
        {answer && isRaw && <Raw value={asCame(answer)} label={words.json} />}
        {answer && !isRaw && <Settled entry={entry} answer={answer} renderer={renderer} />}
      </div>
      <Actions entry={entry} isRaw={isRaw} onRaw={setRaw} />
    </div>
  );
}

function Settled({ entry, answer, renderer }: Shown & { answer: Answer }) {
  const words = useWords();
  const faults = faultsOf(answer);
  const { message, data } = answer;
  const saysMore = data !== undefined && data !== null && !faults && !repeats(message, data);
  return (
    <>
      {answer.code === 'cancelled' && <p className={css.cancelled}>{words.cancelled}</p>}
      <Message text={message} />
      {faults && faults.length > 0 && <Faults faults={faults} />}
      <Failure answer={answer} />
      {(saysMore || renderer === 'chart') && (
        <Data data={data} entry={entry} renderer={answer.status === 'error' ? undefined : renderer} />
      )}
    </>
  );
}
