/** Who is here in a test: a browser with a key of its own, and another program that has the same key. */

import { createIdentity, type Identity, Nexus } from '@nexus/client';
import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
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

/** Runs `/echo 0`, `/echo 1` and so on by another program of the key; in a session, so that no signature is in the way. */
export async function runElsewhere(server: Server, { elsewhere }: Owner, count: number): Promise<void> {
  const program = elsewhere(server);
  await program.signIn();
  for (let first = 0; first < count; first += 50) {
    const length = Math.min(50, count - first);
    const reply = await program.batch(Array.from({ length }, (_, place) => ({ command: `/echo ${first + place}` })));
    expect(reply.http).toBe(200);
  }
}

/** Gives a page a key, as if it had been kept at an earlier visit. */
export async function adopt(page: Page, { address, privateKey }: Identity): Promise<void> {
  await page.evaluate((kept) => localStorage.setItem('nexus.identity', kept), JSON.stringify({ address, privateKey }));
  await page.reload();
}
