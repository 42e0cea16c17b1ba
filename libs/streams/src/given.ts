/** For tests on a real broker: a log under a prefix of its own, and waiting for conditions. */
import { randomUUID } from 'node:crypto';
import { type TopicName, topics } from '@tokenline/contracts';
import { createLogger, type KafkaConfig } from '@tokenline/runtime';
import { createLog, type Log } from './log.js';
import type { InRecord } from './ports.js';

export const kafkaConfig = (): KafkaConfig => ({
  brokers: (process.env.TOKENLINE_KAFKA_BROKERS ?? '').split(','),
  ssl: false,
  replicationFactor: 1,
});

export const freshPrefix = (): string => `t${randomUUID().slice(0, 8)}-`;

export const silentLog = createLogger('test', process.env.TOKENLINE_LOG_LEVEL ?? 'silent');

/** A log whose topics exist. */
export async function freshLog(names: readonly TopicName[]): Promise<{ log: Log; prefix: string }> {
  const prefix = freshPrefix();
  const log = createLog(kafkaConfig(), prefix, silentLog, 'test');
  await log.ensureTopics(topics.filter((t) => names.includes(t.name)));
  return { log, prefix };
}

/** Waits until `check` holds. Throws with `what` when it has not within `ms`. */
export async function eventually(what: string, check: () => boolean | Promise<boolean>, ms = 30_000): Promise<void> {
  const until = Date.now() + ms;
  while (!(await check())) {
    if (Date.now() > until) throw new Error(`Waited ${ms} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function readAll(log: Log, topic: TopicName): Promise<InRecord[]> {
  const records: InRecord[] = [];
  await log.scan(topic, (record) => void records.push(record));
  return records;
}
