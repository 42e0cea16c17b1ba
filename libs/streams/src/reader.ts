/**
 * The reader: hands records over, those of a partition in order, and commits offsets after they are handled: at least once. What several
 * partitions have at about the same time is handed over together (gather.ts).
 *
 * A handler that throws gets the same records again after a pause (100 ms, doubling to 5 s), for ever: a lost dependency is not a poison pill,
 * and what is poison the handler itself puts aside. Heartbeats go on meanwhile. When the group rebalances during a handler, its result stands
 * and its offsets are not committed: the new owner repeats the work. A handler that neither ends nor throws for two minutes is reported as a
 * problem.
 */
import type { TopicName } from '@tokenline/contracts';
import type { Logger } from '@tokenline/runtime';
import type { Consumer, ConsumerRunConfig, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { createCommits } from './commits.js';
import { createGather } from './gather.js';
import type { InRecord, LogReader, ReaderOptions } from './ports.js';

/** All times of the group follow from the session's: six heartbeats may be missed, and a rebalance waits half as long again for its members. */
export function consumerSettings(sessionTimeoutMs = 10_000) {
  return {
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: sessionTimeoutMs * 1.5,
    heartbeatInterval: Math.round(sessionTimeoutMs * 0.15),
    maxWaitTimeInMs: 100,
    maxBytesPerPartition: 1_048_576,
    allowAutoTopicCreation: false,
    retry: {
      initialRetryTime: 100,
      multiplier: 2,
      maxRetryTime: 2_000,
      retries: 5,
      restartOnFailure: () => Promise.resolve(true),
    },
  } as const;
}

/** Partitions of one fetch are worked on side by side: kafkajs fetches again only when all of them are done. */
export const partitionsAtOnce = 16;

/** What each round costs, however few are in it, is paid 25 times a second at most. */
const usualPaceMs = 40;

/** A handler at work for longer waits for something that does not come: its dependencies answer, or fail, within seconds. */
const stuckAfterMs = 120_000;

export async function startReader(
  client: Kafka,
  prefix: string,
  log: Logger,
  options: ReaderOptions,
  onFatal: (error: Error) => void,
  sessionTimeoutMs?: number,
): Promise<LogReader> {
  const settings = consumerSettings(sessionTimeoutMs);
  const consumer = client.consumer({ ...settings, groupId: `${prefix}${options.group}` });
  const stopping = new AbortController();
  let trouble: string | undefined;
  const topics = options.topics.map((t) => `${prefix}${t}`);
  const most = options.maxRecords ?? 500;
  const paceMs = options.paceMs ?? usualPaceMs;
  let handlingSince: number | undefined;
  const together = createGather<InRecord>(
    async (records) => {
      handlingSince = performance.now();
      try {
        await options.onRecords(records, stopping.signal);
      } finally {
        handlingSince = undefined;
      }
    },
    { most, paceMs: 0 },
  );
  const stuck = (): string | undefined => {
    const ms = handlingSince === undefined ? 0 : performance.now() - handlingSince;
    return ms < stuckAfterMs
      ? undefined
      : `${options.group} has had the same records in hand for ${Math.round(ms / 1_000)} s.`;
  };
  const commits = createCommits(consumer, log);
  const inHand = new Set<Promise<void>>();
  const watch = await runConsumer(
    { consumer, topics, prefix, log, onFatal, stopping: stopping.signal },
    {
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: partitionsAtOnce,
      eachBatch: tracked(inHand, async ({ batch, resolveOffset, heartbeat, isRunning, isStale }) => {
        const begunAt = performance.now();
        for (let at = 0; at < batch.messages.length; at += most) {
          const messages = batch.messages.slice(at, at + most);
          const records = messages.map((m) => toRecord(batch.topic, batch.partition, m, prefix));
          for (let pause = 100; ; pause = Math.min(pause * 2, 5_000)) {
            if (!isRunning() || isStale() || stopping.signal.aborted) return;
            try {
              await withHeartbeats(heartbeat, settings.heartbeatInterval, () => together.add(records));
              trouble = undefined;
              break;
            } catch (error) {
              if (isGroupError(error)) throw error;
              trouble = `${options.group} cannot handle records: ${(error as Error).message}`;
              log.warn(
                { err: error, group: options.group, partition: batch.partition },
                'Records not handled; trying again',
              );
              await pauseWithHeartbeats(pause, heartbeat, stopping.signal);
            }
          }
          const last = (messages.at(-1) as KafkaMessage).offset;
          resolveOffset(last);
          commits.reached(batch.topic, batch.partition, Number(last) + 1);
          await heartbeat();
        }
        await restOf(paceMs, begunAt);
      }),
    },
  );

  return {
    stop: async () => {
      stopping.abort();
      await Promise.allSettled(inHand);
      await commits.finish();
      await consumer.disconnect();
    },
    problem: () => stuck() ?? trouble ?? watch.problem(),
    lag: watch.lag,
  };
}

interface Running {
  readonly consumer: Consumer;
  /** Topics with their prefix. */
  readonly topics: string[];
  readonly prefix: string;
  readonly log: Logger;
  readonly onFatal: (error: Error) => void;
  readonly stopping: AbortSignal;
}

/**
 * Connects, subscribes, runs, and follows the consumer's own reports: assignment, lag, crashes.
 *
 * kafkajs gives a consumer up for good over some faults that pass (a broker that has just come back and does not know the group's coordinator
 * yet): those are run again here. A bug in a handler is fatal; kafkajs wraps it, so its first cause is asked.
 */
export async function runConsumer(
  { consumer, topics, prefix, log, onFatal, stopping }: Running,
  runConfig: ConsumerRunConfig,
) {
  const lag = new Map<string, number>();
  let joined = false;
  let crash: string | undefined;
  consumer.on(consumer.events.GROUP_JOIN, () => {
    joined = true;
    crash = undefined;
    lag.clear();
  });
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
    lag.set(`${payload.topic.slice(prefix.length)}-${payload.partition}`, Number(payload.offsetLag));
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    joined = false;
    crash = payload.error.message;
    if (payload.restart || stopping.aborted) return;
    if (isBug(payload.error)) return onFatal(payload.error);
    log.warn({ err: payload.error }, 'The consumer gave up; starting it again');
    void startAgain();
  });
  const startAgain = async (): Promise<void> => {
    while (!stopping.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      try {
        await consumer.connect();
        if (stopping.aborted) return await consumer.disconnect();
        return await consumer.run(runConfig);
      } catch (error) {
        crash = (error as Error).message;
      }
    }
  };
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run(runConfig);
  return {
    lag: (): ReadonlyMap<string, number> => lag,
    problem: (): string | undefined =>
      crash !== undefined ? `The consumer stopped: ${crash}` : joined ? undefined : 'Not yet a member of the group.',
  };
}

