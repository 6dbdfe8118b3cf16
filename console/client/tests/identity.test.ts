import { describe, expect, test } from 'vitest';
import {
  createIdentity,
  importMnemonic,
  importPrivateKey,
  keptIdentity,
  MnemonicError,
  StorageError,
} from '../src/index.ts';
import type { Keeper } from '../src/index.ts';
import { ONE } from './common.ts';

const WORDS = 'test test test test test test test test test test test junk';
/** What every wallet derives of them at m/44'/60'/0'/0/0. */
const ADDRESS = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

function memory(): Keeper & { texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    getItem: (name) => texts.get(name) ?? null,
    setItem: (name, text) => void texts.set(name, text),
    removeItem: (name) => void texts.delete(name),
  };
}

describe('an identity', () => {
  test('is made with twelve words that make it again', async () => {
    const made = await createIdentity();
    expect(made.mnemonic?.split(' ')).toHaveLength(12);
    expect(await importMnemonic(made.mnemonic ?? '')).toMatchObject({
      address: made.address,
      privateKey: made.privateKey,
    });
    expect((await createIdentity()).address).not.toBe(made.address);
  });

  test('is that of other wallets by the same words', async () => {
    expect(await importMnemonic(WORDS)).toMatchObject({ address: ADDRESS, mnemonic: WORDS });
  });

  test('forgives blanks, line ends and capitals', async () => {
    const words = `  Test TEST\ttest\n\ntest test test  test test test test\r\n test　junk `;
    expect(await importMnemonic(words)).toMatchObject({ address: ADDRESS, mnemonic: WORDS });
  });

  test.each([15, 18, 21, 24])('is made of %i words too', async (count) => {
    // All zeros but for the checksum, as in the vectors of BIP-39.
    const last = { 15: 'address', 18: 'agent', 21: 'admit', 24: 'art' }[count];
    expect(await importMnemonic(`${'abandon '.repeat(count - 1)}${last}`)).toHaveProperty('address');
  });

  test.each([
    [WORDS.replace('junk', 'jonk'), { reason: 'word', word: 'jonk', position: 12, suggestion: 'junk' }],
    [`abondon ${WORDS.slice(5)}`, { reason: 'word', word: 'abondon', position: 1, suggestion: 'abandon' }],
    [`${WORDS} junk`, { reason: 'length' }],
    ['', { reason: 'length' }],
    [WORDS.replace('junk', 'test'), { reason: 'checksum' }],
    [`junk ${WORDS.slice(0, -5)}`, { reason: 'checksum' }],
  ])('is not made of “%s”', async (words, fault) => {
    const failure = await importMnemonic(words).catch((reason: unknown) => reason);
    expect(failure).toBeInstanceOf(MnemonicError);
    expect(failure).toMatchObject(fault);
  });

  test.each([[ONE], [ONE.slice(2)], [` ${ONE.toUpperCase().replace('X', 'x')}\n`]])(
    'is made of the key “%s”',
    async (key) => {
      expect(await importPrivateKey(key)).toMatchObject({
        address: '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf',
        privateKey: ONE,
      });
    },
  );

  test.each([[''], ['0x1'], [`0x${'0'.repeat(64)}`], [`0x${'f'.repeat(64)}`], [`${ONE}1`]])(
    'is not made of the key “%s”',
    async (key) => {
      await expect(importPrivateKey(key)).rejects.toThrow(RangeError);
    },
  );
});

describe('the kept identity', () => {
  test('is there again, with its words, until it is deleted', async () => {
    const storage = memory();
    keptIdentity.save(storage, await importMnemonic(WORDS));
    expect(await keptIdentity.load(storage)).toMatchObject({ address: ADDRESS, mnemonic: WORDS });
    expect(keptIdentity.address(storage)).toBe(ADDRESS);
    keptIdentity.delete(storage);
    expect(await keptIdentity.load(storage)).toBeUndefined();
    expect(keptIdentity.address(storage)).toBeUndefined();
  });

  test('may be one without words', async () => {
    const storage = memory();
    keptIdentity.save(storage, await importPrivateKey(ONE));
    const loaded = await keptIdentity.load(storage);
    expect(loaded).toMatchObject({ privateKey: ONE });
    expect(loaded?.mnemonic).toBeUndefined();
  });

  test.each([['no JSON'], ['null'], ['7'], ['{"mnemonic":7}'], ['{"mnemonic":"of no use"}'], ['{"privateKey":"0x0"}']])(
    'is none where somebody has left %s',
    async (text) => {
      const storage = memory();
      keptIdentity.save(storage, await importPrivateKey(ONE));
      for (const name of storage.texts.keys()) storage.texts.set(name, text);
      expect(await keptIdentity.load(storage)).toBeUndefined();
    },
  );

  test('tells a storage that is forbidden from one that is full', async () => {
    const identity = await importPrivateKey(ONE);
    const failing = (name: string) => (): Keeper => {
      throw new DOMException('no', name);
    };
    expect(() => keptIdentity.save(failing('SecurityError'), identity)).toThrow(StorageError);
    expect(() => keptIdentity.save(failing('SecurityError'), identity)).toThrow(
      expect.objectContaining({ reason: 'forbidden' }),
    );
    expect(() => keptIdentity.save(failing('QuotaExceededError'), identity)).toThrow(
      expect.objectContaining({ reason: 'full' }),
    );
    expect(() => keptIdentity.delete(failing('SecurityError'))).toThrow(
      expect.objectContaining({ reason: 'forbidden' }),
    );
    expect(await keptIdentity.load(failing('SecurityError'))).toBeUndefined();
  });
});
