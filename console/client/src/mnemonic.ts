/** The words of BIP-39: what is wrong with them, and which was meant. */

import { MnemonicError } from './errors.ts';

type Hash = (bytes: Uint8Array) => Uint8Array;

const LENGTHS = [12, 15, 18, 21, 24];

/** The words with one blank between them. Blanks, line ends and capitals are forgiven. Throws MnemonicError. */
export function parseMnemonic(text: string, list: readonly string[], sha256: Hash): string {
  const words = text.normalize('NFKD').toLowerCase().split(/\s+/).filter(Boolean);
  const indices = words.map((word) => list.indexOf(word));
  const unknown = indices.indexOf(-1);
  const word = words[unknown];
  if (word !== undefined) {
    const suggestion = nearest(word, list);
    const message = `Word ${unknown + 1}, “${word}”, is not in the list. Did you mean “${suggestion}”?`;
    throw new MnemonicError('word', message, { word, position: unknown + 1, suggestion });
  }
  if (!LENGTHS.includes(words.length)) {
    throw new MnemonicError('length', `There are ${words.length} words; a mnemonic has 12, 15, 18, 21 or 24.`);
  }
  if (!checks(indices, sha256)) {
    throw new MnemonicError(
      'checksum',
      'Each word is in the list, but one is not that which was meant, or the order is not.',
    );
  }
  return words.join(' ');
}

/** Each word is 11 bits. The last bits of all, one for each three words, are the first of the hash of those before. */
function checks(indices: number[], sha256: Hash): boolean {
  const bits = indices.map((index) => index.toString(2).padStart(11, '0')).join('');
  const checksum = bits.slice(-indices.length / 3);
  const entropy = bits.slice(0, -checksum.length).match(/.{8}/g) ?? [];
  const [first = 0] = sha256(Uint8Array.from(entropy, (byte) => Number.parseInt(byte, 2)));
  return first.toString(2).padStart(8, '0').startsWith(checksum);
}

function nearest(word: string, list: readonly string[]): string {
  let best = { word: '', distance: Infinity };
  for (const candidate of list) {
    const distance = distanceOf(word, candidate);
    if (distance < best.distance) best = { word: candidate, distance };
  }
  return best.word;
}

/** Levenshtein's: how many letters to put in, take away or change. */
function distanceOf(left: string, right: string): number {
  let above = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...left].entries()) {
    const line = [row + 1];
    for (const [column, other] of [...right].entries()) {
      const [before = 0, over = 0, corner = 0] = [line[column], above[column + 1], above[column]];
      line.push(Math.min(before + 1, over + 1, corner + (letter === other ? 0 : 1)));
    }
    above = line;
  }
  return above.at(-1) ?? 0;
}
