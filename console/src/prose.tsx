/** A sentence of a definition, in which what stands between backticks is code. Nothing else of Markdown is meant there. */
export function Prose({ text }: { text: string }) {
  return text.split('`').map((piece, place) => (place % 2 === 1 ? <code key={place}>{piece}</code> : piece));
}
