/** The prompts of a key: listed when the panel opens, and then opened, written anew and deleted one by one. */

import { useState } from 'react';
import { Form } from '../form/form.tsx';
import { useIdentity } from '../identity/store.ts';
import { useCommand } from './command-of.ts';
import { Confirm } from './confirm.tsx';
import { Told, useFeedback } from './feedback.tsx';
import { useFocusAfter } from './focus.ts';
import { Nobody } from './nobody.tsx';
import { useOnce } from './once.ts';
import styles from './panels.module.css';
import { type Row, merged, rowIn, rowsIn, textIn } from './prompts.ts';
import { useWords } from './words.ts';

const SET = '/prompt/set';

type View = { at: 'list' } | { at: 'text'; initial: Record<string, unknown> } | { at: 'removal'; name: string };
const LIST: View = { at: 'list' };

export default function Prompt() {
  const address = useIdentity((state) => state.address);
  return address ? <Prompts key={address} /> : <Nobody />;
}

function Prompts() {
  const { prompt: words, ...general } = useWords();
  const set = useCommand(SET);
  const { feedback, tell, request, busy, faults } = useFeedback();
  const [rows, setRows] = useState<Row[]>();
  const [view, setView] = useState<View>(LIST);
  const top = useFocusAfter<HTMLDivElement>(view);

  const read = async () => setRows(rowsIn(await request('/prompt', { loading: words.reading, done: () => '' })));
  const open = async (name: string) => {
    const text = textIn(
      await request('/prompt/show', { args: { name }, loading: words.opening(name), done: () => '' }),
    );
    if (text !== undefined) setView({ at: 'text', initial: { name, text } });
  };
  const save = async (args: Record<string, unknown>) => {
    const name = `${args.name ?? ''}`;
    const row = rowIn(await request(SET, { args, loading: words.saving(name), done: () => words.saved(name) }));
    if (!row) return;
    setRows(merged(rows ?? [], row));
    setView(LIST);
  };
  const remove = async (name: string) => {
    const reply = await request('/prompt/delete', {
      args: { name },
      loading: words.removing(name),
      done: () => words.removed(name),
    });
    if (reply?.status === 'success') setRows(rows?.filter((row) => row.name !== name));
    setView(LIST);
  };
  const go = (to: View) => {
    tell({ state: 'idle' });
    setView(to);
  };
  useOnce(() => void read());

  if (!set) return <p>{general.unknown(SET)}</p>;
  return (
    <div className={styles.stack} ref={top} tabIndex={-1}>
      <Told feedback={feedback} />
      {view.at === 'text' && (
        <Form
          focused
          schema={set.form.parameters}
          initial={view.initial}
          names={words.names}
          busy={busy}
          faults={faults}
          submit={words.save}
          onSubmit={(args) => void save(args)}
        >
          <button type="button" onClick={() => go(LIST)}>
            {general.back}
          </button>
        </Form>
      )}
      {view.at === 'removal' && (
        <Confirm sure={words.sure} busy={busy} onConfirm={() => void remove(view.name)} onCancel={() => go(LIST)}>
          {words.removal(view.name)}
        </Confirm>
      )}
      {view.at === 'list' && rows && (
        <>
          {rows.length === 0 && <p>{words.none}</p>}
          <ul className={styles.rows} aria-label={words.list}>
            {rows.map(({ name, size }) => (
              <li key={name}>
                <button
                  type="button"
                  data-kind="plain"
                  className={styles.name}
                  aria-label={words.open(name)}
                  onClick={() => busy || void open(name)}
                >
                  {name}
                </button>
                <span className={styles.hint}>{words.size(size)}</span>
                <button
                  type="button"
                  data-kind="plain"
                  aria-label={words.remove(name)}
                  onClick={() => go({ at: 'removal', name })}
                >
                  ✕
                </button>
              </li>
            ))}
          </ul>
          <button
            type="button"
            className={styles.alone}
            data-kind="primary"
            onClick={() => go({ at: 'text', initial: {} })}
          >
            {words.add}
          </button>
        </>
      )}
      {!rows && feedback.state === 'error' && (
        <button type="button" className={styles.alone} onClick={() => void read()}>
          {general.retry}
        </button>
      )}
    </div>
  );
}
