/** The panel that is open, if any. What it is made of is loaded when the first is opened. */

import { type ComponentType, Suspense, lazy, useEffect } from 'react';
import { useConnection } from '../connection/store.ts';
import type { PanelProps } from './panel.tsx';
import { usePanel } from './store.ts';
import { useWords } from './unloaded-words.ts';

const Panel = lazy((): Promise<{ default: ComponentType<PanelProps> }> =>
  import('./panel.tsx').catch(() => ({ default: Unloaded })),
);

export function Panels() {
  const panel = usePanel((state) => state.panel);
  return (
    panel && (
      <Suspense>
        <Panel key={panel.path} path={panel.path} />
      </Suspense>
    )
  );
}

/** In its place, where the server is gone by then. */
function Unloaded() {
  const { unloaded } = useWords();
  useEffect(() => {
    usePanel.getState().close();
    useConnection.getState().notice({ kind: 'failed', message: unloaded });
  }, [unloaded]);
  return null;
}
