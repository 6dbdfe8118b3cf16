/**
 * Who is here: nobody, a key of this browser, or a wallet. Whoever it is signs for `nexus`, and has a session for
 * reading. How it is found again at the next visit, and in other tabs, is told in `start.ts`.
 */

import { type Address, type Identity, Nexus, type Session, type Signer } from '@nexus/client';
import { create } from 'zustand';
import { nexus } from '../nexus.ts';
import {
  type Storing,
  dropAddress,
  dropKey,
  dropWallet,
  keepKey,
  keepSession,
  keepSince,
  keepWallet,
  keptSession,
  keptSince,
  loadKey,
} from './kept.ts';

type Optional<T> = { [K in keyof T]?: T[K] | undefined };

export interface Present {
  address: Address;
  kind: 'local' | 'wallet';
  /** The name of the wallet. */
  wallet?: string;
  session?: Session;
  /** When the server has made the identity, if it has said so; RFC 3339. Null: it has none of this address. */
  since?: string | null;
}

interface State extends Optional<Present> {
  /** Whether what is kept has been read; before that nobody is here. */
  ready: boolean;
  /** Whether the key of this browser could be kept; if not, it is in this tab only. */
  storage: Storing;
  /** The wallet that has gone by itself: locked, or its user has taken the page's permission away. */
  left?: string | undefined;
  /** A key of this browser. */
  adopt(identity: Identity): void;
  /** A wallet: its address and name are kept, nothing else. */
  connect(signer: Signer, wallet: { name: string; rdns?: string }): void;
  /** Ends the session and removes all that is kept of whoever is here. */
  forget(): void;
  /**
   * Another session than the one there is (SIWE). A key of this browser signs silently; a wallet is asked only where
   * its user has just done something that needs it. `asked` says so, and then it rejects with what went wrong; else it is
   * undefined where there is none.
   */
  signIn(options?: { asked?: boolean }): Promise<Session | undefined>;
}

const nobody = {
  address: undefined,
  kind: undefined,
  wallet: undefined,
  session: undefined,
  since: undefined,
  left: undefined,
};

export const useIdentity = create<State>()((_, get) => ({
  ready: false,
  storage: 'ok',

  adopt(identity) {
    leave(get());
    dropWallet();
    const storage = keepKey(identity);
    arrive(identity, { address: identity.address, kind: 'local' }, storage);
    void get().signIn();
  },

  connect(signer, { name, rdns }) {
    if (get().kind === 'local') leave(get());
    dropKey();
    keepWallet({ name, address: signer.address, ...(rdns && { rdns }) });
    arrive(signer, { address: signer.address, kind: 'wallet', wallet: name });
  },

  forget() {
    leave(get());
    dropKey();
    dropWallet();
    depart();
  },

  async signIn({ asked = false } = {}) {
    const { address, kind, session } = get();
    if (!address || (kind === 'wallet' && !asked)) return undefined;
    const opening = alone(`nexus.session.${address}`, async () => {
      const found = keptSession(address);
      const opened = found && found.token !== session?.token ? found : await nexus.signIn();
      if (get().address === address) {
        keepSession(opened);
        enter(opened);
        return opened;
      }
      // Somebody else has come meanwhile.
      end(opened);
      nexus.session = get().session;
      return undefined;
    });
    // Unasked, nobody waits for it, and whoever needs the session is told by the server that it lacks.
    return asked ? opening : opening.catch(() => undefined);
  },
}));

/** Makes somebody the one who signs and reads. */
export function arrive(signer: Signer, present: Present, storage: Storing = 'ok'): void {
  nexus.signer = signer;
  nexus.claim = present.address;
  nexus.session = keptSession(present.address);
  const since = keptSince(present.address);
  useIdentity.setState({ ...nobody, ...present, session: nexus.session, since, storage, ready: true });
}

/** What the server says of an address: when its identity was made, or that it has none. */
export function noted(address: Address, since: string | null): void {
  if (address !== useIdentity.getState().address) return;
  keepSince(address, since);
  useIdentity.setState({ since });
}

/** The key of this browser with its secrets, for who wants a copy. */
export async function ownKey(): Promise<Identity | undefined> {
  const { signer } = nexus;
  const isKey = (one: Signer | undefined): one is Identity => one !== undefined && 'privateKey' in one;
  return isKey(signer) ? signer : loadKey();
}

/** Makes nobody of whoever was here, in this tab. */
export function depart(): void {
  nexus.signer = undefined;
  nexus.claim = undefined;
  nexus.session = undefined;
  useIdentity.setState({ ...nobody, storage: 'ok', ready: true });
}

export function enter(session: Session): void {
  nexus.session = session;
  useIdentity.setState({ session });
}

/** Ends what was: its session on the server too, if that can be reached. */
function leave({ address, session }: State): void {
  if (session) end(session);
  if (address) dropAddress(address);
}

function end(session: Session): void {
  void new Nexus(nexus.url, { session }).signOut().catch(() => undefined);
}

/** Of all tabs only one at a time; without Web Locks, which plain HTTP lacks, each for itself. */
async function alone<T>(name: string, task: () => Promise<T>): Promise<T> {
  return 'locks' in navigator ? await navigator.locks.request(name, task) : await task();
}
