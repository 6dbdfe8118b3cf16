/** What Enter and Tab do with a line. */

import type { Args, Definition } from '@nexus/client';
import { find, type Found } from '../catalogue/find.ts';
import { argumentsOf } from './arguments.ts';
import { type Offer, runsBare, takesWords } from './offers.ts';
import { read } from './reading.ts';

export type Deed =
  | { readonly kind: 'run'; readonly line: string }
  | { readonly kind: 'complete'; readonly text: string }
  /** It names no command, and cannot be meant for one. */
  | { readonly kind: 'refuse' };

/** `chosen` is the command that the list shows as chosen, if it is open; `moved`, whether somebody went there. */
export function onEnter(text: string, found: Found | undefined, chosen: Offer | undefined, moved: boolean): Deed {
  if (chosen && moved) return take(chosen);
  const line = text.trim();
  if (found) {
    // Who has seen the hints and insists is answered by the server.
    const insists = found.rest !== '' || /\s$/.test(text);
    return insists || runsBare(found.form) ? { kind: 'run', line } : { kind: 'complete', text: `${line} ` };
  }
  if (!line.startsWith('/')) return { kind: 'refuse' };
  if (!chosen) return { kind: 'run', line };
  return /\s/.test(line) ? { kind: 'complete', text: completed(chosen) } : take(chosen);
}

const take = (offer: Offer): Deed =>
  runsBare(offer.form) ? { kind: 'run', line: offer.path } : { kind: 'complete', text: completed(offer) };

export const completed = ({ path, form }: Offer): string => (takesWords(form) ? `${path} ` : path);

/** A text may not hold a new line, but an argument may: then what was read goes beside the name. */
export function spoken(text: string, definitions: readonly Definition[]): { line: string; args?: Args } {
  const found = text.includes('\n') ? find(definitions, text) : undefined;
  if (!found) return { line: text };
  const { given, faults } = read(argumentsOf(found.form.parameters), text, text.length - found.rest.length);
  const strays = faults.flatMap((fault) => ('word' in fault ? [fault.word] : []));
  return { line: found.path, args: [...given.map(({ argument, value }) => `--${argument.name}=${value}`), ...strays] };
}
