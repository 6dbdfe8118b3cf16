/** The log, of which only what is in sight is mounted. It stays at its end, unless its reader has scrolled up. */

import { type WheelEvent, useEffect, useRef, useState } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { Message } from './message.tsx';
import { useLog } from './store.ts';
import css from './view.module.css';
import { useWords } from './words.ts';

/** How much beyond what is in sight is mounted, for who searches the page or has it read aloud; pixels. */
const BUFFER = 1_200;
/** How near the end counts as there; pixels. */
const NEAR = 16;

export function Log() {
  const words = useWords();
  const { entries, dropped } = useLog();
  const total = dropped + entries.length;
  const list = useRef<VirtualizerHandle>(null);
  const offset = useRef(0);
  /** Whether the end is to be in sight. Known at once, before anything is drawn or measured because of it. */
  const follows = useRef(true);
  /** How many messages there were when the reader left the end; undefined there. */
  const [left, setLeft] = useState<number>();

  function follow(): void {
    if (follows.current) list.current?.scrollToIndex(entries.length - 1, { align: 'end' });
  }
  useEffect(follow);

  function toEnd(): void {
    follows.current = true;
    setLeft(undefined);
  }

  function leave(): void {
    if (!follows.current) return;
    follows.current = false;
    setLeft(total);
  }

  /** Before it has scrolled: what grows at the same moment would take the reader back. */
  function turned({ deltaY }: WheelEvent): void {
    const { scrollSize = 0, viewportSize = 0 } = list.current ?? {};
    if (deltaY < 0 && scrollSize > viewportSize) leave();
  }

  function scrolled(now: number): void {
    const { scrollSize = 0, viewportSize = 0 } = list.current ?? {};
    if (now + viewportSize >= scrollSize - NEAR) {
      toEnd();
    } else if (now < offset.current) {
      // What grows moves the end away; only a reader moves up.
      leave();
    }
    offset.current = now;
  }

  return (
    <div className={css.frame}>
      {dropped > 0 && <p className={css.dropped}>{words.dropped(dropped)}</p>}
      {/* What is scrolled into sight is not read aloud as if it were new. */}
      <div
        className={css.log}
        role="log"
        aria-label={words.log}
        aria-live={left === undefined ? 'polite' : 'off'}
        tabIndex={0}
        onWheel={turned}
      >
        {entries.length === 0 && <p className={css.empty}>{words.empty}</p>}
        <div className={css.space} />
        <Virtualizer ref={list} bufferSize={BUFFER} data={entries} onScroll={scrolled} onResize={follow}>
          {(entry, place) => <Message key={entry.id} entry={entry} place={dropped + place + 1} total={total} />}
        </Virtualizer>
      </div>
      {left !== undefined && (
        <button type="button" className={css.new} onClick={toEnd}>
          {words.more(total - left)}
        </button>
      )}
    </div>
  );
}
