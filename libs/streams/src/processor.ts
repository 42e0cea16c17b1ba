/**
 * Consume, transform, produce: exactly once, one transaction for what the partitions of this instance have at about the same time.
 *
 * A partition's task:
 *
 *   (none) ── first batch ──▶ opening: claim ▸ restore and fence ▸ committed offset ──▶ open ── batch ──▶ transaction ──▶ open
 *                                                                                        │
 *          (none) ◀── any failure in a transaction, a partition taken away, stop: all tasks of the instance; its logic fails: the one ◀┘
 *
 * - Claim: a record of the changelog that names the transactor (transactor.ts) which is going to commit for the partition. It keeps the last of them as
 *   long as the topic is there, and gives the restore a last record to reach: kafkajs cannot cross a compacted, empty end of a partition.
 * - Fence: kafkajs cannot send group metadata with transactional offsets, so the claims, and nothing else, stop a zombie. Whoever reads another's claim
 *   while it restores fences that transactor before it goes on; and the one that its own copy was claimed by, which may be of a life before. As its own
 *   claim comes first, each owner before has either been fenced, or will find this claim and fence this one: of those who hold a partition at most
 *   one can commit. What a fenced one had still committed is restored too: reading goes on until no claim is new.
 * - Only then is the committed offset read: before it, a prepared transaction of the old owner could still move it.
 * - A transaction that dies with the claim in it, before anybody can read whose it was, holds up the next owner until it times out.
 * - A transaction holds outputs, changelog and input offsets of one or several partitions (gather.ts): it costs much the same for six as for one. The local
 *   copy of the state changes after the commit only (state-store.ts).
 *   Records and offsets go side by side, each announced to the coordinator before (AddPartitionsToTxn ▸ Produce, AddOffsetsToTxn ▸ TxnOffsetCommit), and
 *   the commit once all are answered: three round trips for five requests. Offsets that came too early after the transaction before go again
 *   behind the records.
 * - Any failure between begin and commit ends the transactor, and all tasks with it; the consumer goes back to the batches. Whether the commit
 *   happened is learned from the committed offset when the tasks reopen. What a partition's logic throws is before that, and concerns it alone.
 * - With `dueHeader`, keys of the state fall due. Whoever waits for that needs a partition to be open though nothing comes in, so what is assigned is
 *   opened without a first batch; and needs to know whether much is still unread (caughtUp).
 * - Outputs go to the partition the input came from, unless they name none and are meant for another key. So each output partition has one
 *   transactional writer at a time, but for claims, which may come while the owner before is still at work.
 */
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { TopicName } from '@tokenline/contracts';
import type { KafkaConfig, Logger } from '@tokenline/runtime';
import type { Kafka, Transaction } from 'kafkajs';
import { createClient, plainRetry, transactionRetry } from './client.js';
import { createGather } from './gather.js';
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
import { begunAnew, openTransactor, type Transactor } from './transactor.js';
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
  /** Consumer group and, with the input, stem of the transactional ids; without prefix. */
  readonly group: string;
  readonly input: TopicName;
  /** Compacted topic, with as many partitions as the input. */
  readonly changelog: TopicName;
  readonly open: (partition: number) => PartitionLogic;
  /** Where the local copies of the changelog are kept. */
  readonly stateDirectory: string;
  /** Most records of a partition in one transaction; 1000 by default. */
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
  readonly store: Pick<StateStore, 'get' | 'due' | 'waiting' | 'setDue' | 'unwritten'>;
}

/** When a key falls due, epoch ms, as its changelog record says it; undefined for never. */
export function dueText(due: number | undefined): string {
  return due === undefined ? 'never' : String(due);
}

/** Key of the changelog records that claim a partition, with a transactional id for a value: no part of the state, and shown to nobody else (log.ts). */
export const claimKey = '\u0000claim';

interface Task {
  readonly partition: number;
  readonly transactor: Transactor;
  readonly logic: PartitionLogic;
  readonly store: StateStore;
  /** Next input offset to process. */
  position: number;
}

/** What follows from a batch, to be committed. */
interface Done {
  readonly task: Task;
  readonly outputs: readonly OutRecord[];
  /** The input offset after it. */
  readonly next: number;
}

