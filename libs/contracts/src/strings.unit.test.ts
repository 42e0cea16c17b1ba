import avro from 'avsc';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { writeStringsAtOnce } from './strings.js';

const types = [
  avro.Type.forSchema('string'),
  avro.Type.forSchema({ type: 'map', values: 'string' }),
  avro.Type.forSchema({
    type: 'record',
    name: 'Pair',
    fields: [
      { name: 'a', type: ['null', 'string'] },
      { name: 'b', type: 'string' },
    ],
  }),
];

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({ unit: 'binary-ascii', minLength: 55, maxLength: 70 }),
  fc.string({ unit: 'grapheme', maxLength: 70 }),
  fc.nat({ max: 9_000 }).map((length) => 'abcdefgh'.repeat(length / 8 + 1).slice(0, length)),
  fc.nat({ max: 2_900 }).map((length) => 'a\ud83d\ude00é'.repeat(length / 4 + 1).slice(0, length)),
  fc.constantFrom('\ud800', 'a\udfff', '\u0000', '\u007f', '\u0080'),
);
const value = fc.oneof(
  text.map((given) => [0, given] as const),
  fc.dictionary(text, text, { maxKeys: 5, noNullPrototype: true }).map((given) => [1, given] as const),
  fc.tuple(fc.option(text), text).map(([a, b]) => [2, { a, b }] as const),
);

it('strings are written as avsc writes them, in any buffer and beyond its end', () => {
  const room = fc.oneof(fc.nat({ max: 200 }), fc.nat({ max: 30_000 }));
  const given = fc.sample(fc.tuple(value, room), 3_000);
  const written = () =>
    given.map(([[type, value], room]) => {
      const buffer = Buffer.alloc(room);
      const end = (types[type] as avro.Type).encode(value, buffer, 1);
      return { end, bytes: end < 0 ? undefined : buffer.toString('hex') };
    });
  const before = written();
  writeStringsAtOnce();
  expect(written()).toEqual(before);
  expect(before.some(({ end }) => end < 0)).toBe(true);
});
