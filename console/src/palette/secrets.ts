/** Which lines may hold a secret, and are therefore kept nowhere. Rather one line too many than one too few. */

import type { Definition } from '@nexus/client';
import { find } from '../catalogue/find.ts';
import { argumentsOf, isSecretName } from './arguments.ts';
import { read } from './reading.ts';

/** Sessions, tickets and the secrets of webhooks say what they are. */
const TOKEN = /\b(?:n[st]_|whsec_)[\w+/=-]{8,}/i;
/** A private key of secp256k1, or anything that is as long. */
const PRIVATE_KEY = /(?<![0-9a-f])(?:0x)?[0-9a-f]{64}(?![0-9a-f])/i;
/** Twelve words and more, each of the length that those of BIP-39 have. */
const MNEMONIC = /(?<!\p{L})(?:[a-z]{3,8}[^\p{L}\p{N}]+){11}[a-z]{3,8}(?!\p{L})/iu;
const OPTION = /(?:^|\s)--([A-Za-z][\w-]*)(?:=|\s+)\S/g;
const PAIR = /(?:^|[\s'"{,])([A-Za-z][\w-]*)['"]?[=:]\s*\S/g;

export function mayHoldSecret(line: string, definitions: readonly Definition[]): boolean {
  if (TOKEN.test(line) || PRIVATE_KEY.test(line) || MNEMONIC.test(line)) return true;
  const names = [...line.matchAll(OPTION), ...line.matchAll(PAIR)].map(([, name = '']) => name);
  if (names.some(isSecretName)) return true;
  const found = find(definitions, line);
  if (!found) return false;
  const { given } = read(argumentsOf(found.form.parameters), line, line.trimEnd().length - found.rest.length);
  return given.some(({ argument }) => argument.secret);
}