/** Batches in a transaction at most: with what they lead to it has to be done well before it times out. */
const batchesAtOnce = 8;
const longTurnMs = 5;
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
  let current: Transactor | undefined;
  /** The partitions it has claimed. */
  const claimed = new Set<number>();
  let assigned: readonly number[] = [];
  /** Next offset of the input by partition, past those that hold no record (ends of transactions). */
  const passed = new Map<number, number>();
  /** The ends of the input as caughtUp saw them last. */
  let lastEnds: { readonly at: number; readonly ends: ReadonlyMap<number, number> } = { at: -freshMs, ends: new Map() };
  let trouble: string | undefined;

  const openTasks = async (partitions: readonly number[]): Promise<void> => {
    const started = Date.now();
    if (current === undefined || current.isOver())
      current = await openTransactor(
        (role) => client(role, transactionRetry),
        `${group}-${options.input}`,
        closeTasksOf,
      );
    const own = current;
    for (const partition of partitions) claimed.add(partition);
    const messages = partitions.map((partition) => ({ partition, key: claimKey, value: own.id }));
    await own.transact((claims) => claims.send({ topic: changelog, acks: -1, messages }));
    const restored = await restore(partitions, own);
    const positions = await committedOffsets();
    if (own.isOver()) throw begunAnew();
    for (const partition of partitions) {
      const store = stores.of(changelog, partition);
      const position = positions.get(partition) ?? 0;
      tasks.set(partition, { partition, transactor: own, logic: options.open(partition), store, position });
      const [read, keys] = [restored.get(partition) ?? 0, store.size()];
      log.info({ partition, position, restored: read, keys, ms: Date.now() - started }, 'Partition opened');
    }
  };
  const openings = createGather(openTasks, { most: Number.POSITIVE_INFINITY, paceMs: 0 });

  /** The task of a partition, opened if need be; whoever asks first opens it. */
  const taskOf = (partition: number): Promise<Task> => {
    const known = tasks.get(partition);
    if (known !== undefined) return Promise.resolve(known);
    const under = opening.get(partition);
    if (under !== undefined) return under;
    const opened = openings
      .add([partition])
      .then(() => {
        const task = tasks.get(partition);
        if (task !== undefined && assigned.includes(partition) && !stopping.signal.aborted) return task;
        // Lost before it was claimed: nobody else looks at this claim, which fences the new owner.
        task?.transactor.end();
        throw new LogUnavailable(`Partition ${partition} went to another instance while it was opened.`);
      })
      .finally(() => opening.delete(partition));
    opening.set(partition, opened);
    return opened;
  };

  const beingKept = new Set<number>();
  /** Where keys fall due, partitions are open though nothing comes in. */
  const openAssigned = (): void => {
    if (options.dueHeader === undefined) return;
    for (const partition of assigned) if (!beingKept.has(partition)) void keepOpening(partition);
  };
  const keepOpening = async (partition: number): Promise<void> => {
    beingKept.add(partition);
    while (assigned.includes(partition) && !tasks.has(partition) && !stopping.signal.aborted) {
      try {
        await taskOf(partition);
        trouble = undefined;
      } catch (error) {
        trouble = `${options.group} cannot open partition ${partition}: ${(error as Error).message}`;
        log.warn({ err: error, partition }, 'Partition not opened; trying again');
        await delay(250);
      }
    }
    beingKept.delete(partition);
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

  /** Brings the local copies up to the end of the changelog, fencing whoever claimed them before; gives the numbers of records read. */
  const restore = async (partitions: readonly number[], own: Transactor): Promise<ReadonlyMap<number, number>> => {
    const read = new Map<number, number>();
    for (const partition of partitions) await fenceClaimOf(stores.of(changelog, partition), own);
    while (await readOn(partitions, own, read));
    await Promise.all(partitions.map((partition) => stores.of(changelog, partition).flush()));
    return read;
  };

  const fenceClaimOf = async (store: StateStore, own: Transactor): Promise<void> => {
    const claim = store.claim();
    if (claim !== undefined) await own.fence(claim);
  };

  /** Gives whether anybody was fenced: then there may be more to read. */
  const readOn = async (
    partitions: readonly number[],
    own: Transactor,
    read: Map<number, number>,
  ): Promise<boolean> => {
    let fenced = false;
    const from = new Map(partitions.map((partition) => [partition, stores.of(changelog, partition).position()]));
    const ends = await scan(client('restore'), {
      topic: changelog,
      prefix,
      partitions,
      from,
      onRecord: async (record) => {
        const { partition, offset, key, value } = record;
        const store = stores.of(changelog, partition);
        if (key !== claimKey) {
          read.set(partition, (read.get(partition) ?? 0) + 1);
          await store.apply([[key, value, dueOf(record.headers)]], offset + 1);
        } else if (value !== null) {
          const claim = value.toString();
          // Before the copy goes past the claim: what a copy is past has been fenced.
          if (await own.fence(claim)) fenced = true;
          await store.apply([], offset + 1, claim);
        }
      },
    });
    for (const [partition, position] of from) {
      const end = ends.get(partition) ?? 0;
      if (position > end) {
        log.warn({ partition, from: position, end }, 'The local state is ahead of its changelog; rebuilding it');
        await stores.of(changelog, partition).clear();
        fenced = true;
      } else await stores.of(changelog, partition).apply([], end);
    }
    return fenced;
  };

  const committedOffsets = async (): Promise<ReadonlyMap<number, number>> => {
    const [found] = await admin.fetchOffsets({ groupId: group, topics: [input] });
    return new Map(found?.partitions.map(({ partition, offset }) => [partition, Math.max(0, Number(offset))]));
  };

  const closeTask = (partition: number): void => {
    tasks.delete(partition);
    passed.delete(partition);
  };

  /** Every task of a transactor goes with it. */
  const closeTasksOf = (id: string): void => {
    for (const task of [...tasks.values()]) if (task.transactor.id === id) closeTask(task.partition);
    claimed.clear();
    openAssigned();
  };

  const process = async (task: Task, records: readonly InRecord[], next: number): Promise<void> => {
    const outputs = await inTurn(() => task.logic(records, task.store));
    await commits.add([{ task, outputs, next }]);
  };

  let turn: Promise<unknown> = Promise.resolve();
  /** One partition's logic after another. After one that took long whatever else waits for the thread goes first, such as the transaction under way. */
  const inTurn = <T>(logic: () => Promise<T>): Promise<T> => {
    let begunAt = 0;
    const mine = turn.then(() => {
      begunAt = performance.now();
      return logic();
    });
    const rest = () => (performance.now() - begunAt > longTurnMs ? setImmediate() : undefined);
    turn = mine.then(rest, rest);
    return mine;
  };

  const commit = async (done: readonly Done[]): Promise<void> => {
    // One that was closed meanwhile may have been decided from a state that has changed.
    if (done.some(({ task }) => tasks.get(task.partition) !== task)) throw begunAnew();
    const { transactor: own } = (done[0] as Done).task;
    const reached = await own.transact(async (transaction) => {
      const offsets = {
        consumerGroupId: group,
        topics: [
          {
            topic: input,
            partitions: done.map(({ task, next }) => ({ partition: task.partition, offset: String(next) })),
          },
        ],
      };
      const sendOffsets = (): Promise<boolean> =>
        transaction.sendOffsets(offsets).then(
          () => true,
          (error: { readonly type?: string }) => {
            if (error.type === stillEnding) return false;
            throw error;
          },
        );
      const [written, sent] = await Promise.all([sendOutputs(transaction, done), sendOffsets()]);
      if (!sent) await transaction.sendOffsets(offsets);
      return written;
    });
    await Promise.all(
      done.map(async ({ task, outputs, next }) => {
        const changes = outputs
          .filter((o) => o.topic === options.changelog)
          .map((o): StateChange => [o.key, o.value, dueOf(o.headers)]);
        // Where an answer names no offset the copy keeps its place in the changelog: it will read these changes again, which does no harm.
        const position = reached.get(task.partition) ?? task.store.position();
        if (changes.length > 0) await task.store.apply(changes, position);
        // Last: whoever finds the partition caught up looks at its state next.
        task.position = next;
      }),
    );
  };
  const commits = createGather(commit, { most: batchesAtOnce, paceMs: 0 });

  /** Gives how far the changelog reaches with them, by partition. */
  const sendOutputs = async (transaction: Transaction, done: readonly Done[]): Promise<Map<number, number>> => {
    const reached = new Map<number, number>();
    const parts = done.map(({ outputs }) => sendable(outputs));
    for (let at = 0; parts.some(({ length }) => at < length); at++) {
      const records = parts.flatMap((part) => part[at] ?? []);
      const written = await transaction.sendBatch({ acks: -1, topicMessages: byTopic(records, prefix) });
      for (const [i, { task }] of done.entries()) {
        const base = written.find((w) => w.topicName === changelog && w.partition === task.partition)?.baseOffset;
        const own = parts[i]?.[at]?.filter((output) => output.topic === options.changelog).length ?? 0;
        if (base !== undefined && base !== '-1') reached.set(task.partition, Number(base) + own);
      }
    }
    return reached;
  };

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    assigned = payload.memberAssignment[input] ?? [];
    // Whoever has it now will fence what commits for it.
    if ([...claimed].some((partition) => !assigned.includes(partition))) current?.end();
    openAssigned();
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
            const work = () => process(task, records, Number(last) + 1);
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
          log.warn({ err: error, partition }, 'Batch not committed; opening the partition again');
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
      current?.end();
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
