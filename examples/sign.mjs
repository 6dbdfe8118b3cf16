// Sign a command with ethers and print the request body, or sign a request for runs and print its `Authorization`.
//
//     npm install ethers
//     node examples/sign.mjs /identity
//     node examples/sign.mjs GET /api/v1/runs
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

const words = process.argv.slice(2);
const isRequest = words.length === 2 && ['GET', 'DELETE'].includes(words[0]);
if (words.length !== 1 && !isRequest) {
  console.error('usage: sign.mjs COMMAND, such as: sign.mjs /identity');
  console.error('   or: sign.mjs METHOD PATH, such as: sign.mjs GET /api/v1/runs');
  process.exit(2);
}

const wallet = new Wallet(readFileSync(FILE, 'utf8').trim());
const text = words.join(' ');
// A bare signature: over the hash of the text itself, without the personal_sign prefix.
const signature = wallet.signingKey.sign(keccak256(toUtf8Bytes(text))).serialized;
const auth = { publicKey: wallet.address, signature };

if (isRequest) {
  console.log(`EthSignature ${Buffer.from(JSON.stringify(auth)).toString('base64url')}`);
} else {
  console.log(JSON.stringify({ command: text, auth }));
}
