/** A browser whose wallet was connected at an earlier visit: the oldest kind, `window.ethereum`, which signs whatever it is asked to. */

import { createIdentity, type Identity } from '@nexus/client';
import type { BrowserContext } from 'playwright-core';
import { visitor } from './common.ts';

export async function connected(): Promise<{ context: BrowserContext; identity: Identity }> {
  const identity = await createIdentity();
  const { address } = identity;
  const context = await visitor();
  await context.exposeFunction('sign', (hex: string) => identity.signMessage(Buffer.from(hex.slice(2), 'hex').toString()));
  await context.addInitScript((account) => {
    localStorage.setItem('nexus.wallet', JSON.stringify({ name: 'Wallet', address: account }));
    const request = async ({ method, params = [] }: { method: string; params?: unknown[] }) =>
      method === 'personal_sign' ? Reflect.get(window, 'sign')(params[0]) : [account];
    Reflect.set(window, 'ethereum', { request });
  }, address);
  return { context, identity };
}
