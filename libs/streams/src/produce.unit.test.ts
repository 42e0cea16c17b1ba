/** Our produce requests against those of kafkajs: the same bytes. */
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { encodeProduce, type ProduceFields } from './produce.js';

const theirs = createRequire(import.meta.url)('kafkajs/src/protocol/requests/produce/v7/request') as (
  fields: ProduceFields,
) => { readonly encode: () => Promise<{ readonly buffer: Buffer }> };

afterEach(() => void vi.useRealTimers());

const text = fc.string({ unit: 'grapheme', maxLength: 150 });
const bytes = fc.oneof(
  text,
  fc.uint8Array({ maxLength: 20_000 }).map((list) => Buffer.from(list)),
);
const message = fc.record(
  { key: fc.option(bytes), value: fc.option(bytes), headers: fc.dictionary(text, bytes, { maxKeys: 9 }) },
  { requiredKeys: ['value'] },
);
const partition = fc.record({
  partition: fc.nat(1_000),
  firstSequence: fc.nat(2 ** 31 - 1),
  messages: fc.array(message, { minLength: 1, maxLength: 200 }),
});
const request: fc.Arbitrary<ProduceFields> = fc.record(
  {
    acks: fc.constantFrom(-1, 0, 1),
    timeout: fc.nat(),
    transactionalId: fc.stringMatching(/^[a-z.-]{1,60}$/),
    producerId: fc.oneof(fc.constant(-1), fc.bigInt(0n, 2n ** 63n - 1n).map(String)),
    producerEpoch: fc.nat(32_767),
    topicData: fc.array(fc.record({ topic: text, partitions: fc.array(partition, { maxLength: 3 }) }), {
      maxLength: 3,
    }),
  },
  { requiredKeys: ['acks', 'timeout', 'topicData'] },
);

describe('a produce request', () => {
  it('has the bytes kafkajs gives it, whatever is sent', { timeout: 30_000 }, async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2030, 0, 15) });
    await fc.assert(
      fc.asyncProperty(request, async (fields) => {
        const expected = (await theirs(fields).encode()).buffer;
        expect(encodeProduce(fields, Date.now())?.equals(expected)).toBe(true);
        const behind = encodeProduce(fields, Date.now(), 50);
        expect(behind?.equals(expected) && behind.byteOffset >= 50).toBe(true);
      }),
    );
  });

  it.each([
    ['is compressed', { compression: 1 }, {}],
    ['says the time of a record', {}, { timestamp: '1' }],
    ['has two headers of one name', {}, { headers: { a: ['1', '2'] } }],
    ['has a header without a value', {}, { headers: { a: undefined } }],
  ])('is left to kafkajs when it %s', (_, fields, more) => {
    const messages = [{ value: 'v' }, { value: 'v', ...more }];
    const topicData = [{ topic: 't', partitions: [{ partition: 0, messages }] }];
    expect(encodeProduce({ acks: -1, timeout: 1, topicData, ...fields }, Date.now())).toBeUndefined();
  });
});
