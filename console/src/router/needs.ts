/** What a command asks of its caller, and how it is had. */

import { NotSigned } from '@nexus/client';
import type { Found } from '../catalogue/find.ts';
import { useIdentity } from '../identity/store.ts';
import { nexus } from '../nexus.ts';

export interface Needs {
  /** A signature over this very request. */
  sign: boolean;
  /** A proven address, for which a session does. */
  identity: boolean;
}

export function needsOf(found: Found | undefined): Needs {
  const { requiresSignature, requiresRole, requiresIdentity } = found?.form ?? {};
  return { sign: Boolean(requiresSignature || requiresRole), identity: Boolean(requiresIdentity) };
}

/**
 * What is to be done about a refusal, if anything: the list of commands may be older than the server, and a session may have
 * ended since it was used last.
 */
export function mended({ sign }: Needs, code: string | undefined): Needs | undefined {
  if (!nexus.signer || sign) return undefined;
  if (code === 'signature_required') return { sign: true, identity: false };
  return code === 'identity_required' || code === 'session_invalid' ? { sign, identity: true } : undefined;
}

/** Sees to a session. Rejects with why there is none. */
export async function signedIn(): Promise<void> {
  if (!nexus.signer) throw new NotSigned('no_signer', 'There is no key to sign in with.');
  await useIdentity.getState().signIn({ asked: true });
}
