/**
 * kafkajs by itself, for what the benches compare with and for watching offsets through one connection. Nothing of libs/streams: a baseline
 * that used it would measure it.
 */
import type { KafkaConfig } from '@tokenline/runtime';
import kafkajs, { type Admin, Kafka, logLevel } from 'kafkajs';

/** `retry` as engineering-facts A2 found best for transactions: short and even. */
export function rawKafka(config: Pick<KafkaConfig, 'brokers'>, clientId: string): Kafka {
  return new Kafka({
    clientId,
    brokers: [...config.brokers],
    retry: { initialRetryTime: 4, multiplier: 1.3, factor: 0.2, maxRetryTime: 250, retries: 25 },
    logLevel: logLevel.NOTHING,
  });
}

export type Offsets = ReadonlyMap<number, number>;

export interface Watcher {
  /** Offset after the last record readers see, by partition. */
  readonly ends: (topic: string) => Promise<Offsets>;
  readonly committed: (group: string, topic: string) => Promise<Offsets>;
  /** Records the group has not committed yet; ends of transactions count as such. */
  readonly lag: (group: string, topic: string) => Promise<number>;
  /** Until the group has committed up to the given offsets; asks every 20 ms. Throws after `deadlineMs`. */
  readonly reached: (group: string, topic: string, target: Offsets, deadlineMs?: number) => Promise<void>;
  readonly admin: Admin;
  readonly close: () => Promise<void>;
}

/** Topics and groups with their prefix. */
export async function watchOffsets(kafka: Kafka): Promise<Watcher> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = async (topic: string): Promise<Offsets> =>
    new Map(
      (await asked(() => admin.fetchTopicOffsets(topic))).map(({ partition, high }) => [partition, Number(high)]),
    );
  const committed = async (groupId: string, topic: string): Promise<Offsets> => {
    const [found] = await asked(() => admin.fetchOffsets({ groupId, topics: [topic] }));
    return new Map(found?.partitions.map(({ partition, offset }) => [partition, Math.max(0, Number(offset))]));
  };
  const left = async (group: string, topic: string, target: Offsets): Promise<number> => {
    const at = await committed(group, topic);
    return [...target].reduce((sum, [partition, offset]) => sum + Math.max(0, offset - (at.get(partition) ?? 0)), 0);
  };
  return {
    ends,
    committed,
    lag: async (group, topic) => left(group, topic, await ends(topic)),
    reached: async (group, topic, target, deadlineMs = 300_000) => {
      const deadline = performance.now() + deadlineMs;
      for (let records = await left(group, topic, target); records > 0; records = await left(group, topic, target)) {
        if (performance.now() > deadline) throw new Error(`${group} still has ${records} records of ${topic} to go.`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    admin,
    close: () => admin.disconnect(),
  };
}

const answeredWithinMs = 30_000;

/** A broker that has stood still is without leaders and coordinators for a moment, and kafkajs does not wait for them here. */
async function asked<T>(question: () => Promise<T>): Promise<T> {
  const until = performance.now() + answeredWithinMs;
  for (;;) {
    try {
      return await question();
    } catch (error) {
      if (!(error instanceof kafkajs.KafkaJSError) || performance.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
