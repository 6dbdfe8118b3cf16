/**
 * The words of a line, split as the server splits them: quotes and backslashes of a POSIX shell, without its
 * expansions. What is unfinished is no fault here, as somebody is still typing.
 */

export interface Word {
  readonly text: string;
  /** Where it stands in the line. */
  readonly start: number;
  readonly end: number;
  /** Where in `text` the first quote stood: only what is before that can be syntax. */
  readonly quotedFrom?: number;
}

/** The whole text, if none of it was quoted. */
export const plain = (word: Word): string | undefined => (word.quotedFrom === undefined ? word.text : undefined);

/** Whether it begins with this, outside of quotes. */
export const begins = (word: Word, prefix: string): boolean =>
  word.text.startsWith(prefix) && prefix.length <= (word.quotedFrom ?? word.text.length);

/** The words from an offset of the line on, and whether a quote is left open at its end. */
export function split(line: string, from = 0): { words: Word[]; open: boolean } {
  const words: Word[] = [];
  let text = '';
  let start = -1;
  let quotedFrom: number | undefined;
  let quote = '';

  function end(at: number): void {
    if (start >= 0) words.push({ text, start, end: at, ...(quotedFrom !== undefined && { quotedFrom }) });
    [text, start, quotedFrom] = ['', -1, undefined];
  }

  for (let at = from; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (!quote && /\s/.test(character)) {
      end(at);
      continue;
    }
    if (start < 0) start = at;
    if (character === quote) {
      quote = '';
    } else if (!quote && (character === "'" || character === '"')) {
      quotedFrom ??= text.length;
      quote = character;
    } else if (character === '\\' && quote !== "'") {
      quotedFrom ??= text.length;
      at += 1;
      const escaped = line.charAt(at);
      text += quote === '"' && !/["\\$`]/.test(escaped) ? character + escaped : escaped;
    } else {
      text += character;
    }
  }
  end(line.length);
  return { words, open: quote !== '' };
}

/** The text as one word that is read as it is. */
export function quoted(text: string): string {
  const isPlain = /^[\p{L}\p{N}_.,/+@%][\p{L}\p{N}_.,/+@%-]*$/u.test(text);
  return isPlain ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
