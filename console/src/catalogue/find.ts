/** Which command a typed line means. Says nothing of its arguments, which the server reads. */

import type { Definition, Subcommand } from '@nexus/client';

/** What is run: a command itself, or one of its subcommands. */
export type Form = Definition | Subcommand;

export interface Found {
  definition: Definition;
  form: Form;
  /** By the names of the definition: `/identity/delete`. */
  path: string;
  /** What stands behind the name. */
  rest: string;
}

/** Undefined where no command has this name, or the command no such subcommand. Knows the names that the server knows. */
export function find(definitions: readonly Definition[], line: string): Found | undefined {
  const [, name = '', slashed, tail = ''] = /^\s*\/?([^\s/]*)(?:\/(\S*))?\s*([^]*)$/.exec(line) ?? [];
  const wanted = name.toLowerCase();
  const definition = definitions.find((each) => each.name === wanted || each.aliases?.includes(wanted));
  if (!definition) return undefined;
  const path = `/${definition.name}`;
  const rest = tail.trimEnd();
  if (slashed !== undefined) {
    const form = named(definition, slashed);
    return form && { definition, form, path: `${path}/${form.name}`, rest };
  }
  const [, word = '', behind = ''] = /^(\S*)\s*([^]*)$/.exec(rest) ?? [];
  const form = named(definition, word);
  if (form) return { definition, form, path: `${path}/${form.name}`, rest: behind };
  return { definition, form: definition, path, rest };
}

function named(definition: Definition, name: string): Subcommand | undefined {
  return definition.subcommands?.find((each) => each.name === name.toLowerCase());
}
