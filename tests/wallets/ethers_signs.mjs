// Random keys of ethers go through the life of an identity against the server at argv[2].

import assert from 'node:assert';
import { createRequire } from 'node:module';

const { Wallet, keccak256, toUtf8Bytes } = createRequire(`${process.env.NODE_PATH}/`)('ethers');
const KEYS = 20;

async function execute(command, wallet) {
  const signature = wallet.signingKey.sign(keccak256(toUtf8Bytes(command))).serialized;
  const response = await fetch(`${process.argv[2]}/api/v1/commands/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ command, auth: { publicKey: wallet.address, signature } }),
  });
  return { status: response.status, ...(await response.json()), http: response.status };
}

for (let key = 0; key < KEYS; key += 1) {
  const wallet = Wallet.createRandom();
  const created = await execute('/identity', wallet);
  assert.equal(created.http, 200);
  assert.equal(created.data.is_new, true);
  assert.equal(created.data.public_key, wallet.address);
  assert.equal((await execute('/identity', wallet)).data.is_new, false);
  assert.equal((await execute('/identity/delete', wallet)).message, `Identity deleted: ${wallet.address}`);
  assert.equal((await execute('/identity/delete', wallet)).code, 'not_found');
}
console.log(KEYS, 'keys');
