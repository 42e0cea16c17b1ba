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
 * - A transaction holds outputs, changelog and the input offset. The local copy of the state changes after the commit only (state-store.ts).
 *   Records and offset go side by side, each announced to the coordinator before (AddPartitionsToTxn ▸ Produce, AddOffsetsToTxn ▸ TxnOffsetCommit), and
 *   the commit once all are answered: three round trips for five requests. An offset that came too early after the transaction before goes again
 *   behind the records.
 * - Any failure between begin and commit: the producer is thrown away (after a failed commit kafkajs can neither abort nor begin again), the
 *   task with it, the consumer goes back to the batch. Whether the commit happened is learned from the committed offset when the task reopens.
 * - With `dueHeader`, keys of the state fall due. Whoever waits for that needs a partition to be open though nothing comes in, so what is assigned is
 *   opened without a first batch, one partition after the other; and needs to know whether much is still unread (caughtUp).
 * - Outputs go to the partition the input came from, unless they name none and are meant for another key. So each output partition has one
 *   transactional writer: kafkajs' read_committed filter lets aborted records through where two overlap.
 */
import type { TopicName } from '@tokenline/contracts';
import type { KafkaConfig, Logger } from '@tokenline/runtime';
import type { Kafka, Producer, Transaction } from 'kafkajs';
import { createClient, plainRetry, transactionRetry } from './client.js';
import { byKey } from './partitioner.js';
import { type InRecord, type LogReader, LogUnavailable, type OutRecord } from './ports.js';
import {
  consumerSettings,
  isGroupError,
  partitionsAtOnce,
  pauseWithHeartbeats,
  restOf,
  runConsumer,
  toRecord,
  withHeartbeats,
} from './reader.js';
import { scan } from './scan.js';
import { createStateStores, type StateChange, type StateStore } from './state-store.js';
import { byTopic, sendable } from './writer.js';

/** The state of a partition as its logic sees it: as of the last committed transaction. */
export interface PartitionState {
  readonly get: (key: string) => Buffer | undefined;
}

/**
 * Decides what follows from records of one partition. Records for the changelog topic among the outputs are the changes to the state;
 * they show in `state` once the transaction has committed. After a transaction that failed the partition is opened again, with new logic.
 */
export type PartitionLogic = (records: readonly InRecord[], state: PartitionState) => Promise<readonly OutRecord[]>;

export interface ProcessorOptions {
  /** Consumer group and stem of the transactional ids, without prefix. */
  readonly group: string;
  readonly input: TopicName;
  /** Compacted topic, with as many partitions as the input. */
  readonly changelog: TopicName;
  readonly open: (partition: number) => PartitionLogic;
  /** Where the local copies of the changelog are kept. */
  readonly stateDirectory: string;
  /** Most records in one transaction; 1000 by default. */
  readonly maxRecords?: number;
  /** Header of a changelog record that says when its key falls due (dueText). Without it no key does. */
  readonly dueHeader?: string;
}

export interface Processor extends LogReader {
  /** The partitions open now; of one partition the same object as long as it stays open. */
  readonly open: () => readonly OpenPartition[];
  /**
   * Numbers of the open partitions that keep up: all that lies in the input, or lay in it when this was asked the time before (if that is no more
   * than ten seconds ago), has been processed. Under steady load a partition is never quite at the end. Asks the broker.
   */
  readonly caughtUp: () => Promise<ReadonlySet<number>>;
}

export interface OpenPartition {
  readonly partition: number;
  readonly store: Pick<StateStore, 'get' | 'due' | 'waiting' | 'setDue'>;
}

/** When a key falls due, epoch ms, as its changelog record says it; undefined for never. */
export function dueText(due: number | undefined): string {
  return due === undefined ? 'never' : String(due);
}

/** Key of the tombstone that marks the end of the changelog for a restore. */
export const restoreMarkerKey = '\u0000restore';

interface Task {
  readonly partition: number;
  readonly producer: Producer;
  readonly logic: PartitionLogic;
  readonly store: StateStore;
  /** Next input offset to process. */
  position: number;
}

const transactionTimeoutMs = 10_000;
/** The markers of the transaction before are being written. kafkajs asks again by itself for records, not for offsets. */
const stillEnding = 'CONCURRENT_TRANSACTIONS';
/** For so long the ends seen last count in caughtUp. */
const freshMs = 10_000;

/** Milliseconds from one fetch to the next, at least, while records keep coming: a transaction costs much the same for one record as for fifty. */
const paceMs = 100;

