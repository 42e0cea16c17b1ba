import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { byKey, murmur2 } from './partitioner.js';

const theirs = createRequire(import.meta.url)('kafkajs/src/producer/partitioners/default/murmur2') as (
  key: Buffer | string,
) => number;

it('is the hash every Kafka client knows', () => {
  // org.apache.kafka.common.utils.UtilsTest, testMurmur2
  expect(murmur2(Buffer.from('21'))).toBe(-973932308);
  expect(murmur2(Buffer.from('foobar'))).toBe(-790332482);
  expect(murmur2(Buffer.from('a-little-bit-long-string'))).toBe(-985981536);
});

it('is kafkajs’ own for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(murmur2(Buffer.from(bytes))).toBe(theirs(Buffer.from(bytes)));
    }),
  );
});

it('puts a key where kafkajs puts it, whatever its characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 60 }), (key, partitions) => {
      const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId }));
      const asked = { topic: 't', partitionMetadata, message: { key, value: null } };
      expect(byKey()(asked as never)).toBe((theirs(key) & 0x7fffffff) % partitions);
    }),
  );
});
