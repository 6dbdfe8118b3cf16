import { type RefObject, useEffect, useRef } from 'react';

/** Gives an element the focus when something has changed and the button that had it is gone. */
export function useFocusAfter<E extends HTMLElement>(state: unknown): RefObject<E | null> {
  const element = useRef<E>(null);
  const before = useRef(state);
  useEffect(() => {
    if (before.current !== state && !element.current?.contains(document.activeElement)) element.current?.focus();
    before.current = state;
  }, [state]);
  return element;
}
