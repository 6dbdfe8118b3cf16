/** Who calls, and how it is proven: by a signature of the request, or by what stands in its header. */

import { NotSigned } from './errors.ts';
import type { Server } from './server.ts';
import { authorization, newNonce, signV1 } from './sign.ts';
import type { Address, Session, Signer, V1Signature } from './types.ts';

export interface Caller {
  signer?: Signer | undefined;
  session?: Session | undefined;
  claim?: Address | undefined;
}

export interface Proofs {
  /** Throws NotSigned. */
  signer(): Signer;
  /** Signs for this server and by its clock. */
  sign(command: string, args: unknown, nonce?: string): Promise<V1Signature>;
  /** The header of a request that is signed. */
  signed(method: string, target: string, body: unknown): Promise<Record<string, string>>;
  /** The header of a request that is not. */
  bearer(): Record<string, string>;
  /** Whether a signer may be asked twice for the same. */
  resigns(): boolean;
  /** A session proves an address as well as a signature does, and asks nobody. */
  signsToRead(): boolean;
}

export function proofs(caller: Caller, server: Server, resign: boolean | undefined): Proofs {
  function signer(): Signer {
    if (!caller.signer) throw new NotSigned('no_signer', 'There is no key to sign with.');
    return caller.signer;
  }

  async function sign(command: string, args: unknown, nonce = newNonce()): Promise<V1Signature> {
    const by = signer();
    const audience = await server.audience();
    return signV1(by, { audience, command, args, nonce, time: server.time() });
  }

  return {
    signer,
    sign,
    signed: async (method, target, body) => ({ authorization: authorization(await sign(`${method} ${target}`, body)) }),
    bearer() {
      const bearer = caller.session?.token ?? caller.claim;
      return bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
    },
    resigns: () => resign ?? caller.signer?.signDigest !== undefined,
    signsToRead: () => caller.session === undefined && caller.signer !== undefined,
  };
}
