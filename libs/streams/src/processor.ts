/**
 * Consume, transform, produce: exactly once, one transaction for each batch of one partition.
 *
 * A partition's task:
 *
 *   (none) ── first batch ──▶ opening: fence ▸ committed offset ▸ restore ──▶ open ── batch ──▶ transaction ──▶ open
 *                                                                               │
 *                                   (none) ◀── any failure in a transaction, partition taken away, stop ◀┘
 *
 * - Fence: the producer's transactionalId is group + input topic + partition. kafkajs cannot send group metadata with transactional offsets,
 *   so this shared name, and nothing else, stops a zombie: the newer producer's InitProducerId ends what the older one left open and makes
 *   its later commits fail.
 * - Only after the fence is the committed offset read (before it, a prepared transaction of the old owner could still move it), and the
 *   state restored from the changelog. A tombstone written through the fenced producer gives the restore a last record to reach:
 *   kafkajs cannot cross a compacted, empty end of a partition.
 * - A transaction holds outputs, changelog and the input offset. Local state changes after the commit only (`applied`).
 * - Any failure between begin and commit: the producer is thrown away (after a failed commit kafkajs can neither abort nor begin again), the
 *   task with it, the consumer goes back to the batch. Whether the commit happened is learned from the committed offset when the task reopens.
 * - Outputs go to the partition the input came from, unless they name none and are meant for another key. So each output partition has one
 *   transactional writer: kafkajs' read_committed filter lets aborted records through where two overlap.
 */
import type { TopicName } from '@tokenline/contracts';
import type { KafkaConfig, Logger } from '@tokenline/runtime';
import type { Kafka, Producer } from 'kafkajs';
import { createClient, plainRetry, transactionRetry } from './client.js';
import type { InRecord, LogReader, OutRecord } from './ports.js';
import {
  consumerSettings,
  isGroupError,
  pauseWithHeartbeats,
  toRecord,
  watchConsumer,
  withHeartbeats,
} from './reader.js';
import { scan } from './scan.js';
import { byTopic } from './writer.js';

/** What a partition's logic answers to a batch. */
export interface Processed {
  readonly outputs: readonly OutRecord[];
  /** Takes the batch's effect into local state; called once the transaction is committed. */
  readonly applied: () => void;
}

export interface PartitionLogic {
  /** One record of the changelog, oldest first; a null value deletes. */
  readonly restore: (record: InRecord) => void | Promise<void>;
  /** Decides what follows from the records. Must not change local state before `applied`. */
  readonly process: (records: readonly InRecord[]) => Promise<Processed>;
}

export interface ProcessorOptions {
  /** Consumer group and stem of the transactional ids, without prefix. */
  readonly group: string;
  readonly input: TopicName;
  /** Compacted topic, with as many partitions as the input. */
  readonly changelog: TopicName;
  readonly open: (partition: number) => PartitionLogic;
  /** Most records in one transaction; 1000 by default. */
  readonly maxRecords?: number;
}

/** Key of the tombstone that marks the end of the changelog for a restore. */
export const restoreMarkerKey = '\u0000restore';

interface Task {
  readonly partition: number;
  readonly producer: Producer;
  readonly logic: PartitionLogic;
  /** Next input offset to process. */
  position: number;
}

const transactionTimeoutMs = 10_000;

