/**
 * Process: the least that consumes, copies and produces with kafkajs, as fast as it goes, with the fetch sizes of libs/streams:
 *
 *   transactions   one for each batch of one partition, the input offset in it, side by side: a producer for each partition
 *   otherwise      an idempotent producer, one request in flight, then the offset
 *
 * kafkajs as it comes: what libs/streams mends in it (patches.ts) is part of what is measured.
 */
import type { KafkaMessage, Producer } from 'kafkajs';
import { childArgs, tellParent } from '../child.js';
import { rawKafka } from './kafka.js';

export interface LoopArgs {
  readonly brokers: readonly string[];
  readonly group: string;
  readonly input: string;
  readonly output: string;
  readonly transactions: boolean;
  /** Most records at once. */
  readonly maxRecords: number;
}

const { brokers, group, input, output, transactions, maxRecords } = childArgs<LoopArgs>();

/** A broker takes no batch above 1 MiB. */
const mostBytes = 512 * 1024;

const producers = new Map<number, Promise<Producer>>();
const producerOf = (partition: number): Promise<Producer> => {
  const key = transactions ? partition : 0;
  const known = producers.get(key);
  if (known !== undefined) return known;
  const made = connected(key);
  producers.set(key, made);
  return made;
};

async function connected(key: number): Promise<Producer> {
  const producer = rawKafka({ brokers }, `raw-producer-${key}`).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    ...(transactions && { transactionalId: `${group}-${key}`, transactionTimeout: 10_000 }),
  });
  await producer.connect();
  return producer;
}

const consumer = rawKafka({ brokers }, 'raw-consumer').consumer({
  groupId: group,
  sessionTimeout: 60_000,
  rebalanceTimeout: 60_000,
  maxWaitTimeInMs: 100,
  maxBytesPerPartition: 1_048_576,
});
await consumer.connect();
await consumer.subscribe({ topics: [input], fromBeginning: true });
consumer.on(consumer.events.GROUP_JOIN, () => tellParent({ joined: true }));
await consumer.run({
  autoCommit: false,
  eachBatchAutoResolve: false,
  partitionsConsumedConcurrently: 3,
  eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary, heartbeat }) => {
    const { partition } = batch;
    const producer = await producerOf(partition);
    for (const messages of chunks(batch.messages)) {
      const last = messages.at(-1)?.offset as string;
      const offsets = {
        topics: [{ topic: input, partitions: [{ partition, offset: String(Number(last) + 1) }] }],
      };
      const topicMessages = [{ topic: output, messages: messages.map((message) => copyOf(message, partition)) }];
      if (transactions) {
        const transaction = await producer.transaction();
        await transaction.sendBatch({ acks: -1, topicMessages });
        await transaction.sendOffsets({ consumerGroupId: group, ...offsets });
        await transaction.commit();
        resolveOffset(last);
      } else {
        await producer.sendBatch({ acks: -1, topicMessages });
        resolveOffset(last);
        await commitOffsetsIfNecessary(offsets);
      }
      await heartbeat();
    }
  },
});
process.on('disconnect', () => process.exit());

function copyOf({ key, value, headers }: KafkaMessage, partition: number) {
  return { key, value, partition, ...(headers && { headers }) };
}

function* chunks(messages: readonly KafkaMessage[]): Generator<readonly KafkaMessage[]> {
  let chunk: KafkaMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = 400 + (message.value?.length ?? 0);
    if (chunk.length === maxRecords || (chunk.length > 0 && bytes + size > mostBytes)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(message);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}
