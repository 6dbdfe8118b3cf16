/** Connects a wallet, finds it again at the next visit, and follows it when it chooses another account or goes. */

import type { Address, Signer } from '@nexus/client';
import { WalletError } from '../refusal.ts';
import { useIdentity } from '../store.ts';
import { type Wallet, discover } from './provider.ts';
import { accounts, addresses, walletSigner } from './signer.ts';

/** Asks its user for an account. Rejects with WalletError. */
export async function connect(wallet: Wallet): Promise<void> {
  const [account] = await accounts(wallet.provider, 'eth_requestAccounts');
  if (!account) throw new WalletError('locked');
  useIdentity.getState().connect(walletSigner(wallet.provider, account), wallet);
  follow(wallet);
}

/** How long wallets may take to announce themselves, in milliseconds. They do it when the page has loaded. */
const PATIENCE = 2_000;

/** The wallet that was connected before, without asking its user. Rejects with WalletError where it is not there. */
export async function rejoin(address: Address, rdns: string | undefined): Promise<Signer> {
  const wallet = await find(rdns);
  follow(wallet);
  // What is locked names no account, and is as it was.
  const [chosen] = await accounts(wallet.provider);
  if (chosen) changed(wallet, chosen);
  return walletSigner(wallet.provider, address);
}

function find(rdns: string | undefined): Promise<Wallet> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      stop();
      reject(new WalletError('gone'));
    }, PATIENCE);
    const stop = discover((wallets) => {
      const wallet = wallets.find((one) => one.rdns === rdns);
      if (!wallet) return;
      clearTimeout(late);
      resolve(wallet);
      // It may be told before `discover` has returned.
      queueMicrotask(() => stop());
    });
  });
}

let unfollow = () => {};

function follow(wallet: Wallet): void {
  unfollow();
  const { provider } = wallet;
  const chosen = (list: unknown) => changed(wallet, addresses(list)[0]);
  // A wallet that has lost its network only still has its accounts.
  const left = () => void accounts(provider).then(chosen, () => chosen([]));
  provider.on?.('accountsChanged', chosen);
  provider.on?.('disconnect', left);
  unfollow = () => {
    provider.removeListener?.('accountsChanged', chosen);
    provider.removeListener?.('disconnect', left);
  };
}

function changed(wallet: Wallet, chosen: Address | undefined): void {
  const { kind, address, connect: become, forget } = useIdentity.getState();
  if (kind !== 'wallet') return unfollow();
  if (!chosen) {
    forget();
    useIdentity.setState({ left: wallet.name });
  } else if (chosen !== address) {
    become(walletSigner(wallet.provider, chosen), wallet);
  }
}
