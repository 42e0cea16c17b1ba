/**
 * Fills a topic behind the readers' backs: everything is written in one transaction, so nobody sees any of it until the commit, and then
 * all at once. Readers idle beside it, members of their groups and warm; what is measured begins with the commit.
 */
import type { Kafka } from 'kafkajs';
import { now } from '../clock.js';
import type { Offsets, Watcher } from './kafka.js';

export interface RawRecord {
  readonly partition: number;
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Released {
  /** When the commit was asked for, ms of clock.ts. */
  readonly at: number;
  /** Where a reader of it all has arrived, by partition. */
  readonly target: Offsets;
}

export interface Releaser {
  /** `before` runs when all is written and nothing is visible yet. */
  readonly release: (topic: string, records: readonly RawRecord[], before?: () => void) => Promise<Released>;
  readonly close: () => Promise<void>;
}

/** Nobody else may write to the topics meanwhile. A release has to be written within a minute. */
export async function createReleaser(kafka: Kafka, watcher: Watcher, id: string): Promise<Releaser> {
  const producer = kafka.producer({
    transactionalId: id,
    transactionTimeout: 60_000,
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  return {
    release: async (topic, records, before = () => undefined) => {
      const ends = await watcher.ends(topic);
      const transaction = await producer.transaction();
      for (let at = 0; at < records.length; at += 500) {
        const messages = records.slice(at, at + 500).map(({ partition, key, value, headers = {} }) => ({
          partition,
          key,
          value,
          headers,
        }));
        await transaction.sendBatch({ acks: -1, topicMessages: [{ topic, messages }] });
      }
      const target = new Map(ends);
      for (const { partition } of records) target.set(partition, (target.get(partition) ?? 0) + 1);
      for (const [partition, offset] of ends) if (target.get(partition) === offset) target.delete(partition);
      before();
      const at = now();
      await transaction.commit();
      return { at, target };
    },
    close: () => producer.disconnect(),
  };
}
