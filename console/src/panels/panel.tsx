/** The frame of every panel, a native dialog, and which panel is whose. Each panel is a chunk of its own. */

import {
  type ComponentType,
  type MouseEvent,
  Suspense,
  type SyntheticEvent,
  lazy,
  useId,
  useLayoutEffect,
  useRef,
} from 'react';
import { own } from '../form/own.ts';
import styles from './panels.module.css';
import { usePanel } from './store.ts';
import { useWords as useReason } from './unloaded-words.ts';
import { useWords } from './words.ts';

export interface PanelProps {
  /** The path of the command: `/identity/delete`. */
  path: string;
}

const unloaded = () => ({ default: Unloaded });
const OWN: Record<string, ComponentType<PanelProps>> = {
  identity: lazy(() => import('./identity/identity.tsx').catch(unloaded)),
  config: lazy(() => import('./config.tsx').catch(unloaded)),
  prompt: lazy(() => import('./prompt.tsx').catch(unloaded)),
};
const Generated = lazy(() => import('./command.tsx').catch(unloaded));

export default function Panel({ path }: PanelProps) {
  const words = useWords();
  const title = useId();
  const close = usePanel((state) => state.close);
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const [, name = ''] = path.split('/');
  const Content = own(OWN, name) ?? Generated;

  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    heading.current?.focus();
    // Closed while it is still there, it gives the focus back to where it was.
    return () => element?.close();
  }, []);

  const outside = (event: MouseEvent) => {
    if (event.target !== dialog.current) return;
    // Else the page below would take the focus.
    event.preventDefault();
    close();
  };
  // Esc; not one that is opened again, or another's.
  const closed = ({ currentTarget }: SyntheticEvent<HTMLDialogElement>) => {
    if (!currentTarget.open && currentTarget.isConnected) close();
  };
  return (
    <dialog ref={dialog} className={styles.panel} aria-labelledby={title} onClose={closed} onMouseDown={outside}>
      <div className={styles.frame}>
        <header className={styles.head}>
          <h2 id={title} tabIndex={-1} ref={heading}>
            {own(words.titles, name) ?? `/${name}`}
          </h2>
          <button type="button" data-kind="plain" aria-label={words.close} onClick={close}>
            ✕
          </button>
        </header>
        <Suspense fallback={<p role="status">{words.loading}</p>}>
          <Content path={path} />
        </Suspense>
      </div>
    </dialog>
  );
}

function Unloaded() {
  return <p role="alert">{useReason().unloaded}</p>;
}
