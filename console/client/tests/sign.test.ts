import { hashMessage } from 'viem';
import { describe, expect, test } from 'vitest';
import {
  authorization,
  importPrivateKey,
  messageV1,
  newNonce,
  Nexus,
  NotSigned,
  signBare,
  signV1,
} from '../src/index.ts';
import { client, ONE, PRODUCTION, Server } from './common.ts';

const REQUEST = {
  audience: 'https://cmd.example.com',
  command: '/identity/delete',
  nonce: '3q2-7wABCDEFGH12',
  issuedAt: 1753000000,
  expiresAt: 1753000060,
};

describe('Signed Command v1', () => {
  test('signs the eight lines of the contract', async () => {
    const text = messageV1('0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf', REQUEST);
    expect(hashMessage(text)).toBe('0x8f701afaa5da1026c5bfbd0ee46a112dd80f2e0c5045dffe2c8a11ce6e96ed87');
  });

  test('gives the signature of the contract', async () => {
    const { audience, command, nonce } = REQUEST;
    const auth = await signV1(await importPrivateKey(ONE), { audience, command, nonce, time: 1753000000.9 });
    expect(auth).toEqual({
      scheme: 'eip191',
      publicKey: '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf',
      signature:
        '0x39867dbd79b62fef400a02e8169f39df2096645b986b90d750442a50ce35f156' +
        '39d757faa06914e0bc04f47cd41dccc28c4a0d33ba8f38945a702594bad0453f1c',
      audience,
      nonce,
      issuedAt: 1753000000,
      expiresAt: 1753000060,
    });
  });

  test('makes another nonce for each request', () => {
    expect(newNonce()).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(newNonce()).not.toBe(newNonce());
  });

  test('is taken by a server, whatever the arguments are', async () => {
    const nexus = await client((await Server.start()).url);
    const texts = ['"\\ \u0001 € 😀', 'ö'.normalize('NFD'), '\u2028'];
    for (const text of texts) {
      const reply = await nexus.execute('/echo', { args: { times: 2, text }, sign: true });
      expect(reply).toMatchObject({ http: 200, data: { lines: [text, text] } });
    }
  });

  test('stands in a header as base64url of its JSON', async () => {
    const auth = await signV1(await importPrivateKey(ONE), { ...REQUEST, time: 1753000000 });
    const [scheme, proof = ''] = authorization(auth).split(' ');
    expect(scheme).toBe('EthSignature');
    expect(JSON.parse(Buffer.from(proof, 'base64url').toString())).toEqual(auth);
  });
});

describe('a bare signature', () => {
  test('is that of the protocol', async () => {
    expect(await signBare(await importPrivateKey(ONE), '/whoami')).toEqual({
      publicKey: '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf',
      signature:
        '0xbb8ccc812978be4749d3a3201167e3cba34360f3a528fd147dabfd4941fd91e1' +
        '437666c15b018f3a7b8acff4daa0933c0ed8876cf4d532d290d91e625eaa17111b',
    });
  });

  test('runs a command where the server takes it', async () => {
    const nexus = await client((await Server.start()).url);
    expect(await nexus.execute('/whoami', { sign: 'bare' })).toMatchObject({ http: 200, status: 'success' });
  });

  test('is refused by a server that does not', async () => {
    const nexus = await client((await Server.start(PRODUCTION)).url);
    expect(await nexus.execute('/identity', { sign: 'bare' })).toMatchObject({
      http: 401,
      code: 'replay_protection_required',
    });
  });

  test('is not to be had of a wallet', async () => {
    const { address, signMessage } = await importPrivateKey(ONE);
    const nexus = await client((await Server.start()).url, { signer: { address, signMessage } });
    await expect(nexus.execute('/whoami', { sign: 'bare' })).rejects.toMatchObject({
      name: 'NotSigned',
      reason: 'unable',
    });
  });
});

describe('what is not signed', () => {
  test('is not sent where there is no key', async () => {
    const nexus = new Nexus((await Server.start()).url);
    const failure = await nexus.execute('/whoami', { sign: true }).catch((reason: unknown) => reason);
    expect(failure).toBeInstanceOf(NotSigned);
    expect(failure).toMatchObject({ reason: 'no_signer' });
  });

  test('tells what the wallet has said', async () => {
    const { address } = await importPrivateKey(ONE);
    const cause = new Error('User rejected the request.');
    const signer = { address, signMessage: () => Promise.reject(cause) };
    const nexus = await client((await Server.start()).url, { signer });
    await expect(nexus.execute('/whoami', { sign: true })).rejects.toMatchObject({ reason: 'refused', cause });
    await expect(nexus.signIn()).rejects.toMatchObject({ reason: 'refused', cause });
  });
});
