/** Which arguments are sent for what stands in a form. */

import type { Schema } from '@nexus/client';
import { expect, test } from 'vitest';
import { fieldsOf } from './field.ts';
import { argumentsOf, type Entered, entered } from './value.ts';

const sent = (properties: Schema['properties'], values: Record<string, Entered>, meant = Object.keys(values)) =>
  argumentsOf(fieldsOf({ properties: properties ?? {} }), values, new Set(meant));

test('numbers are sent as numbers, and what is none as it was typed', () => {
  const properties = { a: { type: 'integer' }, b: { type: 'number' }, c: { type: 'number' } };
  expect(sent(properties, { a: '7', b: '-0.5', c: 'many' })).toEqual({ a: 7, b: -0.5, c: 'many' });
});

test('what nobody has touched, and what is empty, is not sent', () => {
  const properties = { a: { type: 'string', default: 'x' }, b: { type: ['string', 'null'] }, c: { type: 'boolean' } };
  expect(sent(properties, { a: 'x', b: '', c: false }, ['b', 'c'])).toEqual({ c: false });
});

test('an option is sent as the value it is, whatever its type', () => {
  const properties = {
    a: { oneOf: [{ const: 1 }, { const: 'one' }] },
    b: { type: ['boolean', 'null'] },
    c: { enum: ['x', null] },
  };
  expect(sent(properties, { a: '0', b: '1', c: '' })).toEqual({ a: 1, b: false });
});

test('an argument that may be absent is read through anyOf', () => {
  expect(sent({ a: { anyOf: [{ type: 'integer' }, { type: 'null' }] } }, { a: '3' })).toEqual({ a: 3 });
});

test('lists are sent row by row, an empty one too; what no control is made for is read as JSON', () => {
  const properties = {
    a: { type: 'array', items: { type: 'integer' } },
    b: { type: 'array', items: { type: 'string' } },
    c: { type: 'object' },
  };
  expect(sent(properties, { a: ['1', 'x'], b: [], c: '{"d": [1]}' })).toEqual({ a: [1, 'x'], b: [], c: { d: [1] } });
});

test('a moment is shown in the time of this machine and sent as it was', () => {
  const [field] = fieldsOf({ properties: { a: { type: 'string', format: 'date-time' } } });
  const shown = field && entered(field.kind, '2026-01-02T03:04:05Z');
  expect(sent({ a: { type: 'string', format: 'date-time' } }, { a: shown ?? '' })).toEqual({
    a: '2026-01-02T03:04:05.000Z',
  });
});
