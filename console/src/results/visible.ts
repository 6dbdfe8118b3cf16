/** Characters that are not seen, or that move others about, written out: a text shows all that is in it. */

/**
 * What a command may not hold either, and further marks that have no look of their own, as the inside of a class of a
 * regular expression. Joiners are not among them: scripts and emoji need them.
 */
export const HIDDEN =
  String.raw`\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff`;

const hidden = new RegExp(`[${HIDDEN}]`, 'g');

const hex = (character: string) => character.charCodeAt(0).toString(16);

/** For people: an escape is `\u{1b}`. Line ends of other systems are line ends. */
export function visible(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(hidden, (character) => `\\u{${hex(character)}}`);
}

/** For JSON, which stays the same value: `\u202e`. */
export function visibleJson(json: string): string {
  return json.replace(hidden, (character) => `\\u${hex(character).padStart(4, '0')}`);
}
