/** For tests: a log of its own with the lifecycle service on it, facts to send and ways to see what came of them. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AnyRecord,
  type Codec,
  createCodec,
  type RecordName,
  registerSchemas,
  type TopicName,
} from '@tokenline/contracts';
import { standardDeadlineRules as rules, type TokenFact } from '@tokenline/domain';
import { createLogger } from '@tokenline/runtime';
import { createSealer, generateKeySet, parseKeySet } from '@tokenline/sealing';
import { createLog, type InRecord, type Log, type LogWriter, undecodableLetters } from '@tokenline/streams';
import { createPartition, deadlineHeader } from './partition.js';
import { startScheduler } from './scheduler.js';

export const noon = Date.UTC(2030, 0, 15, 12);

/** A fact `seconds` after noon; the same call gives the same fact. */
export function fact(
  tokenId: string,
  kind: TokenFact['kind'],
  seconds: number,
  extra: Partial<TokenFact> = {},
): TokenFact {
  const occurredAt = noon + seconds * 1_000;
  return {
    factId: `${tokenId}-${kind}-${seconds}`,
    tokenId,
    network: 'VTS',
    kind,
    occurredAt,
    occurredAtSource: 'SOURCE',
    receivedAt: occurredAt,
    source: 'test',
    sourceMessageId: 'm',
    actor: 'NETWORK',
    tokenType: 'HCE',
    aliases: [],
    ...extra,
  };
}

export interface World {
  readonly log: Log;
  readonly codec: Codec;
  readonly writer: LogWriter;
  readonly send: (...facts: TokenFact[]) => Promise<void>;
  /** Everything on a topic now; null where it cannot be read. */
  readonly read: (topic: TopicName) => Promise<readonly (AnyRecord & { readonly record: InRecord })[]>;
  /** The lifecycle events of one type about a token. */
  readonly events: <N extends RecordName>(
    type: N,
    tokenId: string,
  ) => Promise<readonly Extract<AnyRecord, { type: N }>['value'][]>;
  /** A fresh directory for local state. */
  readonly disk: () => string;
  readonly close: () => Promise<void>;
}

export async function createWorld(): Promise<World> {
  const registry = process.env.TOKENLINE_SCHEMA_REGISTRY_URL ?? '';
  const brokers = (process.env.TOKENLINE_KAFKA_BROKERS ?? '').split(',');
  const prefix = `lc${randomUUID().slice(0, 8)}-`;
  const silent = createLogger('test', 'silent');
  const log = createLog({ brokers, ssl: false, replicationFactor: 1 }, prefix, silent, 'lifecycle-test');
  await Promise.all([registerSchemas(registry, prefix), log.ensureTopics()]);
  const codec = await createCodec(registry, prefix);
  const writer = log.writer();
  const disks: string[] = [];

  const read: World['read'] = async (topic) => {
    const records: InRecord[] = [];
    await log.scan(topic, (record) => {
      if (record.value !== null) records.push({ ...record, value: Buffer.from(record.value) });
    });
    const decoded = await Promise.all(
      records.map(async (record) => ({ ...(await codec.decode(record.value as Buffer)), record })),
    );
    return decoded.filter((one) => one.ok);
  };

  return {
    log,
    codec,
    writer,
    read,
    send: (...facts) =>
      writer.write(
        facts.map((f) => ({
          topic: 'token.facts',
          key: f.tokenId,
          value: codec.encode('tokenline.facts.TokenFact', f),
        })),
      ),
    events: async (type, tokenId) =>
      (await read('token.lifecycle')).flatMap((one) =>
        one.type === type && 'tokenId' in one.value && one.value.tokenId === tokenId ? [one.value as never] : [],
      ),
    disk: () => {
      const made = mkdtempSync(join(tmpdir(), 'tokenline-lifecycle-'));
      disks.push(made);
      return made;
    },
    close: async () => {
      await writer.close();
      for (const made of disks) rmSync(made, { recursive: true, force: true });
    },
  };
}

export interface Service {
  readonly stop: () => Promise<void>;
}

/** The service on its state in a directory, with the clock given. */
export async function startService(
  { log, codec, writer }: World,
  stateDirectory: string,
  now: () => number = () => noon,
): Promise<Service> {
  const sealer = createSealer(parseKeySet(generateKeySet()));
  const putAside = undecodableLetters({ codec, sealer, stage: 'LIFECYCLE', now: Date.now });
  const processor = await log.process({
    group: 'lifecycle',
    input: 'token.facts',
    changelog: 'lifecycle.store',
    stateDirectory,
    dueHeader: deadlineHeader,
    open: (partition) => createPartition({ partition, codec, putAside, count: () => undefined, rules }),
  });
  const scheduler = startScheduler({
    processor,
    writer,
    codec,
    rules,
    now,
    fired: () => undefined,
    log: createLogger('test', 'silent'),
    intervalMs: 50,
  });
  return {
    stop: async () => {
      await scheduler.stop();
      await processor.stop();
    },
  };
}

/** What `get` gives as soon as it is good. Throws after 40 s, with what it gave last. */
export async function eventually<T>(what: string, get: () => Promise<T>, good: (value: T) => boolean): Promise<T> {
  const until = Date.now() + 40_000;
  for (;;) {
    const value = await get();
    if (good(value)) return value;
    if (Date.now() > until) throw new Error(`Waited in vain for ${what}; last seen: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
