/**
 * Reading a topic, or some partitions of it, from the beginning to where it ends now, outside any lasting consumer group.
 * kafkajs reads only as a group member, so this is a group of one with a name used once and an assigner that takes just the partitions wanted.
 */
import { randomUUID } from 'node:crypto';
import { AssignerProtocol, type Assignment, type Kafka, type PartitionAssigner } from 'kafkajs';
import { withAdmin } from './admin.js';
import { type InRecord, LogUnavailable } from './ports.js';
import { consumerSettings, toRecord } from './reader.js';

export interface ScanOptions {
  /** Topic with prefix. */
  readonly topic: string;
  readonly prefix: string;
  /** All of them when left out. */
  readonly partitions?: readonly number[];
  /** Offset to start at, for all partitions or each; the beginning when left out. */
  readonly from?: number | ReadonlyMap<number, number>;
  readonly onRecord: (record: InRecord) => void | Promise<void>;
  /** Most milliseconds without any progress. */
  readonly stallMs?: number;
}

/**
 * Hands over every committed record up to the end as it is when the scan starts; gives the end offset of each partition.
 * Throws LogUnavailable when reading stalls.
 */
export async function scan(client: Kafka, options: ScanOptions): Promise<ReadonlyMap<number, number>> {
  const { topic, prefix, onRecord, from = 0, stallMs = 30_000 } = options;
  const startOf = (partition: number): number => (typeof from === 'number' ? from : (from.get(partition) ?? 0));
  const ends = await endOffsets(client, topic);
  const open = new Map([...ends].filter(([partition]) => options.partitions?.includes(partition) ?? true));
  for (const [partition, { low, high }] of open) if (Math.max(low, startOf(partition)) >= high) open.delete(partition);
  const reached = new Map([...ends].map(([partition, { high }]) => [partition, high]));
  if (open.size === 0) return reached;

  const groupId = `${prefix}scan.${randomUUID()}`;
  const consumer = client.consumer({
    ...consumerSettings(),
    groupId,
    partitionAssigners: [only(topic, [...open.keys()])],
  });
  try {
    await new Promise<void>((resolve, reject) => {
      let timer = setTimeout(stalled, stallMs);
      function stalled() {
        reject(new LogUnavailable(`Reading ${topic} to its end made no progress for ${stallMs} ms.`));
      }
      const progress = (partition: number, lastOffset: number): void => {
        clearTimeout(timer);
        timer = setTimeout(stalled, stallMs);
        if (lastOffset >= (open.get(partition)?.high ?? 0) - 1) open.delete(partition);
        if (open.size === 0) {
          clearTimeout(timer);
          resolve();
        }
      };
      // Also told for batches that hold only control or aborted records, which never reach the handler.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) =>
        progress(payload.partition, Number(payload.lastOffset)),
      );
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        clearTimeout(timer);
        reject(new LogUnavailable(`Reading ${topic} failed: ${payload.error.message}`));
      });
      const run = async (): Promise<void> => {
        await consumer.connect();
        await consumer.subscribe({ topics: [topic], fromBeginning: true });
        await consumer.run({
          autoCommit: false,
          eachBatch: async ({ batch, heartbeat }) => {
            const high = ends.get(batch.partition)?.high ?? 0;
            for (const message of batch.messages) {
              // A fetch may have begun before the seek below.
              if (Number(message.offset) >= startOf(batch.partition) && Number(message.offset) < high)
                await onRecord(toRecord(batch.topic, batch.partition, message, prefix));
            }
            await heartbeat();
          },
        });
        for (const partition of open.keys()) {
          const start = startOf(partition);
          if (start > 0) consumer.seek({ topic, partition, offset: String(start) });
        }
      };
      run().catch((error: Error) => {
        clearTimeout(timer);
        reject(error);
      });
    });
  } finally {
    await consumer.disconnect().catch(() => undefined);
    await forget(client, groupId);
  }
  return reached;
}

/** First offset kept and offset after the last, by partition, topic with prefix. Offsets that hold no record (ends of transactions) count too. */
export async function endOffsets(client: Kafka, topic: string): Promise<Map<number, { low: number; high: number }>> {
  const offsets = await withAdmin(client, (admin) => admin.fetchTopicOffsets(topic));
  return new Map(offsets.map((o) => [o.partition, { low: Number(o.low), high: Number(o.high) }]));
}

/** Removes a group that was used once. */
export async function forget(client: Kafka, groupId: string): Promise<void> {
  // An empty group without offsets lapses by itself.
  await withAdmin(client, (admin) => admin.deleteGroups([groupId])).catch(() => undefined);
}

function only(topic: string, partitions: number[]): PartitionAssigner {
  return () => ({
    name: 'tokenline-scan',
    version: 1,
    assign: async ({ members }) =>
      members.map(({ memberId }) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: 1,
          assignment: { [topic]: partitions } satisfies Assignment,
          userData: Buffer.alloc(0),
        }),
      })),
    protocol: ({ topics }) => ({
      name: 'tokenline-scan',
      metadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }),
    }),
  });
}
