/** The keys that lead to the input from anywhere: Ctrl+K or Cmd+K, and a slash outside of what is typed into. */

import { useEffect, useEffectEvent } from 'react';

const EDITABLE = 'input, textarea, select, [contenteditable]';

export function useShortcuts(onOpen: () => void): void {
  const open = useEffectEvent(onOpen);
  useEffect(() => {
    function listen(event: KeyboardEvent): void {
      // What is open above the page has the keyboard for itself.
      if (event.defaultPrevented || event.isComposing || document.querySelector('dialog:modal')) return;
      const { key, ctrlKey, metaKey, altKey, shiftKey, target } = event;
      const typing = target instanceof Element && target.closest(EDITABLE) !== null;
      const summons = key.toLowerCase() === 'k' && (ctrlKey || metaKey) && !altKey && !shiftKey;
      const slash = key === '/' && !ctrlKey && !metaKey && !altKey && !typing;
      if (!summons && !slash) return;
      event.preventDefault();
      open();
    }
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}
