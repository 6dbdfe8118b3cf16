/** The canonical form of JSON (RFC 8785), which is what signatures are made over. */

import serialize from 'canonicalize';

/** Throws a TypeError where there is none: for what is no JSON, and for half of a surrogate pair. */
export function canonical(value: unknown): string {
  // What is sent is what JSON makes of it: members that are undefined are not there.
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError('This is no JSON.');
  return serialize(JSON.parse(text, whole)) ?? '';
}

function whole(name: string, value: unknown): unknown {
  const texts = typeof value === 'string' ? [name, value] : [name];
  if (texts.some((text) => /\p{Surrogate}/u.test(text))) throw new TypeError('Half of a surrogate pair is no text.');
  return value;
}
