/** What `/help` lists. It is drawn without what reads markdown, so that it asks nobody for anything. */

import { isRow } from './view/kind.ts';
import css from './help.module.css';

/** What is said of each command, and of all. */
export interface Listed {
  commands: { usage: string; description: string; needs?: string }[];
  note: string;
}

export function Help({ data }: { data: unknown }) {
  if (!isListed(data)) return null;
  return (
    <>
      <ul className={css.list}>
        {data.commands.map(({ usage, description, needs }) => (
          <li key={usage}>
            <code>{usage}</code> {description}
            {needs && <em> {needs}</em>}
          </li>
        ))}
      </ul>
      <p className={css.note}>{data.note}</p>
    </>
  );
}

const isListed = (data: unknown): data is Listed => isRow(data) && Array.isArray(data.commands);
