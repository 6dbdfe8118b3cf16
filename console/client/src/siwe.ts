/** Sign-In with Ethereum (ERC-4361). */

import type { Means } from './execute.ts';
import { expect } from './reply.ts';
import { asked } from './sign.ts';
import type { Session, SignInNonce } from './types.ts';

/** Rejects with NexusError, Unreachable or NotSigned. */
export async function signIn({ transport, server, proofs }: Means): Promise<Session> {
  const signer = proofs.signer();
  const told = expect<SignInNonce>(await transport.send('GET', '/api/v1/auth/nonce'));
  server.heard(told);
  const message = signInMessage({
    domain: domainOf(told.audience, transport.url),
    address: signer.address,
    uri: told.audience,
    nonce: told.nonce,
    issuedAt: new Date(server.time() * 1000).toISOString(),
  });
  const signature = await asked(() => signer.signMessage(message));
  return expect(await transport.send('POST', '/api/v1/auth/siwe', { body: { message, signature } }));
}

export interface SignInText {
  /** The authority of the origin that is signed in to. */
  domain: string;
  address: string;
  uri: string;
  nonce: string;
  /** RFC 3339. */
  issuedAt: string;
}

export function signInMessage({ domain, address, uri, nonce, issuedAt }: SignInText): string {
  return `${domain} wants you to sign in with your Ethereum account:
${address}

Read the runs and the stream of this key.

URI: ${uri}
Version: 1
Chain ID: 1
Nonce: ${nonce}
Issued At: ${issuedAt}`;
}

/** The server's own name to its own page and where there is no page; to the page of another origin, that page's. */
function domainOf(audience: string, url: string): string {
  const page = globalThis.location;
  return !page || page.origin === new URL(url).origin ? new URL(audience).host : page.host;
}
