/**
 * Reading a topic, or some partitions of it, from the beginning to where it ends now, outside any lasting consumer group.
 * kafkajs reads only as a group member, so this is a group of one with a name used once and an assigner that takes just the partitions wanted.
 */
import { randomUUID } from 'node:crypto';
import type { Assignment, Batch, Kafka, PartitionAssigner } from 'kafkajs';
import { withAdmin } from './admin.js';
import { AssignerProtocol } from './kafkajs.js';
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
  /** What it throws ends the scan. */
  readonly onRecord: (record: InRecord) => void | Promise<void>;
  /** Most milliseconds without any progress. */
  readonly stallMs?: number;
}

/** What is left of a partition: the next offset to hand over, and the end. */
interface Left {
  next: number;
  readonly end: number;
}

const pauseMs = 250;

/**
 * Hands over every committed record up to the end as it is when the scan starts, each once, in the order of its partition; gives the end offset of
 * each partition. A consumer that breaks is replaced, and the next goes on where it stood. Throws LogUnavailable when reading stalls.
 */
export async function scan(client: Kafka, options: ScanOptions): Promise<ReadonlyMap<number, number>> {
  const { topic, from = 0, stallMs = 30_000 } = options;
  const startOf = (partition: number): number => (typeof from === 'number' ? from : (from.get(partition) ?? 0));
  const ends = await endOffsets(client, topic);
  const left = new Map<number, Left>();
  for (const [partition, { low, high }] of ends) {
    const next = Math.max(low, startOf(partition));
    if (next < high && options.partitions?.includes(partition) !== false) left.set(partition, { next, end: high });
  }
  let movedAt = performance.now();
  const moved = (): void => {
    movedAt = performance.now();
  };
  const stalled = (): boolean => performance.now() - movedAt > stallMs;
  let why = '';
  while (left.size > 0) {
    if (stalled()) throw new LogUnavailable(`Reading ${topic} to its end made no progress for ${stallMs} ms${why}.`);
    const broken = await readOn(client, options, left, moved, stalled);
    if (broken === undefined) continue;
    why = `: ${broken.message}`;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return new Map([...ends].map(([partition, { high }]) => [partition, high]));
}

/** Reads what is left with one consumer, until nothing is, nothing has moved for too long, or the consumer breaks: then gives why. */
async function readOn(
  client: Kafka,
  { topic, prefix, onRecord }: ScanOptions,
  left: Map<number, Left>,
  moved: () => void,
  stalled: () => boolean,
): Promise<Error | undefined> {
  const groupId = `${prefix}scan.${randomUUID()}`;
  const consumer = client.consumer({
    ...consumerSettings(),
    groupId,
    partitionAssigners: [only(topic, [...left.keys()])],
  });
  let over = false;
  let inHand: Promise<void> = Promise.resolve();
  let watch: NodeJS.Timeout | undefined;
  const take = async ({ partition, messages }: Batch): Promise<void> => {
    for (const message of messages) {
      const place = left.get(partition);
      if (over || place === undefined) return;
      const offset = Number(message.offset);
      // A fetch may have begun before the seek below, or the group have met again.
      if (offset < place.next || offset >= place.end) continue;
      await onRecord(toRecord(topic, partition, message, prefix));
      place.next = offset + 1;
      moved();
    }
  };
  try {
    return await new Promise<Error | undefined>((resolve, reject) => {
      watch = setInterval(() => stalled() && resolve(undefined), pauseMs);
      consumer.on(consumer.events.GROUP_JOIN, () => {
        for (const [partition, { next }] of left) consumer.seek({ topic, partition, offset: String(next) });
      });
      // Also told for batches that hold only control or aborted records, which never reach the handler.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
        const place = left.get(partition);
        if (over || place === undefined) return;
        moved();
        place.next = Math.max(place.next, Number(lastOffset) + 1);
        if (place.next >= place.end) left.delete(partition);
        if (left.size === 0) resolve(undefined);
      });
      consumer.on(consumer.events.CRASH, ({ payload }) => resolve(payload.error));
      const run = async (): Promise<void> => {
        await consumer.connect();
        await consumer.subscribe({ topics: [topic], fromBeginning: true });
        await consumer.run({
          autoCommit: false,
          eachBatch: async ({ batch, heartbeat }) => {
            inHand = take(batch);
            await inHand.catch(reject);
            await heartbeat();
          },
        });
      };
      run().catch(resolve);
    });
  } finally {
    over = true;
    clearInterval(watch);
    await consumer.disconnect().catch(() => undefined);
    await inHand.catch(() => undefined);
    await forget(client, groupId);
  }
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
