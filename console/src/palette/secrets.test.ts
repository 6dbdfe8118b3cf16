import type { Definition } from '@nexus/client';
import { describe, expect, test } from 'vitest';
import { mayHoldSecret } from './secrets.ts';

const login: Definition = {
  name: 'login',
  description: 'Enter another system.',
  usage: '/login <user> <pass>',
  examples: [],
  handler: 'rest',
  requiresSignature: false,
  requiresIdentity: false,
  requiresGUI: false,
  replaySafe: false,
  parameters: {
    properties: { user: { type: 'string' }, pass: { type: 'string', format: 'password' } },
    required: ['user', 'pass'],
  },
};

const MNEMONIC = 'test test test test test test test test test test test junk';

describe('lines that may hold a secret', () => {
  test.each([
    `/identity/import ${MNEMONIC}`,
    `/echo "${MNEMONIC.toUpperCase()}"`,
    `/echo ${MNEMONIC.replaceAll(' ', ', ')}`,
    '/echo 0x0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
    '/echo 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF',
    '/echo ns_Zm9vYmFyYmF6cXV4',
    '/hook --secret hunter2',
    '/hook --api-key=abc',
    '/hook password:hunter2',
    `/hook '{"token": "abc"}'`,
    '/hook --accessToken abc',
    '/login anna hunter2',
  ])('%s', (line) => expect(mayHoldSecret(line, [login])).toBe(true));
});

describe('lines that hold none', () => {
  test.each([
    '/ping',
    '/echo good morning --times 2',
    '/prompt/set tone Be brief and say why, in a few words that everybody knows and nobody has to look up.',
    '/echo 0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf',
    '/echo the secret of good bread is time',
    '/echo monkey:see',
    '/login anna',
  ])('%s', (line) => expect(mayHoldSecret(line, [login])).toBe(false));
});
