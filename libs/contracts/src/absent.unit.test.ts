import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import { type Plain, withoutNulls } from './absent.js';
import { recordSchemas } from './generated/schemas.js';

/** The same, value by value. */
function left(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(left);
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(fields.map(([name, field]) => [name, left(field)]));
}

function typeOf(schema: unknown): avro.Type {
  return avro.Type.forSchema(schema as avro.Schema);
}

function withField(type: unknown): avro.Type {
  return typeOf({ type: 'record', name: 'R', fields: [{ name: 'field', type }] });
}

describe('a value without its nulls', () => {
  it.each(Object.entries(recordSchemas))('is the same as left out field by field: %s', (_, { schema }) => {
    const type = typeOf(schema);
    const plain = withoutNulls(type) as Plain;
    for (let turn = 0; turn < 200; turn++) {
      const value = type.fromBuffer(type.toBuffer(type.random()));
      const [made, expected] = [plain(value), left(value)];
      expect(made).toStrictEqual(expected);
      expect(JSON.stringify(made)).toBe(JSON.stringify(expected));
    }
  });

  it.each([
    ['a choice of several types', withField(['null', 'string', 'int'])],
    ['a map of records', withField({ type: 'map', values: { type: 'record', name: 'V', fields: [] } })],
    ['a map of absent values', withField({ type: 'map', values: ['null', 'string'] })],
  ])('is not made of what no schema has: %s', (_, type) => {
    expect(() => withoutNulls(type)).toThrow('teach this module to read it');
  });
});
