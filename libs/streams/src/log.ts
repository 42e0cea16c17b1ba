/** The way to the log: one object a service makes at start and closes at its end. */
import { topics as allTopics, type TopicName, type TopicSpec } from '@tokenline/contracts';
import type { KafkaConfig, Logger } from '@tokenline/runtime';
import { createClient, plainRetry } from './client.js';
import { committedOffsets, membersOf } from './committed.js';
import { type FollowOptions, follow } from './follow.js';
import type { InRecord, LogReader, LogWriter, ReaderOptions } from './ports.js';
import { claimKey, type Processor, type ProcessorOptions, startProcessor } from './processor.js';
import { startReader } from './reader.js';
import { endOffsets, scan } from './scan.js';
import { ensureTopics, type TopicsReport } from './topics.js';
import { createWriter, type WriterOptions } from './writer.js';

export interface Log {
  readonly writer: (options?: Partial<WriterOptions>) => LogWriter;
  readonly read: (options: ReaderOptions) => Promise<LogReader>;
  /** Exactly-once: see processor.ts. */
  readonly process: (options: ProcessorOptions) => Promise<Processor>;
  /** Every record of a topic up to its present end, partitions interleaved; here and below but for the claims of a processor. */
  readonly scan: (topic: TopicName, onRecord: (record: InRecord) => void | Promise<void>) => Promise<void>;
  /** The same from the given offset of each partition on, the beginning where none is given; gives the offset each was read to. */
  readonly scanFrom: (
    topic: TopicName,
    from: ReadonlyMap<number, number>,
    onRecord: (record: InRecord) => void | Promise<void>,
  ) => Promise<ReadonlyMap<number, number>>;
  /** Offsets a consumer group (name without prefix) has committed on a topic, by partition; those with none are left out. */
  readonly committed: (group: string, topic: TopicName) => Promise<ReadonlyMap<number, number>>;
  /** First offset kept and offset after the last, by partition. Offsets that hold no record (ends of transactions) count too. */
  readonly ends: (topic: TopicName) => Promise<ReadonlyMap<number, { readonly low: number; readonly high: number }>>;
  /** How many members a consumer group (name without prefix) has now. */
  readonly members: (group: string) => Promise<number>;
  /** Records of a topic as they come, from its beginning or its present end, until the signal aborts. For tools. */
  readonly follow: (topic: TopicName, options: Omit<FollowOptions, 'topic' | 'prefix'>) => Promise<void>;
  readonly ensureTopics: (specs?: readonly TopicSpec[]) => Promise<TopicsReport>;
}

/**
 * `clientId` names the service in broker logs and quotas. `onFatal` is told when reading has stopped for good:
 * the process should end and be started again.
 */
export function createLog(
  config: KafkaConfig,
  prefix: string,
  log: Logger,
  clientId: string,
  onFatal: (error: Error) => void = () => undefined,
): Log {
  const client = (role: string) => createClient(config, `tokenline-${clientId}-${role}`, log, plainRetry);
  return {
    writer: (options) => createWriter(client('writer'), prefix, log, options),
    read: (options) => startReader(client('reader'), prefix, log, options, onFatal, config.sessionTimeoutMs),
    process: (options) => startProcessor(config, prefix, log, clientId, options, onFatal),
    scan: async (topic, onRecord) => {
      await scan(client('scan'), { topic: `${prefix}${topic}`, prefix, onRecord: withoutClaims(onRecord) });
    },
    scanFrom: (topic, from, onRecord) =>
      scan(client('scan'), { topic: `${prefix}${topic}`, prefix, from, onRecord: withoutClaims(onRecord) }),
    committed: (group, topic) => committedOffsets(client('admin'), `${prefix}${group}`, `${prefix}${topic}`),
    ends: (topic) => endOffsets(client('admin'), `${prefix}${topic}`),
    members: (group) => membersOf(client('admin'), `${prefix}${group}`),
    follow: (topic, options) =>
      follow(client('follow'), {
        ...options,
        topic: `${prefix}${topic}`,
        prefix,
        onRecord: withoutClaims(options.onRecord),
      }),
    ensureTopics: (specs = allTopics) => ensureTopics(client('admin'), prefix, specs, config.replicationFactor),
  };
}

function withoutClaims(
  onRecord: (record: InRecord) => void | Promise<void>,
): (record: InRecord) => void | Promise<void> {
  return (record) => (record.key === claimKey ? undefined : onRecord(record));
}
