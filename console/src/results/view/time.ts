/** Times as they come, in the reader's own form. */

import type { Language } from '../../words.ts';

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** The time of an RFC 3339 text; undefined where it is none. */
export function timeOf(text: string): Date | undefined {
  if (!RFC_3339.test(text)) return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** The reader's variety of the language. */
export const variety = (language: Language): string =>
  navigator.languages.find((name) => name.startsWith(language)) ?? language;

/** In the time zone of this machine. */
export function localTime(time: Date, language: Language): string {
  return time.toLocaleString(variety(language), { dateStyle: 'medium', timeStyle: 'medium' });
}