export async function startProcessor(
  config: KafkaConfig,
  prefix: string,
  log: Logger,
  clientId: string,
  options: ProcessorOptions,
  onFatal: (error: Error) => void,
): Promise<Processor> {
  const client = (role: string, retry = plainRetry): Kafka =>
    createClient(config, `tokenline-${clientId}-${role}`, log, retry);
  const group = `${prefix}${options.group}`;
  const input = `${prefix}${options.input}`;
  const changelog = `${prefix}${options.changelog}`;
  const maxRecords = options.maxRecords ?? 1_000;
  const settings = consumerSettings(config.sessionTimeoutMs);
  const consumer = client('consumer').consumer({ ...settings, groupId: group });
  const admin = client('admin').admin();
  const stopping = new AbortController();
  const tasks = new Map<number, Task>();
  const opening = new Map<number, Promise<Task>>();
  let assigned: readonly number[] = [];
  /** Next offset of the input by partition, past those that hold no record (ends of transactions). */
  const passed = new Map<number, number>();
  /** The ends of the input as caughtUp saw them last. */
  let lastEnds: { readonly at: number; readonly ends: ReadonlyMap<number, number> } = { at: -freshMs, ends: new Map() };
  let trouble: string | undefined;

  const openTask = async (partition: number): Promise<Task> => {
    const started = Date.now();
    const producer = client(`producer-${partition}`, transactionRetry).producer({
      transactionalId: `${group}-${options.input}-${partition}`,
      transactionTimeout: transactionTimeoutMs,
      idempotent: true,
      maxInFlightRequests: 2,
      allowAutoTopicCreation: false,
      createPartitioner: byKey,
      retry: transactionRetry,
    });
    try {
      await producer.connect();
      const marker = await producer.transaction();
      await marker.send({ topic: changelog, acks: -1, messages: [{ partition, key: restoreMarkerKey, value: null }] });
      await marker.commit();
      const position = await committedOffset(partition);
      const store = stores.of(changelog, partition);
      const restored = await restore(partition, store);
      log.info({ partition, position, restored, keys: store.size(), ms: Date.now() - started }, 'Partition opened');
      return { partition, producer, logic: options.open(partition), store, position };
    } catch (error) {
      void producer.disconnect().catch(() => undefined);
      throw error;
    }
  };

  /** The task of a partition, opened if need be; whoever asks first opens it. */
  const taskOf = (partition: number): Promise<Task> => {
    const known = tasks.get(partition);
    if (known !== undefined) return Promise.resolve(known);
    const under = opening.get(partition);
    if (under !== undefined) return under;
    const opened = openTask(partition)
      .then((task) => {
        tasks.set(partition, task);
        if (assigned.includes(partition) && !stopping.signal.aborted) return task;
        closeTask(partition);
        throw new LogUnavailable(`Partition ${partition} went to another instance while it was opened.`);
      })
      .finally(() => opening.delete(partition));
    opening.set(partition, opened);
    return opened;
  };

  const openAssigned = async (): Promise<void> => {
    for (const partition of assigned) {
      while (assigned.includes(partition) && !stopping.signal.aborted) {
        try {
          await taskOf(partition);
          trouble = undefined;
          break;
        } catch (error) {
          trouble = `${options.group} cannot open partition ${partition}: ${(error as Error).message}`;
          log.warn({ err: error, partition }, 'Partition not opened; trying again');
          await new Promise((resolve) => setTimeout(resolve, 250));
        }
      }
    }
  };

  const caughtUp = async (): Promise<ReadonlySet<number>> => {
    const at = performance.now();
    const offsets = await admin.fetchTopicOffsets(input);
    const ends = new Map(offsets.map(({ partition, high }) => [partition, Number(high)]));
    const before = at - lastEnds.at < freshMs ? lastEnds.ends : ends;
    lastEnds = { at, ends };
    const keepsUp = ({ partition, position }: Task): boolean =>
      Math.max(position, passed.get(partition) ?? 0) >= Math.min(ends.get(partition) ?? 0, before.get(partition) ?? 0);
    return new Set([...tasks.values()].filter(keepsUp).map(({ partition }) => partition));
  };

  const dueOf = (headers: OutRecord['headers']): number | undefined => {
    if (options.dueHeader === undefined) return undefined;
    const due = headers?.[options.dueHeader] ?? 0;
    return due === dueText(undefined) ? undefined : Number(due);
  };

  /** Brings the local copy up to the end of the changelog; gives the number of records read. */
  const restore = async (partition: number, store: StateStore): Promise<number> => {
    let read = 0;
    let changes: StateChange[] = [];
    const from = store.position();
    const ends = await scan(client('restore'), {
      topic: changelog,
      prefix,
      partitions: [partition],
      from,
      onRecord: async (record) => {
        if (record.key === restoreMarkerKey) return;
        read += 1;
        changes.push([record.key, record.value, dueOf(record.headers)]);
        if (changes.length < 5_000) return;
        await store.apply(changes, record.offset + 1);
        changes = [];
      },
    });
    const end = ends.get(partition) ?? 0;
    if (from > end) {
      log.warn({ partition, from, end }, 'The local state is ahead of its changelog; rebuilding it');
      store.clear();
      return restore(partition, store);
    }
    await store.apply(changes, end);
    return read;
  };

  const committedOffset = async (partition: number): Promise<number> => {
    const [found] = await admin.fetchOffsets({ groupId: group, topics: [input] });
    const offset = found?.partitions.find((p) => p.partition === partition)?.offset;
    return offset === undefined ? 0 : Math.max(0, Number(offset));
  };

  const closeTask = (partition: number): void => {
    const task = tasks.get(partition);
    tasks.delete(partition);
    passed.delete(partition);
    void task?.producer.disconnect().catch(() => undefined);
  };

  const transact = async (task: Task, records: readonly InRecord[], next: number): Promise<void> => {
    const outputs = await task.logic(records, task.store);
    const changes = outputs
      .filter((o) => o.topic === options.changelog)
      .map((o): StateChange => [o.key, o.value, dueOf(o.headers)]);
    const transaction = await task.producer.transaction();
    const offsets = {
      consumerGroupId: group,
      topics: [{ topic: input, partitions: [{ partition: task.partition, offset: String(next) }] }],
    };
    const sendOffsets = (): Promise<boolean> =>
      transaction.sendOffsets(offsets).then(
        () => true,
        (error: { readonly type?: string }) => {
          if (error.type === stillEnding) return false;
          throw error;
        },
      );
    const [reached, sent] = await Promise.all([sendOutputs(task, transaction, outputs), sendOffsets()]);
    if (!sent) await transaction.sendOffsets(offsets);
    await transaction.commit();
    if (changes.length > 0) await task.store.apply(changes, reached);
    // Last: whoever finds the partition caught up looks at its state next.
    task.position = next;
  };

  /** Gives how far the changelog reaches with them. */
  const sendOutputs = async (task: Task, transaction: Transaction, outputs: readonly OutRecord[]): Promise<number> => {
    // Where an answer names no offset the copy keeps its place in the changelog: it will read these changes again, which does no harm.
    let reached = task.store.position();
    for (const part of sendable(outputs)) {
      const written = await transaction.sendBatch({ acks: -1, topicMessages: byTopic(part, prefix) });
      const base = written.find((w) => w.topicName === changelog && w.partition === task.partition)?.baseOffset;
      const own = part.filter((output) => output.topic === options.changelog).length;
      if (base !== undefined && base !== '-1') reached = Number(base) + own;
    }
    return reached;
  };

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    assigned = payload.memberAssignment[input] ?? [];
    for (const partition of [...tasks.keys()]) if (!assigned.includes(partition)) closeTask(partition);
    if (options.dueHeader !== undefined) void openAssigned();
  });
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, batchSize, lastOffset } }) => {
    if (batchSize === 0) passed.set(partition, Number(lastOffset) + 1);
  });

  await admin.connect();
  const { clusterId } = await admin.describeCluster();
  const stores = createStateStores(options.stateDirectory, clusterId);
  const watch = await runConsumer(
    { consumer, topics: [input], prefix, log, onFatal, stopping: stopping.signal },
    {
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: partitionsAtOnce,
      eachBatch: async ({ batch, resolveOffset, heartbeat, isRunning, isStale }) => {
        const { partition, messages } = batch;
        const begunAt = performance.now();
        try {
          const task =
            tasks.get(partition) ??
            (await withHeartbeats(heartbeat, settings.heartbeatInterval, () => taskOf(partition)));
          for (let at = 0; at < messages.length; at += maxRecords) {
            if (!isRunning() || isStale() || stopping.signal.aborted) return;
            const chunk = messages.slice(at, at + maxRecords);
            const last = chunk.at(-1)?.offset as string;
            const { position } = task;
            const records = chunk
              .filter((m) => Number(m.offset) >= position)
              .map((m) => toRecord(batch.topic, partition, m, prefix));
            const work = () => transact(task, records, Number(last) + 1);
            if (records.length > 0) await withHeartbeats(heartbeat, settings.heartbeatInterval, work);
            resolveOffset(last);
            trouble = undefined;
            await heartbeat();
          }
          passed.set(partition, Number(batch.lastOffset()) + 1);
          await restOf(paceMs, begunAt);
        } catch (error) {
          closeTask(partition);
          if (isRebalance(error)) throw error;
          trouble = `${options.group} cannot process partition ${partition}: ${(error as Error).message}`;
          log.warn({ err: error, partition }, 'Transaction failed; opening the partition again');
          consumer.seek({ topic: batch.topic, partition, offset: String(messages[0]?.offset ?? 0) });
          await pauseWithHeartbeats(250, heartbeat, stopping.signal);
        }
      },
    },
  );

  return {
    stop: async () => {
      stopping.abort();
      await consumer.disconnect();
      await Promise.allSettled(opening.values());
      for (const partition of [...tasks.keys()]) closeTask(partition);
      await stores.close();
      await admin.disconnect();
    },
    problem: () => trouble ?? watch.problem(),
    lag: watch.lag,
    open: () => [...tasks.values()],
    caughtUp,
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
