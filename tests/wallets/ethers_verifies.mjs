// Puts the eight lines of Signed Command v1 together from argv[2], {"command", "args"?, "auth"}, and prints who signed them.

import { createRequire } from 'node:module';
import { canonical } from '../vectors/make/canonical.mjs';

const { verifyMessage } = createRequire(`${process.env.NODE_PATH}/`)('ethers');

const { command, args = [], auth } = JSON.parse(process.argv[2]);
const lines = [
  'Signed Command v1',
  `Audience: ${auth.audience}`,
  `Signer: ${auth.publicKey}`,
  `Command: ${JSON.stringify(command)}`,
  `Args: ${canonical(args)}`,
  `Nonce: ${auth.nonce}`,
  `Issued At: ${auth.issuedAt}`,
  `Expires At: ${auth.expiresAt}`,
];
console.log(verifyMessage(lines.join('\n'), auth.signature));
