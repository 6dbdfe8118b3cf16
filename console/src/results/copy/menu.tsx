/** A button, and the menu of the forms in which a result can be copied. */

import { type KeyboardEvent, useId, useRef, useState } from 'react';
import type { Entry } from '../../log/entry.ts';
import { useWords } from '../words.ts';
import { ByHand } from './byhand.tsx';
import { type Form, formsOf } from './forms.ts';
import css from './copy.module.css';

export function CopyMenu({ entry }: { entry: Entry }) {
  const words = useWords();
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const [forms, setForms] = useState<Form[]>([]);
  const [isDone, setDone] = useState(false);
  const [byHand, setByHand] = useState<string>();

  /** The forms are made when they are asked for, since a long log is full of menus. */
  const open = () => {
    setDone(false);
    setForms(formsOf(entry));
    menu.current?.showPopover();
  };
  /** Below its button, as far as the window goes. */
  const opened = (isOpen: boolean) => {
    const [here, there] = [menu.current, button.current];
    if (!isOpen || !here || !there) return;
    const { bottom, right } = there.getBoundingClientRect();
    here.style.left = `${Math.max(0, right - here.offsetWidth)}px`;
    here.style.top = `${Math.max(0, Math.min(bottom, innerHeight - here.offsetHeight))}px`;
    here.querySelector('button')?.focus();
  };
  const copy = async (text: string) => {
    menu.current?.hidePopover();
    button.current?.focus();
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
    } catch {
      setByHand(text);
    }
  };

  return (
    <>
      <button type="button" data-kind="plain" ref={button} aria-haspopup="menu" aria-controls={id} onClick={open}>
        {isDone ? `✓ ${words.copied}` : words.copy}
      </button>
      <div
        ref={menu}
        id={id}
        popover="auto"
        role="menu"
        aria-label={words.copy}
        className={css.menu}
        onKeyDown={move}
        onToggle={(event) => opened(event.newState === 'open')}
      >
        {forms.map(({ name, text }) => (
          <button key={name} type="button" role="menuitem" tabIndex={-1} onClick={() => void copy(text())}>
            {words[name]}
          </button>
        ))}
      </div>
      {byHand !== undefined && <ByHand text={byHand} onClose={() => setByHand(undefined)} />}
    </>
  );
}

const STEPS: Record<string, (at: number, last: number) => number> = {
  ArrowDown: (at, last) => (at === last ? 0 : at + 1),
  ArrowUp: (at, last) => (at <= 0 ? last : at - 1),
  Home: () => 0,
  End: (_, last) => last,
};

function move(event: KeyboardEvent<HTMLElement>) {
  if (event.key === 'Tab') event.currentTarget.hidePopover();
  const step = STEPS[event.key];
  if (!step) return;
  event.preventDefault();
  const items = Array.from(event.currentTarget.querySelectorAll<HTMLElement>('[role=menuitem]'));
  const at = items.findIndex((item) => item === document.activeElement);
  items[step(at, items.length - 1)]?.focus();
}
