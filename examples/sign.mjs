// Sign a command with ethers and print the request body.
//
//     npm install ethers
//     node examples/sign.mjs /identity
//
// The key is kept in alice.key in the working directory; the first run makes it.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// From the working directory, where `npm install` puts it, or from NODE_PATH.
const require = createRequire(`${process.cwd()}/`);
const { Wallet, keccak256, toUtf8Bytes } = require('ethers');
const FILE = 'alice.key';

if (!existsSync(FILE)) {
  writeFileSync(FILE, Wallet.createRandom().privateKey, { mode: 0o600, flag: 'wx' });
}

if (process.argv.length !== 3) {
  console.error('usage: sign.mjs COMMAND, such as: sign.mjs /identity');
  process.exit(2);
}

const wallet = new Wallet(readFileSync(FILE, 'utf8').trim());
const command = process.argv[2];
// A bare signature: over the hash of the text itself, without the personal_sign prefix.
const signature = wallet.signingKey.sign(keccak256(toUtf8Bytes(command))).serialized;

console.log(JSON.stringify({ command, auth: { publicKey: wallet.address, signature } }));