function isBug(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.cause !== undefined) return isBug(error.cause);
  return ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'].includes(error.name);
}

export function toRecord(topic: string, partition: number, message: KafkaMessage, prefix: string): InRecord {
  return new ReadRecord(topic.slice(prefix.length) as TopicName, partition, message);
}

class ReadRecord implements InRecord {
  readonly topic: TopicName;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: Buffer | null;
  readonly timestamp: number;
  readonly #message: KafkaMessage;
  #headers: Readonly<Record<string, string>> | undefined;

  constructor(topic: TopicName, partition: number, message: KafkaMessage) {
    this.topic = topic;
    this.partition = partition;
    this.offset = Number(message.offset);
    this.key = message.key?.toString() ?? '';
    this.value = message.value;
    this.timestamp = Number(message.timestamp);
    this.#message = message;
  }

  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= firstValues(this.#message.headers);
    return this.#headers;
  }
}

function firstValues(headers: KafkaMessage['headers']): Readonly<Record<string, string>> {
  const first: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    const one = Array.isArray(value) ? value[0] : value;
    // A foreign producer may send a header without a value.
    if (one !== undefined && one !== null) first[name] = String(one);
  }
  return first;
}

/**
 * Runs `work` with heartbeats beside it, one each `everyMs`. A heartbeat the group refuses (it rebalances, or has forgotten us) is thrown once
 * the work is done.
 */
export async function withHeartbeats<T>(
  heartbeat: EachBatchPayload['heartbeat'],
  everyMs: number,
  work: () => Promise<T>,
): Promise<T> {
  let refused: unknown;
  const timer = setInterval(() => {
    heartbeat().catch((error: unknown) => {
      refused = error;
    });
  }, everyMs);
  try {
    const result = await work();
    if (refused !== undefined) throw refused;
    return result;
  } finally {
    clearInterval(timer);
  }
}

export async function pauseWithHeartbeats(
  ms: number,
  heartbeat: EachBatchPayload['heartbeat'],
  signal: AbortSignal,
): Promise<void> {
  const until = Date.now() + ms;
  while (Date.now() < until && !signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(500, until - Date.now())));
    await heartbeat();
  }
}

/** Waits until `paceMs` have gone since `begunAt` (performance.now). */
export async function restOf(paceMs: number, begunAt: number): Promise<void> {
  const left = begunAt + paceMs - performance.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}

/** The same work, with what is under way of it in `inHand`. */
function tracked<A extends readonly unknown[]>(inHand: Set<Promise<void>>, work: (...given: A) => Promise<void>) {
  return async (...given: A): Promise<void> => {
    const done = work(...given);
    inHand.add(done);
    try {
      await done;
    } finally {
      inHand.delete(done);
    }
  };
}

/** kafkajs' own errors must reach kafkajs: that is how it learns that it has to join again. */
export function isGroupError(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith('KafkaJS');
}
