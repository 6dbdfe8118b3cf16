/** What the server found wrong, argument by argument. */

export type Faults = Record<string, string[]>;

/** Of the data of `invalid_arguments`; nothing where it is of another shape. */
export function faultsIn(data: unknown): Faults {
  if (typeof data !== 'object' || data === null) return {};
  const isTexts = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every((each) => typeof each === 'string');
  return Object.fromEntries(Object.entries(data).filter((pair): pair is [string, string[]] => isTexts(pair[1])));
}
