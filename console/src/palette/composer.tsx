/** Where commands are typed: the input at the bottom, the list above it, and what is said about the line. */

import { useId, useLayoutEffect, useRef } from 'react';
import { BatchBar } from './batch-bar.tsx';
import styles from './composer.module.css';
import { useComposing } from './composing.ts';
import { HintLine } from './hint-line.tsx';
import { hintsOf } from './hints.ts';
import { history } from './history.ts';
import { EMPTY, typed } from './line.ts';
import { List } from './list.tsx';
import { useShortcuts } from './shortcuts.ts';
import { submitSingly, submitTogether } from './submit.ts';
import { useWords } from './words.ts';

export function Composer() {
  const words = useWords();
  const input = useRef<HTMLTextAreaElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const bar = useRef<HTMLDivElement>(null);
  const hintsId = useId();
  const { line, setLine, setFocused, owner, suggestions, open, marked, enter, take, press } = useComposing(bar);
  const { matches, candidates, pasted } = suggestions;

  useShortcuts(() => {
    input.current?.focus();
    setLine(line.text === '' ? typed('/') : { ...line, dismissed: false });
  });

  useLayoutEffect(() => {
    const element = input.current;
    if (element && element.selectionEnd !== line.caret) element.setSelectionRange(line.caret, line.caret);
  }, [line]);

  // The list names itself and its rows, so that the input can point to them only once they are there.
  useLayoutEffect(() => {
    const option = marked ? list.current?.querySelectorAll('[role="option"]')[line.chosen] : undefined;
    point(input.current, 'aria-controls', open ? list.current : undefined);
    point(input.current, 'aria-activedescendant', option);
    option?.scrollIntoView({ block: 'nearest' });
  });

  function leave(then?: () => void): void {
    setLine(EMPTY);
    input.current?.focus();
    then?.();
  }

  return (
    <div className={styles.composer}>
      {open && (
        <List
          list={list}
          matches={matches.shown}
          candidates={candidates}
          more={matches.total - matches.shown.length}
          chosen={line.chosen}
          marked={marked}
          onChoose={(chosen) => setLine((before) => ({ ...before, chosen }))}
          onMove={() => line.moved || setLine((before) => ({ ...before, moved: true }))}
          onTake={take}
        />
      )}
      {pasted && (
        <BatchBar
          bar={bar}
          pasted={pasted}
          onTogether={() => leave(() => submitTogether(pasted.lines))}
          onSingly={() => leave(() => void submitSingly(pasted.lines))}
          onCancel={() => leave()}
        />
      )}
      <div className={styles.field}>
        <textarea
          ref={input}
          className={styles.input}
          role="combobox"
          aria-label={words.command}
          aria-haspopup="listbox"
          aria-autocomplete="list"
          aria-expanded={open}
          aria-describedby={hintsId}
          autoFocus={matchMedia('(pointer: fine)').matches}
          autoCapitalize="off"
          autoComplete="off"
          autoCorrect="off"
          spellCheck={false}
          enterKeyHint="send"
          placeholder={words.placeholder}
          rows={Math.min(8, line.text.split('\n').length)}
          value={line.text}
          onChange={({ target }) => setLine(typed(target.value, target.selectionEnd))}
          onSelect={({ currentTarget: { selectionEnd: caret, value } }) =>
            // It may tell of a line that the same key has just replaced.
            setLine((before) => (before.caret === caret || before.text !== value ? before : { ...before, caret }))
          }
          onKeyDown={(event) => {
            if (!event.nativeEvent.isComposing && press(event)) event.preventDefault();
          }}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
        />
        <button
          type="button"
          data-kind="primary"
          disabled={line.text.trim() === ''}
          // It does what Enter does: with the list as it is, which would close without the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={enter}
        >
          {words.run}
        </button>
      </div>
      <div className={styles.below}>
        <HintLine id={hintsId} hints={hintsOf(line, suggestions, words)} />
        {line.recalled && (
          <button type="button" data-kind="plain" onClick={() => leave(() => history.clear(owner))}>
            {words.forget}
          </button>
        )}
      </div>
    </div>
  );
}

/** Lets an attribute name another element, or nothing. */
function point(from: Element | null, attribute: string, to: Element | null | undefined): void {
  if (to) from?.setAttribute(attribute, to.id);
  else from?.removeAttribute(attribute);
}
