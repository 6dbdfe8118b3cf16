/** One command of the list. */

import { memo } from 'react';
import styles from './list.module.css';
import type { Match } from './match.ts';
import type { Offer } from './offers.ts';
import { useWords } from './words.ts';

export const Row = memo(function Row({ match: { offer, name, description } }: { match: Match }) {
  const words = useWords();
  const { path, aliases, definition, form } = offer;
  const usage = form.usage.startsWith(path) ? form.usage.slice(path.length) : '';
  return (
    <>
      <code className={styles.name}>
        /<Marked text={offer.name} places={name} />
        {usage && <span className={styles.usage}>{usage}</span>}
      </code>
      {aliases.length > 0 && (
        <span className={styles.usage}>
          {words.also} {aliases.map((alias) => `/${alias}`).join(' ')}
        </span>
      )}
      <span className={styles.marks}>
        {marksOf(offer).map((mark) => (
          <span key={mark} className={styles.mark} data-mark={mark}>
            {words.marks[mark]}
          </span>
        ))}
        {definition.deprecated && (
          <span className={styles.mark} data-mark="deprecated">
            {words.marks.deprecated}
          </span>
        )}
      </span>
      <span className={styles.description}>
        <Marked text={form.description} places={description} />
      </span>
    </>
  );
});

type Mark = 'signature' | 'identity' | 'member' | 'admin' | 'panel';

function marksOf({ form: { requiresSignature, requiresIdentity, requiresRole, requiresGUI } }: Offer): Mark[] {
  const marks: (Mark | false | undefined)[] = [
    requiresSignature && 'signature',
    // A signature proves the address too.
    requiresIdentity && !requiresSignature && 'identity',
    requiresRole,
    requiresGUI && 'panel',
  ];
  return marks.filter((mark) => mark !== false && mark !== undefined);
}

/** A text in which the characters that were typed stand out. */
function Marked({ text, places }: { text: string; places: readonly number[] }) {
  if (places.length === 0) return text;
  const isMarked = new Set(places);
  const pieces: { text: string; marked: boolean }[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const marked = isMarked.has(at);
    const last = pieces.at(-1);
    if (last?.marked === marked) last.text += text.charAt(at);
    else pieces.push({ text: text.charAt(at), marked });
  }
  return pieces.map((piece, at) => (piece.marked ? <mark key={at}>{piece.text}</mark> : piece.text));
}
