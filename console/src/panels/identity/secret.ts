/** What was entered to be imported, and what is wrong with it. */

import { MnemonicError } from '@nexus/client';
import { failed } from '../../router/failure.ts';
import { useWords } from './words.ts';

/** Whether a text is meant as a private key: one word of hexadecimal digits. */
export const isKey = (text: string): boolean => /^\s*(?:0x\S*|[0-9a-f]{16,})\s*$/i.test(text);

/** In words for people. None of it is logged, since it may name a word of the secret. */
export function whyNot(error: unknown, text: string): string {
  const words = useWords.now();
  const entered = text.split(/\s+/).filter(Boolean);
  if (entered.length === 0) return words.empty;
  if (error instanceof RangeError) return words.key;
  if (!(error instanceof MnemonicError)) return failed(error).message;
  const { reason, word = '', position = 0, suggestion = '' } = error;
  if (reason === 'word') return words.word(position, word, suggestion);
  return reason === 'checksum' ? words.checksum : words.length(entered.length);
}
