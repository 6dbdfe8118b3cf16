/** One message of the log: a command, and what has become of it. */

import type { Answer, Args, Progress } from '@nexus/client';

export interface Entry {
  /** Made here; lives as long as the message. */
  readonly id: string;
  /** The text as it was typed, with its slash. Never empty and never "unknown". */
  readonly command: string;
  /** When it was typed, or heard of; ms since the epoch. */
  readonly at: number;
  /** By which its run is recognised before its id is known; see `isRunOf`. */
  readonly mark?: string;
  /** Known once the server has said it. */
  readonly runId?: string;
  /** `lost`: no answer came, and it is not known whether it ran. */
  readonly state: 'pending' | 'success' | 'error' | 'lost';
  /** What to show while it is pending, from a panel. */
  readonly pendingText?: string;
  readonly progress?: { progress: Progress; message?: string; data?: unknown }[];
  /** What the server, or a command of the client, has answered. */
  readonly answer?: Answer;
  /** What draws its data, where no definition says it. */
  readonly renderer?: string;
  /** Heard on the stream: run by another tab, device or program of this key. */
  readonly elsewhere?: boolean;
  /** What was sent, for curl and the command line. */
  readonly sent?: { method: string; path: string; body?: unknown; args?: Args };
}
