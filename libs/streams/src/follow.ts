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

/** Hands over committed records until the signal aborts. Throws LogUnavailable when reading breaks off for good. */
export async function follow(client: Kafka, options: FollowOptions): Promise<void> {
  const { topic, prefix, fromStart, onRecord, signal } = options;
  const groupId = `${prefix}follow.${randomUUID()}`;
  const consumer = client.consumer({ ...consumerSettings(), groupId });
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
          await onRecord(toRecord(batch.topic, batch.partition, message, prefix));
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
