/** A text as it is, folded where it is long. */

import { useState } from 'react';
import { visible } from '../visible.ts';
import { Fold } from './fold.tsx';
import css from './view.module.css';

const LONG = 600;

export function Text({ text, long = LONG }: { text: string; long?: number }) {
  const [isOpen, setOpen] = useState(false);
  if (text.length <= long) return <bdi className={css.text}>{visible(text)}</bdi>;
  // The half of a pair would be drawn as a question mark.
  const start = text.slice(0, long / 2).replace(/[\ud800-\udbff]$/, '');
  return (
    <>
      <bdi className={css.text}>{visible(isOpen ? text : `${start}…`)}</bdi>{' '}
      <Fold isOpen={isOpen} length={text.length} onTurn={setOpen} />
    </>
  );
}
