/** What needs elliptic curves. `curves.ts` loads it with the first key, so that who never signs never loads it. */

export { english, generateMnemonic, mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
export { bytesToHex, keccak256, sha256 } from 'viem/utils';
