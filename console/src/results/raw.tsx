/** A value as the JSON that came. */

import { json } from './json.ts';
import { Scrolled } from './view/scrolled.tsx';
import { useWords } from './words.ts';
import css from './result.module.css';

export function Raw({ value, label }: { value: unknown; label: string }) {
  const words = useWords();
  const text = json(value);
  if (text === undefined) return <p className={css.aside}>{words.tooDeep}</p>;
  return (
    <Scrolled label={label}>
      <pre className={css.raw}>{text}</pre>
    </Scrolled>
  );
}
