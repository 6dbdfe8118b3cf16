/** What this browser keeps between visits. Storage that is full or forbidden is as good as none: nothing here throws. */

const PREFIX = 'nexus.';

/** What was kept under this name; undefined where there is nothing, or nothing that can be read. */
export function kept<T>(name: string): T | undefined {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

/** Says whether it could be kept. */
export function keep(name: string, value: unknown): boolean {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