export async function startProcessor(
  config: KafkaConfig,
  prefix: string,
  log: Logger,
  clientId: string,
  options: ProcessorOptions,
  onFatal: (error: Error) => void,
): Promise<LogReader> {
  const client = (role: string, retry = plainRetry): Kafka =>
    createClient(config, `tokenline-${clientId}-${role}`, log, retry);
  const group = `${prefix}${options.group}`;
  const input = `${prefix}${options.input}`;
  const changelog = `${prefix}${options.changelog}`;
  const maxRecords = options.maxRecords ?? 1_000;
  const consumer = client('consumer').consumer({ ...consumerSettings, groupId: group });
  const admin = client('admin').admin();
  const stopping = new AbortController();
  const watch = watchConsumer(consumer, prefix, onFatal, stopping.signal);
  const tasks = new Map<number, Task>();
  let trouble: string | undefined;

  const openTask = async (partition: number): Promise<Task> => {
    const started = Date.now();
    const producer = client(`producer-${partition}`, transactionRetry).producer({
      transactionalId: `${group}-${options.input}-${partition}`,
      transactionTimeout: transactionTimeoutMs,
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: transactionRetry,
    });
    try {
      await producer.connect();
      const marker = await producer.transaction();
      await marker.send({ topic: changelog, acks: -1, messages: [{ partition, key: restoreMarkerKey, value: null }] });
      await marker.commit();
      const position = await committedOffset(partition);
      const logic = options.open(partition);
      let restored = 0;
      await scan(client('restore'), {
        topic: changelog,
        prefix,
        partitions: [partition],
        onRecord: async (record) => {
          if (record.key === restoreMarkerKey) return;
          restored += 1;
          await logic.restore(record);
        },
      });
      log.info({ partition, position, restored, ms: Date.now() - started }, 'Partition opened');
      return { partition, producer, logic, position };
    } catch (error) {
      void producer.disconnect().catch(() => undefined);
      throw error;
    }
  };

  const committedOffset = async (partition: number): Promise<number> => {
    const [found] = await admin.fetchOffsets({ groupId: group, topics: [input] });
    const offset = found?.partitions.find((p) => p.partition === partition)?.offset;
    return offset === undefined ? 0 : Math.max(0, Number(offset));
  };

  const closeTask = (partition: number): void => {
    const task = tasks.get(partition);
    tasks.delete(partition);
    void task?.producer.disconnect().catch(() => undefined);
  };

  const transact = async (task: Task, records: readonly InRecord[], next: number): Promise<void> => {
    const { outputs, applied } = await task.logic.process(records);
    const transaction = await task.producer.transaction();
    if (outputs.length > 0) {
      await transaction.sendBatch({ acks: -1, topicMessages: byTopic(outputs, prefix) });
    }
    await transaction.sendOffsets({
      consumerGroupId: group,
      topics: [{ topic: input, partitions: [{ partition: task.partition, offset: String(next) }] }],
    });
    await transaction.commit();
    applied();
    task.position = next;
  };

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    const assigned = payload.memberAssignment[input] ?? [];
    for (const partition of [...tasks.keys()]) if (!assigned.includes(partition)) closeTask(partition);
  });

  await admin.connect();
  await consumer.connect();
  await consumer.subscribe({ topics: [input], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 3,
    eachBatch: async ({ batch, resolveOffset, heartbeat, isRunning, isStale }) => {
      const { partition, messages } = batch;
      try {
        let task = tasks.get(partition);
        if (task === undefined) {
          task = await withHeartbeats(heartbeat, () => openTask(partition));
          tasks.set(partition, task);
        }
        for (let at = 0; at < messages.length; at += maxRecords) {
          if (!isRunning() || isStale() || stopping.signal.aborted) return;
          const chunk = messages.slice(at, at + maxRecords);
          const last = chunk.at(-1)?.offset as string;
          const { position } = task;
          const records = chunk
            .filter((m) => Number(m.offset) >= position)
            .map((m) => toRecord(batch.topic, partition, m, prefix));
          const current = task;
          if (records.length > 0) await withHeartbeats(heartbeat, () => transact(current, records, Number(last) + 1));
          resolveOffset(last);
          trouble = undefined;
          await heartbeat();
        }
      } catch (error) {
        closeTask(partition);
        if (isRebalance(error)) throw error;
        trouble = `${options.group} cannot process partition ${partition}: ${(error as Error).message}`;
        log.warn({ err: error, partition }, 'Transaction failed; opening the partition again');
        consumer.seek({ topic: batch.topic, partition, offset: String(messages[0]?.offset ?? 0) });
        await pauseWithHeartbeats(250, heartbeat, stopping.signal);
      }
    },
  });

  return {
    stop: async () => {
      stopping.abort();
      await consumer.disconnect();
      for (const partition of [...tasks.keys()]) closeTask(partition);
      await admin.disconnect();
    },
    problem: () => trouble ?? watch.problem(),
    lag: watch.lag,
  };
}

/** The group moved on without us: kafkajs has to hear of it to join again. */
function isRebalance(error: unknown): boolean {
  const type = (error as { type?: string }).type;
  return (
    isGroupError(error) &&
    (type === 'REBALANCE_IN_PROGRESS' ||
      type === 'UNKNOWN_MEMBER_ID' ||
      type === 'ILLEGAL_GENERATION' ||
      type === 'NOT_COORDINATOR_FOR_GROUP')
  );
}
