// Opens the key file at argv[2] with the passphrase argv[3] and prints its address and key; writes it anew to argv[4].

import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const { Wallet, encryptKeystoreJson } = createRequire(`${process.env.NODE_PATH}/`)('ethers');
const [file, passphrase, copy] = process.argv.slice(2);

const wallet = await Wallet.fromEncryptedJson(await readFile(file, 'utf8'), passphrase);
console.log(wallet.address, wallet.privateKey);
await writeFile(copy, await encryptKeystoreJson(wallet, passphrase, { scrypt: { N: 1024, r: 8, p: 1 } }), { mode: 0o600 });
