/** Signatures of requests: Signed Command v1, and the bare one of older clients. */

import { base64url, random } from './bytes.ts';
import { canonical } from './canonical.ts';
import { curves } from './curves.ts';
import { NotSigned } from './errors.ts';
import type { BareSignature, Signer, V1Signature } from './types.ts';

/** Seconds that a signature is good for. */
const VALIDITY = 60;

export interface Signable {
  /** A public origin of the server, byte for byte. */
  audience: string;
  /** The text of the command; elsewhere `METHOD path?query`. */
  command: string;
  /** The args of the command; elsewhere the body. */
  args?: unknown;
  nonce: string;
  /** Unix seconds. */
  issuedAt: number;
  expiresAt: number;
}

export const newNonce = (): string => base64url(random(16));

/** The eight lines that are signed. */
export function messageV1(signer: string, request: Signable): string {
  return [
    'Signed Command v1',
    `Audience: ${request.audience}`,
    `Signer: ${signer}`,
    `Command: ${JSON.stringify(request.command)}`,
    `Args: ${canonical(request.args ?? [])}`,
    `Nonce: ${request.nonce}`,
    `Issued At: ${request.issuedAt}`,
    `Expires At: ${request.expiresAt}`,
  ].join('\n');
}

/** The `auth` of a request. `time` is that of the server, in unix seconds. Rejects with NotSigned. */
export async function signV1(
  signer: Signer,
  request: { audience: string; command: string; args?: unknown; time: number; validity?: number; nonce?: string },
): Promise<V1Signature> {
  const issuedAt = Math.floor(request.time);
  const signed = {
    audience: request.audience,
    nonce: request.nonce ?? newNonce(),
    issuedAt,
    expiresAt: issuedAt + (request.validity ?? VALIDITY),
  };
  const message = messageV1(signer.address, { ...signed, command: request.command, args: request.args });
  const signature = await asked(() => signer.signMessage(message));
  return { scheme: 'eip191', publicKey: signer.address, signature, ...signed };
}

/** The bare `auth` of a command text. Who sees it can send it again. Rejects with NotSigned. */
export async function signBare(signer: Signer, command: string): Promise<BareSignature> {
  const { signDigest } = signer;
  if (!signDigest) throw new NotSigned('unable', 'This signer makes no bare signatures.');
  const { keccak256 } = await curves();
  const digest = keccak256(new TextEncoder().encode(command));
  return { publicKey: signer.address, signature: await asked(() => signDigest.call(signer, digest)) };
}

/** What a signer signs, or why it did not. */
export async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new NotSigned('refused', 'It was not signed.', cause);
  }
}

/** The value of `Authorization` for requests that have no place for a proof in their body. */
export const authorization = (auth: V1Signature): string =>
  `EthSignature ${base64url(new TextEncoder().encode(JSON.stringify(auth)))}`;
