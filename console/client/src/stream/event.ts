/** What a stream tells, read from its frames. */

import type { StreamEvent } from '../types.ts';

export const NAMES = [
  'command_result',
  'command_progress',
  'connection_state',
  'commands_changed',
  'stream_gap',
] as const;

/** Undefined for events that this version does not know. */
export function readEvent(name: string, data: string, id: string | undefined): StreamEvent | undefined {
  const type = NAMES.find((known) => known === name);
  if (!type) return undefined;
  try {
    // The shape is the contract's, from which the types are made.
    return { type, data: JSON.parse(data), ...(id && { id }) } as StreamEvent;
  } catch {
    return undefined;
  }
}
