/** The arguments that a command takes, as its JSON Schema says. */

import type { Parameter, Schema } from '@nexus/client';

export type Kind = 'boolean' | 'integer' | 'number' | 'text' | 'json';

export interface Argument {
  readonly name: string;
  readonly kind: Kind;
  readonly required: boolean;
  /** Whether it may be given again and again. */
  readonly list: boolean;
  /** All that it may be, where these can be told. */
  readonly choices: readonly string[];
  /** Bounds of a number, or of the length of a text. */
  readonly least?: number;
  readonly most?: number;
  readonly description?: string;
  readonly default?: unknown;
  /** Whether its value may be shown to nobody. */
  readonly secret: boolean;
}

/** Names of what is kept from others, whole or as the end of a longer name. */
const SECRET =
  /^(?:.*[-_])?(?:secret|password|passphrase|passwd|pin|token|mnemonic|seed|credentials?|(?:private|api)?key)$/i;

export const isSecretName = (name: string): boolean => SECRET.test(name.replace(/([a-z])([A-Z])/g, '$1-$2'));

export function argumentsOf({ properties = {}, required = [] }: Schema): Argument[] {
  return Object.entries(properties).map(([name, schema]) => argumentOf(name, schema, required.includes(name)));
}

function argumentOf(name: string, outer: Parameter, required: boolean): Argument {
  const schema = present(outer);
  const list = typeOf(schema) === 'array';
  const item = list ? present(schema.items ?? {}) : schema;
  const kind = kindOf(item);
  const [least, most] = kind === 'text' ? [item.minLength, item.maxLength] : [item.minimum, item.maximum];
  const description = outer.description ?? schema.description;
  return {
    name,
    kind,
    required,
    list,
    choices: choicesOf(item),
    secret: [outer, schema, item].some(isSecret) || isSecretName(name),
    ...(least !== undefined && { least }),
    ...(most !== undefined && { most }),
    ...(description !== undefined && { description }),
    ...(outer.default !== undefined && outer.default !== null && { default: outer.default }),
  };
}

/** Without the null that an optional argument may be. */
const present = (schema: Parameter): Parameter => schema.anyOf?.find((each) => each.type !== 'null') ?? schema;

function typeOf({ type }: Parameter): string | undefined {
  return Array.isArray(type) ? type.find((each) => each !== 'null') : type;
}

function kindOf(schema: Parameter): Kind {
  if (choicesOf(schema).length > 0) return 'text';
  const type = typeOf(schema);
  if (type === 'boolean' || type === 'integer' || type === 'number') return type;
  return type === 'string' ? 'text' : 'json';
}

function choicesOf(schema: Parameter): string[] {
  const values = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
  return [...values.filter((value) => typeof value === 'string'), ...(schema.oneOf ?? []).flatMap(choicesOf)];
}

const isSecret = ({ format, writeOnly }: Parameter): boolean => format === 'password' || writeOnly === true;
