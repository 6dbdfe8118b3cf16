/** What a form asks for: the flat JSON Schema of a command's arguments, as fields. What holds, the server decides. */

import type { Parameter, Schema } from '@nexus/client';

type Scalar = string | number | boolean;

export type Kind =
  | { type: 'boolean' }
  | {
      type: 'number';
      integer: boolean;
      minimum?: number | undefined;
      maximum?: number | undefined;
      step?: number | undefined;
    }
  | {
      type: 'text';
      input: Input;
      shortest?: number | undefined;
      longest?: number | undefined;
      pattern?: string | undefined;
    }
  | { type: 'choice'; options: { value: Scalar; label: string; description?: string | undefined }[] }
  | { type: 'list'; item: Exclude<Kind, { type: 'list' }> }
  /** Anything else is written as JSON. */
  | { type: 'json' };

export type Input = 'text' | 'long' | 'url' | 'email' | 'date' | 'moment' | 'password';

export interface Field {
  name: string;
  kind: Kind;
  description?: string | undefined;
  required: boolean;
  /** What the server takes where nothing is sent. */
  fallback?: unknown;
}

/** A schema as it may come, with the keywords that only run-time commands have. */
type Loose = Parameter & {
  multipleOf?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  writeOnly?: boolean;
};

/** In the order of the schema. */
export function fieldsOf({ properties = {}, required = [] }: Schema): Field[] {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    kind: kindOf(schema),
    description: schema.description,
    required: required.includes(name),
    fallback: schema.default ?? undefined,
  }));
}

/** A text of more than this gets several lines. */
const LONG = 200;

function kindOf(schema: Loose): Kind {
  const { type, optional } = typeOf(schema);
  const inner = schema.anyOf?.find((each) => each.type !== 'null');
  if (inner) return kindOf(inner);
  const options = optionsOf(schema);
  if (options) return { type: 'choice', options };
  switch (type) {
    case 'boolean':
      return optional
        ? { type: 'choice', options: [true, false].map((value) => ({ value, label: `${value}` })) }
        : { type };
    case 'integer':
    case 'number':
      return {
        type: 'number',
        integer: type === 'integer',
        minimum: schema.minimum ?? schema.exclusiveMinimum,
        maximum: schema.maximum ?? schema.exclusiveMaximum,
        step: schema.multipleOf,
      };
    case 'string':
      return {
        type: 'text',
        input: inputOf(schema),
        shortest: schema.minLength,
        longest: schema.maxLength,
        pattern: schema.pattern,
      };
    case 'array': {
      const item = schema.items ? kindOf(schema.items) : undefined;
      return item && item.type !== 'list' && item.type !== 'json' ? { type: 'list', item } : { type: 'json' };
    }
    default:
      return { type: 'json' };
  }
}

function typeOf({ type }: Loose): { type: string | undefined; optional: boolean } {
  if (!Array.isArray(type)) return { type, optional: false };
  return { type: type.find((each) => each !== 'null'), optional: type.includes('null') };
}

function optionsOf({ enum: values, oneOf }: Loose) {
  const listed =
    values?.map((value) => ({ value, description: undefined })) ??
    oneOf?.map((each) => ({ value: each.const, description: each.description }));
  return listed?.flatMap(({ value, description }) =>
    isScalar(value) ? [{ value, label: `${value}`, description }] : [],
  );
}

function inputOf({ format, writeOnly, maxLength = 0 }: Loose): Input {
  if (writeOnly || format === 'password') return 'password';
  if (format === 'date-time') return 'moment';
  if (format === 'date') return 'date';
  if (format === 'uri') return 'url';
  if (format === 'email') return 'email';
  return maxLength > LONG ? 'long' : 'text';
}

const isScalar = (value: unknown): value is Scalar => ['string', 'number', 'boolean'].includes(typeof value);
