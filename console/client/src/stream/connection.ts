/** One connection of a stream, however it is made. */

export interface Hearing {
  event(name: string, data: string, id: string | undefined): void;
  /** Milliseconds after which the server wants to be asked again. */
  retry(wait: number): void;
  /** Something came, if only a comment. */
  alive(): void;
}

/**
 * Holds a stream open that goes on after an id. Resolves when the server has ended it or the connection broke; rejects
 * with NexusError where it was refused, with Unreachable where nobody is there, and with the reason of the signal.
 */
export type Connect = (after: string, hearing: Hearing, signal: AbortSignal) => Promise<void>;
