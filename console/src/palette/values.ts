/** What can be seen here to be wrong with a value. Patterns and all else are left to the server. */

import type { Argument } from './arguments.ts';

export type Misfit = 'boolean' | 'integer' | 'number' | 'choice' | 'bounds' | 'length';

/** While somebody is `typing`, what may still become right is not wrong. */
export function misfit(argument: Argument, value: string, typing: boolean): Misfit | undefined {
  const { kind, choices, least = -Infinity, most = Infinity } = argument;
  const options = kind === 'boolean' ? ['true', 'false'] : choices;
  if (options.length > 0) {
    const fits = options.some((option) => (typing ? option.startsWith(value) : option === value));
    return fits ? undefined : kind === 'boolean' ? 'boolean' : 'choice';
  }
  if (kind === 'integer' || kind === 'number') {
    if (typing && /^[-+]?\.?$/.test(value)) return undefined;
    const number = value.trim() === value && value !== '' ? Number(value) : NaN;
    if (Number.isNaN(number) || (kind === 'integer' && !Number.isInteger(number))) {
      return typing && /^[-+]?\d*\.?\d*e[-+]?$/i.test(value) ? undefined : kind;
    }
    // The next digit takes it further from nought.
    const outside = number > most ? !(typing && number < 0) : number < least && !(typing && number >= 0);
    return outside ? 'bounds' : undefined;
  }
  if (kind === 'text') {
    const length = [...value].length;
    return length > most || (length < least && !typing) ? 'length' : undefined;
  }
  return undefined;
}
