// Prints ../signed-command-v1.json: the cases of v1.json, signed with ethers; JSON is written by JavaScript itself.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { canonical } from './canonical.mjs';

const { Wallet, hashMessage } = createRequire(`${process.env.NODE_PATH}/`)('ethers');
const { meta, keys, usual, cases } = JSON.parse(readFileSync(new URL('v1.json', import.meta.url), 'utf8'));

function sign({ key: owner, ...fields }) {
  const key = keys[owner];
  const wallet = new Wallet(key);
  const text = [
    'Signed Command v1',
    `Audience: ${fields.audience}`,
    `Signer: ${wallet.address}`,
    `Command: ${JSON.stringify(fields.command)}`,
    `Args: ${fields.args === null ? '[]' : canonical(JSON.parse(fields.args))}`,
    `Nonce: ${fields.nonce}`,
    `Issued At: ${fields.issuedAt}`,
    `Expires At: ${fields.expiresAt}`,
  ].join('\n');
  return { ...fields, key, address: wallet.address, text, digest: hashMessage(text), signature: wallet.signMessageSync(text) };
}

const lines = cases.map((one) => canonical(sign({ ...usual, ...one })));
process.stdout.write(`{\n"meta": ${canonical({ ...meta, count: cases.length })},\n"cases": [\n${lines.join(',\n')}\n]}\n`);
