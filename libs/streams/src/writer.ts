/**
 * The writer: one request in flight, everything that arrives meanwhile goes with the next one, as far as a broker takes it at once. What waits is
 * bounded: beyond it a write is refused at once, so that a slow broker is felt by whoever sends, and not by our memory.
 *
 *   idle ── write ──▶ sending ── done ──▶ idle, or sending what has queued up
 *                        └── failed or out of time ──▶ producer thrown away, callers told; the next write makes a new producer
 *
 * Why a failed producer is thrown away: after an answer that never came, kafkajs rolls the idempotent sequence back and would use it for
 * other records; a broker that had stored the first ones takes those for a repeat, acknowledges, and stores nothing. A new producer has a new
 * sequence, so what is acknowledged is stored. What was not acknowledged may be stored as well: readers expect repeats.
 */
import type { Logger } from '@tokenline/runtime';
import type { Kafka, Message, Producer, TopicMessages } from 'kafkajs';
import { createGather } from './gather.js';
import { byKey } from './partitioner.js';
import { LogUnavailable, type LogWriter, type OutRecord } from './ports.js';
import { roomForRecord } from './produce.js';
import { within } from './within.js';

export interface WriterOptions {
  /** Most milliseconds a write may take before it counts as failed. */
  readonly timeoutMs: number;
  /** Most records in one request. */
  readonly maxRecords: number;
  /** Most bytes that may wait, those under way included. */
  readonly maxWaitingBytes: number;
}

/** Milliseconds from one request to the next, at least, while records keep coming; so many records do not wait for that. */
const [paceMs, enough] = [8, 16];

export const writerDefaults: WriterOptions = { timeoutMs: 5_000, maxRecords: 1_000, maxWaitingBytes: 64 * 1024 * 1024 };

export function createWriter(
  client: Kafka,
  prefix: string,
  log: Logger,
  options: Partial<WriterOptions> = {},
): LogWriter {
  const { timeoutMs, maxRecords, maxWaitingBytes } = { ...writerDefaults, ...options };
  let producer: Producer | undefined;
  let sending = false;
  let waitingBytes = 0;
  let trouble: string | undefined;
  let probing: NodeJS.Timeout | undefined;
  let closed = false;
  const noAnswer = (): LogUnavailable => new LogUnavailable(`no answer within ${timeoutMs} ms`);

  const connect = async (): Promise<Producer> => {
    if (producer !== undefined) return producer;
    const made = client.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: byKey,
    });
    try {
      await made.connect();
    } catch (error) {
      void made.disconnect().catch(() => undefined);
      throw error;
    }
    producer = made;
    return made;
  };

  const discard = (): void => {
    const old = producer;
    producer = undefined;
    void old?.disconnect().catch(() => undefined);
  };

  /** While in trouble, tries to reach the broker each second, so that the doors open again without a victim. */
  const probe = (): void => {
    if (probing !== undefined || closed) return;
    probing = setTimeout(() => {
      probing = undefined;
      if (sending || trouble === undefined) return;
      within(timeoutMs, connect(), noAnswer).then(
        () => {
          trouble = undefined;
          log.info('The log takes records again');
        },
        () => probe(),
      );
    }, 1_000);
    probing.unref();
  };

  const send = async (records: readonly OutRecord[]): Promise<void> => {
    sending = true;
    try {
      await within(
        timeoutMs,
        connect().then(async (p) => {
          for (const part of sendable(records)) await p.sendBatch({ acks: -1, topicMessages: byTopic(part, prefix) });
        }),
        noAnswer,
      );
      if (trouble !== undefined) log.info('The log takes records again');
      trouble = undefined;
    } catch (error) {
      discard();
      if (trouble === undefined) log.warn({ err: error }, 'The log does not take records');
      trouble = `The log does not take records: ${(error as Error).message}`;
      probe();
      throw new LogUnavailable(trouble);
    } finally {
      sending = false;
    }
  };
  const gather = createGather(send, { most: maxRecords, paceMs, enough });

  return {
    write: async (records) => {
      if (records.length === 0) return;
      if (closed) throw new LogUnavailable('The writer is closed.');
      const bytes = records.reduce((sum, record) => sum + sizeOf(record), 0);
      if (waitingBytes > 0 && waitingBytes + bytes > maxWaitingBytes)
        throw new LogUnavailable('The log takes records more slowly than they come.');
      waitingBytes += bytes;
      try {
        await gather.add(records);
      } finally {
        waitingBytes -= bytes;
      }
    },
    problem: () => trouble,
    close: async () => {
      closed = true;
      clearTimeout(probing);
      gather.cancel(new LogUnavailable('The writer is closing.'));
      await producer?.disconnect();
    },
  };
}

/**
 * Most bytes to send at once. kafkajs makes one batch of all records for a partition, and a broker refuses a batch above `message.max.bytes`,
 * 1 MiB unless configured, for good: sent again it would be refused again, for ever.
 */
const sendableBytes = 512 * 1024;
/** What a record takes beside key, value and headers, generously. */
const recordOverhead = 128;

/** The records in their order, in parts a broker takes at once. A record above the limit is a part by itself. */
export function sendable(records: readonly OutRecord[]): readonly (readonly OutRecord[])[] {
  const parts: OutRecord[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    const size = sizeOf(record);
    if (bytes + size > sendableBytes) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(record);
    bytes += size;
  }
  return parts;
}

function sizeOf({ key, value, headers = {} }: OutRecord): number {
  return recordOverhead + roomForRecord({ key, value, headers });
}

export function byTopic(records: readonly OutRecord[], prefix: string): TopicMessages[] {
  const topics = new Map<string, TopicMessages>();
  for (const record of records) {
    const topic = `${prefix}${record.topic}`;
    const entry = topics.get(topic) ?? { topic, messages: [] };
    topics.set(topic, entry);
    const message: Message = { key: record.key, value: record.value };
    if (record.headers !== undefined) message.headers = record.headers;
    if (record.partition !== undefined) message.partition = record.partition;
    entry.messages.push(message);
  }
  return [...topics.values()];
}
