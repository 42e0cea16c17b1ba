/**
 * The log as the services see it. kafkajs stays behind this library: nothing else imports it.
 *
 * Topic names here are the contract's, without prefix; the library adds it. Offsets are numbers (below 2^53), times epoch milliseconds.
 */
import type { TopicName } from '@tokenline/contracts';

/** A record to write. Without `partition`, the key decides (murmur2, as every Kafka client does it). */
export interface OutRecord {
  readonly topic: TopicName;
  readonly key: string;
  /** Null writes a tombstone (compacted topics only). */
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly partition?: number;
}

/** A record read. Its headers are read when they are asked for: a copy made by spreading it is without them. */
export interface InRecord {
  readonly topic: TopicName;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Broker or producer time of the record. */
  readonly timestamp: number;
}

/** A writer: idempotent, acknowledged by all in-sync replicas. */
export interface LogWriter {
  /** Resolves once every record is durable. Throws LogUnavailable when it could not be made so within the time allowed. */
  readonly write: (records: readonly OutRecord[]) => Promise<void>;
  /** Undefined while writes go through, else what is wrong. */
  readonly problem: () => string | undefined;
  readonly close: () => Promise<void>;
}

/** The log could not take or give records; a later try may succeed. */
export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable';
}

export interface LogReader {
  readonly stop: () => Promise<void>;
  /** Undefined while reading goes on, else what is wrong. */
  readonly problem: () => string | undefined;
  /** Records behind the end of the log, by partition, as of the last fetch. */
  readonly lag: () => ReadonlyMap<string, number>;
}

export interface ReaderOptions {
  /** Consumer group, without prefix. */
  readonly group: string;
  readonly topics: readonly TopicName[];
  /**
   * Handles records of one or several partitions, those of each in order. Offsets are committed after it returns: at least once.
   * When it throws, the same records come again after a pause, for ever: a lost dependency is not a poison pill.
   * `signal` aborts when the reader stops.
   */
  readonly onRecords: (records: readonly InRecord[], signal: AbortSignal) => Promise<void>;
  /** Most records handed over at once; 500 by default. */
  readonly maxRecords?: number;
  /**
   * Milliseconds from one fetch to the next, at least, while records keep coming; 40 by default. After a rest a record is handled as soon as it
   * arrives.
   */
  readonly paceMs?: number;
}
