/** Who is here in a test: a browser with a key of its own, and another program that has the same key. */

import { createIdentity, type Identity, Nexus } from '@nexus/client';
import type { BrowserContext, Page } from 'playwright-core';
import { type Server, type Visit, visitor } from './common.ts';

export interface Owner {
  context: BrowserContext;
  identity: Identity;
  /** A program elsewhere that has the same key. */
  elsewhere(server: Server): Nexus;
}

/** A browser that has been here before and has kept its key. */
export async function owner(visit: Visit = {}): Promise<Owner> {
  const identity = await createIdentity();
  const context = await visitor(visit);
  const { address, privateKey } = identity;
  await context.addInitScript(
    (kept) => localStorage.getItem('nexus.identity') ?? localStorage.setItem('nexus.identity', kept),
    JSON.stringify({ address, privateKey }),
  );
  return { context, identity, elsewhere: (server) => new Nexus(server.url, { signer: identity }) };
}

/** Gives a page a key, as if it had been kept at an earlier visit. */
export async function adopt(page: Page, { address, privateKey }: Identity): Promise<void> {
  await page.evaluate((kept) => localStorage.setItem('nexus.identity', kept), JSON.stringify({ address, privateKey }));
  await page.reload();
}
