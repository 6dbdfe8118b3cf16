/** What the palette offers: every command, and every subcommand beside it. */

import type { Definition } from '@nexus/client';
import type { Form } from '../catalogue/find.ts';

export interface Offer {
  /** `/identity/delete` */
  readonly path: string;
  /** Without its slash, as it is searched. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly definition: Definition;
  readonly form: Form;
}

/** Who would run it. */
export interface Runner {
  readonly address?: string | undefined;
  /** The paths that the server says this key may run, where it was asked. */
  readonly mine?: ReadonlySet<string> | undefined;
}

export function offersOf(definitions: readonly Definition[]): Offer[] {
  return definitions.flatMap((definition) => {
    const { name, aliases = [], subcommands = [] } = definition;
    const bare = { path: `/${name}`, name, aliases, definition, form: definition };
    const below = subcommands.map((form): Offer => {
      const path = `${name}/${form.name}`;
      return { path: `/${path}`, name: path, aliases: [], definition, form };
    });
    return [bare, ...below];
  });
}

/** Nobody may run what asks for no proof, and the one command that makes somebody of them. */
export function mayRun({ path, form }: Offer, { address, mine }: Runner): boolean {
  if (address) return mine?.has(path) ?? true;
  return path === '/identity' || !(form.requiresSignature || form.requiresIdentity || form.requiresRole);
}

/** Whether it can run without a word. */
export const runsBare = (form: Form): boolean => form.requiresGUI || (form.parameters.required ?? []).length === 0;

/** Whether a word may follow. */
export const takesWords = (form: Form): boolean => Object.keys(form.parameters.properties ?? {}).length > 0;
