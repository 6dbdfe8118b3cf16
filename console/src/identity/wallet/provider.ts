/** The wallets of this browser (EIP-6963, and `window.ethereum` of older ones), and how they are asked (EIP-1193). */

import { type Reason, WalletError } from '../refusal.ts';
import { useWords } from '../words.ts';

export interface Provider {
  request(call: { method: string; params?: unknown[] }): Promise<unknown>;
  on?(event: string, listener: (value: unknown) => void): void;
  removeListener?(event: string, listener: (value: unknown) => void): void;
}

export interface Wallet {
  name: string;
  /** Its name in reverse domain order; `window.ethereum` has none. */
  rdns?: string;
  provider: Provider;
}

/** Tells which wallets there are, anew with each that announces itself, until the returned function is called. */
export function discover(tell: (wallets: Wallet[]) => void): () => void {
  const found = new Map<Provider, Wallet>();
  const announced = (event: Event) => {
    const wallet = event instanceof CustomEvent && walletIn(event.detail);
    if (!wallet || found.has(wallet.provider)) return;
    found.set(wallet.provider, wallet);
    tell([...found.values(), ...legacy(found)]);
  };
  window.addEventListener('eip6963:announceProvider', announced);
  window.dispatchEvent(new Event('eip6963:requestProvider'));
  tell([...found.values(), ...legacy(found)]);
  return () => window.removeEventListener('eip6963:announceProvider', announced);
}

function walletIn(detail: unknown): Wallet | undefined {
  const info = property(detail, 'info');
  const provider = property(detail, 'provider');
  const [name, rdns] = [property(info, 'name'), property(info, 'rdns')];
  if (!isProvider(provider) || typeof name !== 'string') return undefined;
  return { name: name.slice(0, 60), provider, ...(typeof rdns === 'string' && { rdns }) };
}

function legacy(found: Map<Provider, Wallet>): Wallet[] {
  const provider = property(window, 'ethereum');
  return isProvider(provider) && !found.has(provider) ? [{ name: useWords.now().browserWallet, provider }] : [];
}

const property = (thing: unknown, name: string): unknown =>
  typeof thing === 'object' && thing !== null ? Reflect.get(thing, name) : undefined;

function isProvider(thing: unknown): thing is Provider {
  return typeof property(thing, 'request') === 'function';
}

/** By the numbers of EIP-1193 and JSON-RPC. */
const REASONS: Record<number, Reason> = {
  4001: 'refused',
  4100: 'not_allowed',
  4200: 'unsupported',
  4900: 'disconnected',
  4901: 'disconnected',
  [-32002]: 'busy',
  [-32601]: 'unsupported',
};

/** Rejects with WalletError. */
export async function ask(provider: Provider, method: string, params: unknown[] = []): Promise<unknown> {
  try {
    return await provider.request({ method, params });
  } catch (cause) {
    throw new WalletError(REASONS[Number(property(cause, 'code'))] ?? 'failed', cause);
  }
}
