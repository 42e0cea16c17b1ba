import avro from 'avsc';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mendStrings } from './strings.js';

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
  mendStrings();
  expect(written()).toEqual(before);
  expect(before.some(({ end }) => end < 0)).toBe(true);
});

it('strings are read as they were written, also those that come again, from a buffer used before, and not where they are cut short', () => {
  mendStrings();
  const texts = avro.Type.forSchema({ type: 'array', items: 'string' });
  const buffer = Buffer.alloc(200_000);
  // Half of a pair of surrogates has no bytes of its own.
  const whole = text.map((one) => Buffer.from(one).toString());
  const few = fc.array(whole, { minLength: 1, maxLength: 4 });
  const lists = few.chain((some) => fc.array(fc.oneof(fc.constantFrom(...some), whole), { maxLength: 12 }));
  fc.assert(
    fc.property(lists, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (list, part) => {
      const end = texts.encode(list, buffer);
      expect(texts.decode(buffer).value).toEqual(list);
      expect(texts.decode(buffer.subarray(0, Math.floor(part * end))).value).toBeUndefined();
    }),
    { numRuns: 3_000 },
  );
});
