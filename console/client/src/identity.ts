/** A key of one's own: made, imported, kept and deleted. Elliptic curves are loaded with the first of them. */

import { curves } from './curves.ts';
import { erase, read, write } from './kept.ts';
import { parseMnemonic } from './mnemonic.ts';
import type { Address, Hex, Kept, Signer } from './types.ts';

/** It holds a secret in the open: whoever reads it is its owner. */
export interface Identity extends Signer {
  /** Where the key was made of one. */
  readonly mnemonic?: string;
  readonly privateKey: Hex;
  signDigest(digest: Hex): Promise<Hex>;
}

/** Loads what makes keys and signs ahead of its use, since what a page comes from may be gone by then. Rejects as the rest. */
export async function loadKeys(): Promise<void> {
  await curves();
}

/** A key of 12 new words, at m/44'/60'/0'/0/0. */
export async function createIdentity(): Promise<Identity> {
  const { english, generateMnemonic } = await curves();
  return importMnemonic(generateMnemonic(english));
}

/** The key at m/44'/60'/0'/0/0 of 12 to 24 English words of BIP-39. Rejects with MnemonicError. */
export async function importMnemonic(words: string): Promise<Identity> {
  const { bytesToHex, english, mnemonicToAccount, sha256 } = await curves();
  const mnemonic = parseMnemonic(words, english, (bytes) => sha256(bytes, 'bytes'));
  const { privateKey } = mnemonicToAccount(mnemonic).getHdKey();
  if (!privateKey) throw new Error('A mnemonic has a private key.');
  return { ...(await importPrivateKey(bytesToHex(privateKey))), mnemonic };
}

/** The key of 64 hexadecimal digits, with or without 0x. Rejects with a RangeError where they are no key. */
export async function importPrivateKey(key: string): Promise<Identity> {
  const [, digits] = /^(?:0x)?([0-9a-f]{64})$/i.exec(key.trim()) ?? [];
  if (digits === undefined) throw new RangeError('A private key has 64 hexadecimal digits.');
  const { privateKeyToAccount } = await curves();
  const privateKey: Hex = `0x${digits.toLowerCase()}`;
  const account = accountOf(() => privateKeyToAccount(privateKey));
  return {
    address: account.address,
    privateKey,
    signMessage: (message) => account.signMessage({ message }),
    signDigest: (hash) => account.sign({ hash }),
  };
}

/** Zero and what is not below the order of the curve are no keys. */
function accountOf<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new RangeError('This number is no private key of secp256k1.', { cause });
  }
}

const NAME = 'nexus.identity';

/** The identity of this browser, in `localStorage` or the like. */
export const keptIdentity = {
  /** Undefined where there is none, or none that can be read. */
  async load(storage: Kept): Promise<Identity | undefined> {
    const kept = read(storage, NAME);
    try {
      if (isKept(kept, 'mnemonic')) return await importMnemonic(kept.mnemonic);
      if (isKept(kept, 'privateKey')) return await importPrivateKey(kept.privateKey);
    } catch {
      // Somebody else has written there.
    }
    return undefined;
  },

  /** Throws StorageError. */
  save(storage: Kept, identity: Identity): void {
    const { mnemonic, privateKey, address } = identity;
    write(storage, NAME, mnemonic === undefined ? { address, privateKey } : { address, mnemonic });
  },

  /** Throws StorageError. */
  delete(storage: Kept): void {
    erase(storage, NAME);
  },

  /** The address alone, which needs no curve and so is known at once. */
  address(storage: Kept): Address | undefined {
    const kept = read(storage, NAME);
    return isKept(kept, 'address') && isAddress(kept.address) ? kept.address : undefined;
  },
};

const isAddress = (text: string): text is Address => /^0x[0-9a-fA-F]{40}$/.test(text);

function isKept<N extends string>(kept: unknown, name: N): kept is Record<N, string> {
  return typeof kept === 'object' && kept !== null && typeof new Map(Object.entries(kept)).get(name) === 'string';
}
