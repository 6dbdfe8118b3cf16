/** The settings of a key: read when the panel opens, and saved as a whole. The form is that of `/config/set`. */

import type { Reply } from '@nexus/client';
import { useState } from 'react';
import { Form } from '../form/form.tsx';
import { useIdentity } from '../identity/store.ts';
import { useCommand } from './command-of.ts';
import { Told, useFeedback } from './feedback.tsx';
import { Nobody } from './nobody.tsx';
import { useOnce } from './once.ts';
import styles from './panels.module.css';
import { useWords } from './words.ts';

const SET = '/config/set';

export default function Config() {
  const address = useIdentity((state) => state.address);
  return address ? <Settings key={address} /> : <Nobody />;
}

function Settings() {
  const words = useWords();
  const set = useCommand(SET);
  const { feedback, request, busy, faults } = useFeedback();
  /** What is set; the rest has its default, and keeps it when it is not touched. */
  const [overrides, setOverrides] = useState<Record<string, unknown>>();

  const ask = async (line: string, loading: string, done: () => string, args?: Record<string, unknown>) => {
    const reply = await request(line, { loading, done, ...(args && { args }) });
    const kept = overridesIn(reply);
    if (kept) setOverrides(kept);
  };
  const read = () => void ask('/config', words.config.reading, () => '');
  const save = (args: Record<string, unknown>) =>
    void ask(SET, words.config.saving, () => useWords.now().config.saved, args);
  useOnce(read);

  if (!set) return <p>{words.unknown(SET)}</p>;
  return (
    <div className={styles.stack}>
      <Told feedback={feedback} />
      {overrides ? (
        <Form
          focused
          schema={set.form.parameters}
          initial={overrides}
          names={words.config.names}
          busy={busy}
          faults={faults}
          submit={words.config.save}
          onSubmit={save}
        >
          <button type="button" aria-disabled={busy} onClick={() => busy || save({})}>
            {words.config.reset}
          </button>
        </Form>
      ) : (
        feedback.state === 'error' && (
          <button type="button" className={styles.alone} onClick={read}>
            {words.retry}
          </button>
        )
      )}
    </div>
  );
}

function overridesIn(reply: Reply | undefined): Record<string, unknown> | undefined {
  const { data, status } = reply ?? {};
  if (status !== 'success' || typeof data !== 'object' || data === null || !('overrides' in data)) return undefined;
  const { overrides } = data;
  return typeof overrides === 'object' && overrides !== null ? { ...overrides } : undefined;
}
