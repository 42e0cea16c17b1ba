import avro from 'avsc';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mendLists, withKnown } from './known.js';

const head = 5;
const item = avro.Type.forSchema({
  type: 'record',
  name: 'Item',
  fields: [
    { name: 'text', type: ['null', 'string'] },
    { name: 'list', type: { type: 'array', items: 'string' } },
  ],
});
const whole = avro.Type.forSchema({
  type: 'record',
  name: 'Whole',
  fields: [
    { name: 'before', type: 'string' },
    { name: 'items', type: { type: 'array', items: item } },
    { name: 'after', type: 'long' },
  ],
});

const text = fc.string({ maxLength: 20 });
const value = fc.record({
  before: text,
  items: fc.array(fc.record({ text: fc.option(text), list: fc.array(text, { maxLength: 3 }) }), { maxLength: 6 }),
  after: fc.integer(),
});

mendLists(head);

it('a record is written the same whichever of its items are known, in any room and beyond its end', () => {
  fc.assert(
    fc.property(value, fc.infiniteStream(fc.boolean()), fc.nat({ max: 300 }), (given, isKnown, room) => {
      const known = new Map<unknown, Buffer>();
      for (const one of given.items)
        if (isKnown.next().value === true)
          known.set(one, Buffer.concat([Buffer.alloc(head, 0xff), item.toBuffer(one)]));
      const [expected, found] = [Buffer.alloc(room), Buffer.alloc(room)];
      const end = whole.encode(given, expected, 1);
      expect(withKnown(known, () => whole.encode(given, found, 1))).toBe(end);
      if (end > 0) expect(found).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});

it('what is known is copied while it is to be, and forgotten then, come what may', () => {
  const given = { before: '', items: [{ text: 'said', list: [] }], after: 0 };
  const other = Buffer.concat([Buffer.alloc(head), item.toBuffer({ text: 'known', list: [] })]);
  const known = new Map([[given.items[0], other]]);
  const read = () => (whole.fromBuffer(whole.toBuffer(given)) as typeof given).items[0]?.text;
  expect([withKnown(known, read), read()]).toEqual(['known', 'said']);
  const fail = () =>
    withKnown(known, () => {
      throw new Error('no');
    });
  expect(fail).toThrow('no');
  expect(read()).toBe('said');
  expect(() => withKnown(known, () => whole.toBuffer({ ...given, items: 'none' }))).toThrow('invalid');
});
