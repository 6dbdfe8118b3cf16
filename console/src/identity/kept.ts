/**
 * What this browser keeps of who is here: the key itself, or which wallet; and one session for each address. Storage
 * that is full or forbidden is told by a word, never thrown.
 */

import { type Address, type Identity, type Session, StorageError, keptIdentity } from '@nexus/client';
import { keep, kept } from '../settings/kept.ts';

export type Storing = 'ok' | 'forbidden' | 'full';

/** A wallet by which its user has connected; nothing secret. */
export interface Wallet {
  name: string;
  address: Address;
  /** What it calls itself by EIP-6963, by which it is found again; none for `window.ethereum`. */
  rdns?: string;
}

/** Even to name it may be forbidden. */
const storage = () => localStorage;

const PREFIX = 'nexus.';
const wallet = 'wallet';
const session = (address: Address) => `session.${address}`;
const since = (address: Address) => `since.${address}`;

export const keptKey = () => keptIdentity.address(storage);
export const loadKey = () => keptIdentity.load(storage);

export function keepKey(identity: Identity): Storing {
  try {
    keptIdentity.save(storage, identity);
    return 'ok';
  } catch (error) {
    return error instanceof StorageError ? error.reason : 'forbidden';
  }
}

export function dropKey(): void {
  try {
    keptIdentity.delete(storage);
  } catch {
    // Where nothing can be kept, there is nothing to remove.
  }
}

export const keptWallet = () => kept<Wallet>(wallet);
export const keepWallet = (connected: Wallet) => keep(wallet, connected);
export const dropWallet = () => drop((name) => name === PREFIX + wallet);

/** A session that still has a minute to live. */
export function keptSession(address: Address): Session | undefined {
  const found = kept<Session>(session(address));
  return found && Date.parse(found.expiresAt) > Date.now() + 60_000 ? found : undefined;
}

export const keepSession = (opened: Session) => keep(session(opened.address), opened);

/** When the server has made the identity of this address; null where it has none; undefined where it has not said. */
export const keptSince = (address: Address) => kept<{ since: string | null }>(since(address))?.since;
export const keepSince = (address: Address, value: string | null) => keep(since(address), { since: value });

/** Removes all that is kept under the name of this address, whichever room has kept it. */
export const dropAddress = (address: Address) => drop((name) => name.startsWith(PREFIX) && name.includes(address));

function drop(meant: (name: string) => boolean): void {
  try {
    for (const name of Object.keys(localStorage).filter(meant)) localStorage.removeItem(name);
  } catch {
    // As above.
  }
}
