/** The state of the line, and what keys and clicks do to it. */

import { type KeyboardEvent, type RefObject, useEffect, useState } from 'react';
import { useIdentity } from '../identity/store.ts';
import { useSettings } from '../settings/store.ts';
import { completed, onEnter } from './enter.ts';
import { history, recall, step } from './history.ts';
import { EMPTY, recalled, typed } from './line.ts';
import { ownerOf } from './per-key.ts';
import { submit } from './submit.ts';
import { useSuggestions } from './suggestions.ts';

/** `bar` offers what to do with several lines. */
export function useComposing(bar: RefObject<HTMLElement | null>) {
  const [line, setLine] = useState(EMPTY);
  const [focused, setFocused] = useState(false);
  const owner = ownerOf(useIdentity((identity) => identity.address));
  const limit = useSettings((settings) => settings.history);
  useEffect(() => history.trim(owner, limit), [owner, limit]);

  const suggestions = useSuggestions(line);
  const { found, matches, candidates, pasted } = suggestions;
  const rows = matches.shown.length + candidates.length;
  const open = focused && !line.dismissed && rows > 0;
  // The first command is chosen at once; what may stand at the caret is only offered.
  const marked = open && (line.moved || candidates.length === 0);

  function enter(): void {
    if (line.text.trim() === '') return;
    if (pasted) {
      bar.current?.querySelector('button')?.focus();
      return;
    }
    if (marked && candidates.length > 0) {
      complete();
      return;
    }
    const deed = onEnter(line.text, found, open ? matches.shown[line.chosen]?.offer : undefined, line.moved);
    if (deed.kind === 'complete') setLine(typed(deed.text));
    else if (deed.kind === 'refuse') setLine({ ...line, refused: true });
    else start(deed.line);
  }

  function start(text: string): void {
    setLine(EMPTY);
    submit(text);
  }

  /** Puts a row of the list into the line; false where that would change nothing. */
  function complete(row = line.chosen): boolean {
    const offer = matches.shown[row]?.offer;
    const candidate = candidates[row];
    const { text } = line;
    if (offer) setLine(typed(completed(offer)));
    if (candidate) {
      const before = text.slice(0, candidate.start) + candidate.insert;
      setLine(typed(before + text.slice(candidate.end).trimStart(), before.length));
    }
    return candidate !== undefined || (offer !== undefined && completed(offer) !== text);
  }

  /** A click on a row. */
  function take(row: number): void {
    const offer = matches.shown[row]?.offer;
    const deed = offer && onEnter(line.text, found, offer, true);
    if (deed?.kind === 'run') start(deed.line);
    else complete(row);
  }

  /** Up or down: in the list, or through the history. False where the key keeps its own meaning. */
  function go(direction: -1 | 1): boolean {
    if (open && (marked || direction === 1)) {
      setLine({ ...line, chosen: marked ? (line.chosen + direction + rows) % rows : 0, moved: true });
      return true;
    }
    const { text, caret } = line;
    const further = direction === -1 ? text.slice(0, caret) : text.slice(caret);
    if (further.includes('\n')) return false;
    const from = line.recalled ?? (direction === -1 ? recall(history.read(owner), text) : undefined);
    const next = from && step(from, direction);
    if (next) setLine(recalled(next));
    return next !== undefined;
  }

  function dismiss(): boolean {
    if (line.text === '') return false;
    setLine(open ? { ...line, dismissed: true } : EMPTY);
    return true;
  }

  function removeRecalled(): boolean {
    if (!line.recalled) return false;
    history.remove(owner, line.text);
    setLine(EMPTY);
    return true;
  }

  /** What a key does here; false where the browser shall see to it. */
  function press({ key, shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
    if (ctrlKey || metaKey || altKey) return false;
    if (shiftKey) return key === 'Delete' && removeRecalled();
    switch (key) {
      case 'Enter':
        enter();
        return true;
      case 'Tab':
        return open && complete();
      case 'Escape':
        return dismiss();
      case 'ArrowUp':
        return go(-1);
      default:
        return key === 'ArrowDown' && go(1);
    }
  }

  return { line, setLine, setFocused, owner, suggestions, open, marked, enter, take, press };
}
