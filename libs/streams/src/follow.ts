/**
 * Following a topic as it grows, for a person's eyes: outside any lasting consumer group, nothing committed, nothing left behind.
 * From the beginning or from where the topic ends now.
 */
import { randomUUID } from 'node:crypto';
import type { Kafka } from 'kafkajs';
import { type InRecord, LogUnavailable } from './ports.js';
import { consumerSettings, toRecord } from './reader.js';
import { forget } from './scan.js';

export interface FollowOptions {
  /** Topic with prefix. */
  readonly topic: string;
  readonly prefix: string;
  readonly fromStart: boolean;
  readonly onRecord: (record: InRecord) => void | Promise<void>;
  /** Ends the following. */
  readonly signal: AbortSignal;
}

/** Hands over committed records, each once, until the signal aborts. Throws LogUnavailable when reading breaks off for good. */
export async function follow(client: Kafka, options: FollowOptions): Promise<void> {
  const { topic, prefix, fromStart, onRecord, signal } = options;
  const groupId = `${prefix}follow.${randomUUID()}`;
  const consumer = client.consumer({ ...consumerSettings(), groupId });
  /** The next offset of each partition that had a record. */
  const next = new Map<number, number>();
  consumer.on(consumer.events.GROUP_JOIN, () => {
    for (const [partition, offset] of next) consumer.seek({ topic, partition, offset: String(offset) });
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: fromStart });
    const broken = new Promise<never>((_resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) reject(new LogUnavailable(`Reading ${topic} failed: ${payload.error.message}`));
      });
    });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch, heartbeat }) => {
        for (const message of batch.messages) {
          if (signal.aborted) return;
          const offset = Number(message.offset);
          if (offset < (next.get(batch.partition) ?? 0)) continue;
          await onRecord(toRecord(batch.topic, batch.partition, message, prefix));
          next.set(batch.partition, offset + 1);
        }
        await heartbeat();
      },
    });
    const ended = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([ended, broken]);
  } finally {
    await consumer.disconnect().catch(() => undefined);
    await forget(client, groupId);
  }
}
