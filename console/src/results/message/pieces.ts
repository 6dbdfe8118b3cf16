/** A text in pieces that are read as markdown one by one, since that may take a time as the square of the length. */

const SIZE = 6_000;
/** Marks that nest or pair, one upon the other, in a number that no author writes. */
const KNOT = /(?:[>\-+*[\](!_~`<][ \t]*){40}/;
const FENCE = /^ {0,3}(?:```|~~~)/;

/** Cut between lines, and not within a block of code; undefined for what nobody has written to be read as markdown. */
export function pieces(text: string): string[] | undefined {
  if (KNOT.test(text)) return undefined;
  const all: string[] = [];
  let piece = '';
  let isFenced = false;
  for (const line of text.split('\n')) {
    if (piece !== '' && !isFenced && piece.length + line.length > SIZE) {
      all.push(piece);
      piece = '';
    }
    piece += piece === '' ? line : `\n${line}`;
    if (FENCE.test(line)) isFenced = !isFenced;
    if (piece.length > 2 * SIZE) return undefined;
  }
  return [...all, piece];
}
