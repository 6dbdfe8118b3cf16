/** A text for people: as markdown, and until that is loaded, or where it cannot be, as it is. */

import { Suspense, lazy, useMemo, useState } from 'react';
import { Boundary } from '../boundary.tsx';
import { Fold } from '../view/fold.tsx';
import { Text } from '../view/text.tsx';
import { visible } from '../visible.ts';
import css from './message.module.css';
import { isMarked } from './marked.ts';
import { pieces } from './pieces.ts';

const Markdown = lazy(() => import('./markdown.tsx'));

/** More lines, or characters, than these are folded. */
const TALL = 40;
const LONG = 3_000;

export function Message({ text }: { text: string }) {
  const [isOpen, setOpen] = useState(false);
  const all = useMemo(() => pieces(visible(text)), [text]);
  if (!all) {
    return (
      <div className={css.plain}>
        <Text text={text} />
      </div>
    );
  }
  const isTall = text.length > LONG || text.split('\n', TALL + 1).length > TALL;
  return (
    <>
      <div className={css.message} data-folded={isTall && !isOpen}>
        {all.slice(0, isOpen ? undefined : 1).map((piece, index) => (
          <Piece key={index} text={piece} />
        ))}
      </div>
      {isTall && <Fold isOpen={isOpen} length={text.length} onTurn={setOpen} />}
    </>
  );
}

function Piece({ text }: { text: string }) {
  const plain = <p className={css.plain}>{text}</p>;
  if (!isMarked(text)) return plain;
  return (
    <Boundary key={text} instead={plain}>
      <Suspense fallback={plain}>
        <Markdown text={text} />
      </Suspense>
    </Boundary>
  );
}
