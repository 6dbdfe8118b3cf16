/** The state of a stream on its way to another tab: an error of a class of our own does not survive being cloned. */

import { NexusError, Unreachable, type UnreachableReason } from '../errors.ts';
import type { StreamState } from './stream.ts';

type Failure =
  | { lost: UnreachableReason; url: string; origin: string | undefined }
  | { refused: { message: string; code: string; http: number; hint?: string; data?: unknown; retryAfter?: number } };

export interface Packed {
  state: Omit<StreamState, 'failure'>;
  failure?: Failure;
}

export function pack({ failure, ...state }: StreamState): Packed {
  if (failure === undefined) return { state };
  if (failure instanceof Unreachable)
    return { state, failure: { lost: failure.reason, url: failure.url, origin: failure.origin } };
  const { message, code, http, hint, data, retryAfter } = failure;
  const more = {
    ...(hint !== undefined && { hint }),
    ...(data !== undefined && { data }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
  return { state, failure: { refused: { message, code, http, ...more } } };
}

export function unpack({ state, failure }: Packed): StreamState {
  if (failure === undefined) return state;
  if ('refused' in failure) return { ...state, failure: new NexusError({ status: 'error', ...failure.refused }) };
  const { lost, url, origin } = failure;
  return { ...state, failure: new Unreachable(lost, url, origin === undefined ? {} : { origin }) };
}
