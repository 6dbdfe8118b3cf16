/** The panel of any other command that asks for one: a form of its arguments, and of which of its subcommands. */

import { useState } from 'react';
import { Form } from '../form/form.tsx';
import { useCommand } from './command-of.ts';
import { Told, useFeedback } from './feedback.tsx';
import type { PanelProps } from './panel.tsx';
import styles from './panels.module.css';
import { useWords } from './words.ts';

export default function Command({ path: asked }: PanelProps) {
  const words = useWords();
  const [path, setPath] = useState(asked);
  const found = useCommand(path);
  const { feedback, tell, request, busy, faults } = useFeedback();
  if (!found) return <p>{words.unknown(path)}</p>;

  const { definition, form } = found;
  const bare = `/${definition.name}`;
  const paths = [bare, ...(definition.subcommands ?? []).map(({ name }) => `${bare}/${name}`)];
  const choose = (chosen: string) => {
    setPath(chosen);
    tell({ state: 'idle' });
  };
  return (
    <div className={styles.stack}>
      {paths.length > 1 && (
        <label className={styles.stack}>
          {words.which}
          <select value={path} onChange={(event) => choose(event.target.value)}>
            {paths.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      )}
      <p>{form.description}</p>
      <p className={styles.hint}>
        <code>{form.usage}</code>
      </p>
      <Form
        key={path}
        schema={form.parameters}
        busy={busy}
        faults={faults}
        submit={words.run}
        onSubmit={(args) => void request(path, { args, loading: words.running })}
      />
      <Told feedback={feedback} />
    </div>
  );
}
