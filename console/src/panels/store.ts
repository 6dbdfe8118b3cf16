/** Which panel is open, if any. */

import { create } from 'zustand';

interface Open {
  /** The path of the command that has asked for it: `/identity/delete`. */
  path: string;
  /** What was typed, whose arguments the form begins with. */
  line?: string;
}

interface State {
  panel?: Open | undefined;
  show(path: string, line?: string): void;
  close(): void;
}

export const usePanel = create<State>()((set) => ({
  show(path, line) {
    set({ panel: line === undefined ? { path } : { path, line } });
  },
  close() {
    set({ panel: undefined });
  },
}));
