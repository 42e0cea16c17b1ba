/** For tests: ingest on the real log, registry and database, under a prefix of its own, and ways to look at what came out. */
import { randomUUID } from 'node:crypto';
import {
  type AnyRecord,
  type Codec,
  createCodec,
  type RecordName,
  registerSchemas,
  type TopicName,
} from '@tokenline/contracts';
import { type Config, createLogger, Registry } from '@tokenline/runtime';
import { generateKeySet } from '@tokenline/sealing';
import { type Collections, collections, connectStore, deployStore, type Store } from '@tokenline/store';
import { createLog, type InRecord, type Log, type LogReader } from '@tokenline/streams';
import { createIngest } from './ingest.js';

const silent = createLogger('test', process.env.TOKENLINE_LOG_LEVEL ?? 'silent');

export interface Deployed {
  readonly prefix: string;
  readonly codec: Codec;
  readonly stream: Log;
  readonly store: Store;
  readonly collections: Collections;
  readonly config: Pick<
    Config,
    'mode' | 'senders' | 'tls' | 'sealingKeys' | 'ehiTimeZone' | 'mdesKeys' | 'vtsKeys' | 'decisionPolicy'
  >;
  readonly drop: () => Promise<void>;
}

export const localConfig: Deployed['config'] = {
  mode: 'local',
  senders: [],
  sealingKeys: generateKeySet(),
  ehiTimeZone: 'Europe/London',
};

/** Topics, schemas and indexes under a fresh prefix. */
export async function deploy(): Promise<Deployed> {
  const prefix = `in${randomUUID().slice(0, 8)}-`;
  const registry = process.env.TOKENLINE_SCHEMA_REGISTRY_URL ?? '';
  const stream = createLog(
    { brokers: (process.env.TOKENLINE_KAFKA_BROKERS ?? '').split(','), ssl: false, replicationFactor: 1 },
    prefix,
    silent,
    'ingest-test',
  );
  const store = await connectStore(process.env.TOKENLINE_MONGODB_URI ?? '', `${prefix}tokenline`);
  await Promise.all([registerSchemas(registry, prefix), stream.ensureTopics(), deployStore(store)]);
  return {
    prefix,
    codec: await createCodec(registry, prefix),
    stream,
    store,
    collections: collections(store.db),
    config: localConfig,
    drop: async () => {
      await store.db.dropDatabase();
      await store.close();
    },
  };
}

export interface Running {
  readonly post: (path: string, body: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly put: (path: string, body: unknown) => Promise<Answer>;
  /** The doors' address once they listen on loopback, for requests over real HTTP. */
  readonly listen: () => Promise<string>;
  readonly metrics: Registry;
  readonly stop: () => Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly json: () => Record<string, unknown>;
}

/** Starts doors and normalizer over what is deployed; without `reading` only the doors. `stream` and `store` may be others, for what happens without them. */
export async function start(
  deployed: Deployed,
  { reading = true, stream = deployed.stream, store = deployed.store } = {},
): Promise<Running> {
  const metrics = new Registry();
  const ingest = createIngest({ ...deployed, stream, store, metrics, log: silent });
  let reader: LogReader | undefined;
  if (reading) {
    reader = await deployed.stream.read({
      group: 'ingest.normalizer',
      topics: ['tsp.inbound'],
      onRecords: ingest.normalize,
    });
  }
  const call = async (method: 'POST' | 'PUT', url: string, body: unknown, headers = {}): Promise<Answer> => {
    const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const answer = await ingest.edge.inject({
      method,
      url,
      payload,
      headers: { 'content-type': 'application/json', ...headers },
    });
    return { status: answer.statusCode, headers: answer.headers, text: answer.payload, json: () => answer.json() };
  };
  return {
    metrics,
    listen: () => ingest.edge.listen({ port: 0, host: '127.0.0.1' }),
    post: (path, body, headers) => call('POST', path, body, headers),
    put: (path, body) => call('PUT', path, body),
    stop: async () => {
      await reader?.stop();
      await ingest.edge.close();
      await ingest.close();
    },
  };
}

export type RecordOf<N extends RecordName> = Extract<AnyRecord, { type: N }>['value'];

/** Everything of one type on a topic, oldest first within a partition, with the record it came in. */
export async function readTopic<N extends RecordName>(
  { stream, codec }: Pick<Deployed, 'stream' | 'codec'>,
  topic: TopicName,
  type: N,
): Promise<readonly { readonly value: RecordOf<N>; readonly record: InRecord }[]> {
  const found: { value: RecordOf<N>; record: InRecord }[] = [];
  await stream.scan(topic, async (record) => {
    const decoded = await codec.decode(record.value as Buffer);
    if (decoded.ok && decoded.type === type) found.push({ value: decoded.value as RecordOf<N>, record });
  });
  return found;
}

/** Polls until `look` gives something; throws with `what` after `ms`. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>, ms = 20_000): Promise<T> {
  const until = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > until) throw new Error(`Waited ${ms} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
