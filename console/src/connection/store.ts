/** How this page and its server are connected, and what has happened to the connection. */

import type { NexusError, ServerState, StreamGap, StreamState, Unreachable } from '@nexus/client';
import { create } from 'zustand';

/** What happened, once. */
export type Notice =
  | { kind: 'resumed' }
  | { kind: 'gap'; reason: StreamGap['reason']; missed?: number | undefined }
  | { kind: 'version'; from: string; to: string }
  | { kind: 'clock'; seconds: number }
  | { kind: 'failed'; message: string };

interface State {
  /** Undefined: there is none, for nobody is here whose stream it would be. */
  stream?: StreamState | undefined;
  /** What the server has last said of itself. */
  server?: ServerState | undefined;
  /** Why the server was not reached when it was last asked. */
  trouble?: Unreachable | NexusError | undefined;
  /** The newest of each kind. */
  notices: readonly Notice[];
  notice(notice: Notice): void;
  dismiss(kind: Notice['kind']): void;
}

export const useConnection = create<State>((set, get) => ({
  notices: [],
  notice: (notice) => set({ notices: [...others(get().notices, notice.kind), notice] }),
  dismiss: (kind) => set({ notices: others(get().notices, kind) }),
}));

const others = (notices: readonly Notice[], kind: Notice['kind']) => notices.filter((each) => each.kind !== kind);
