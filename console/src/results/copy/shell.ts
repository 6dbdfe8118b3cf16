/** Words of a POSIX shell (IEEE 1003.1, XCU 2.2), which say exactly what they are given and run nothing. */

import { HIDDEN } from '../visible.ts';

/** What a shell leaves alone wherever it stands behind its first word. */
const PLAIN = /^[\w@%+:,./-][\w@%+:,./=-]*$/;
/**
 * What a terminal obeys though it is quoted, even while it is pasted, and what turns the direction of writing. No line
 * ends: a substitution would lose them, and within quotes they do nothing.
 */
const OBEYED = new RegExp(`([\\t${HIDDEN}]+)`);

/** Fails for U+0000, which no argument of a program can hold. */
export function quoted(text: string): string {
  if (text.includes('\0')) throw new RangeError('no argument holds U+0000');
  if (PLAIN.test(text)) return text;
  const parts = text.split(OBEYED).filter(Boolean);
  return parts.map((part) => (OBEYED.test(part) ? written(part) : within(part))).join('') || "''";
}

const within = (part: string) => `'${part.replaceAll("'", "'\\''")}'`;

function written(part: string): string {
  const octal = Array.from(new TextEncoder().encode(part), (byte) => `\\${byte.toString(8).padStart(3, '0')}`);
  return `"$(printf '${octal.join('')}')"`;
}
