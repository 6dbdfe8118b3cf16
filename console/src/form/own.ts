/** What a record has under a name that comes from elsewhere: nothing under `constructor`, unless it was put there. */
export const own = <T>(record: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
