/** The account of a wallet as one who signs. What it gives is checked before anything is sent. */

import type { Address, Hex, Signer } from '@nexus/client';
import { getAddress, isAddress, recoverMessageAddress, stringToHex } from 'viem/utils';
import { WalletError } from '../refusal.ts';
import { type Provider, ask } from './provider.ts';

export function walletSigner(provider: Provider, address: Address): Signer {
  return {
    address,
    async signMessage(text) {
      let allowed = await accounts(provider);
      // A locked wallet names none until it is asked to.
      if (allowed.length === 0) allowed = await accounts(provider, 'eth_requestAccounts');
      if (allowed.length === 0) throw new WalletError('locked');
      if (!allowed.includes(address)) throw new WalletError('wrong_account');
      const signature = await ask(provider, 'personal_sign', [stringToHex(text), address]);
      if (!isSignature(signature)) throw new WalletError('malformed');
      const signer = await recoverMessageAddress({ message: text, signature }).catch((cause: unknown) => {
        throw new WalletError('malformed', cause);
      });
      if (signer !== address) throw new WalletError('wrong_account');
      return signature;
    },
  };
}

/** With their checksums, the chosen one first. `eth_requestAccounts` asks the user, `eth_accounts` does not. */
export async function accounts(provider: Provider, method = 'eth_accounts'): Promise<Address[]> {
  return addresses(await ask(provider, method));
}

export function addresses(list: unknown): Address[] {
  return Array.isArray(list)
    ? list.filter((account) => isAddress(account, { strict: false })).map((account) => getAddress(account))
    : [];
}

const isSignature = (value: unknown): value is Hex => typeof value === 'string' && /^0x[0-9a-f]{130}$/i.test(value);
