/** Finds at the start who was here before, and follows what other tabs of this browser change. */

import type { Address, Identity, Signer } from '@nexus/client';
import { keptKey, keptSession, keptWallet, loadKey } from './kept.ts';
import { type Present, arrive, depart, enter, useIdentity } from './store.ts';

/** Called once, when the page starts. It is known at once who is here; what signs is loaded when it is needed. */
export function start(): void {
  window.addEventListener('storage', ({ key }) => {
    if (key === null || /^nexus\.(identity|wallet|session)/.test(key)) follow();
  });
  follow();
}

function follow(): void {
  const { address, kind, storage, ready } = useIdentity.getState();
  // What could not be kept is known to this tab only, and what others keep is not its own.
  if (kind === 'local' && storage !== 'ok') return;
  const present = keptPresent();
  if (!present) {
    if (address || !ready) depart();
  } else if (address !== present.address || kind !== present.kind) {
    arrive(signerOf(present), present);
    if (!keptSession(present.address)) void useIdentity.getState().signIn();
  } else {
    const session = keptSession(present.address);
    if (session) enter(session);
  }
}

function keptPresent(): Present | undefined {
  const address = keptKey();
  if (address) return { kind: 'local', address };
  const wallet = keptWallet();
  return wallet && { kind: 'wallet', address: wallet.address, wallet: wallet.name };
}

/** Both sign for an address, and are loaded, with their curves, by the first signature. */
const signerOf = ({ kind, address }: Present): Signer => (kind === 'local' ? sleeping(address) : returning(address));

function sleeping(address: Address): Signer {
  let loaded: Promise<Identity> | undefined;
  const awake = () => (loaded ??= load(address));
  return {
    address,
    signMessage: async (text) => (await awake()).signMessage(text),
    signDigest: async (digest) => (await awake()).signDigest(digest),
  };
}

async function load(address: Address): Promise<Identity> {
  const identity = await loadKey();
  if (identity?.address !== address) throw new Error('Another tab has put another key in its place.');
  return identity;
}

/** It is looked for at once, since it may have chosen another account meanwhile; and again where it was not there. */
function returning(address: Address): Signer {
  const join = async () => (await import('./wallet/connect.ts')).rejoin(address, keptWallet()?.rdns);
  let joined: Promise<Signer> | undefined = join();
  joined.catch(() => (joined = undefined));
  return { address, signMessage: async (text) => (await (joined ?? join())).signMessage(text) };
}
