/** The projector's handlers behind real readers: Kafka, registry and MongoDB. */
import { randomUUID } from 'node:crypto';
import { type Codec, createCodec, registerSchemas, topics } from '@tokenline/contracts';
import { createLogger, Registry } from '@tokenline/runtime';
import { createSealer, generateKeySet, parseKeySet } from '@tokenline/sealing';
import { type Collections, collections, connectStore, deployStore, type Store } from '@tokenline/store';
import {
  createLog,
  type Log,
  type LogReader,
  type LogWriter,
  type OutRecord,
  undecodableLetters,
} from '@tokenline/streams';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMeters } from './meters.js';
import { type Projecting, projectDeadLetters, projectEvents } from './project.js';
import { changed, deadLetter, ignored, noon } from './sample-events.js';
import type { LifecycleEvent } from './tokens.js';

const prefix = `proj-${randomUUID().slice(0, 8)}-`;
const registryUrl = process.env.TOKENLINE_SCHEMA_REGISTRY_URL as string;
const quiet = createLogger('projector-test', 'silent');
const sealer = createSealer(parseKeySet(generateKeySet()));
const metrics = new Registry();

let store: Store;
let db: Collections;
let codec: Codec;
let log: Log;
let writer: LogWriter;
const readers: LogReader[] = [];

beforeAll(async () => {
  store = await connectStore(process.env.TOKENLINE_MONGODB_URI as string, `${prefix}tokenline`);
  await deployStore(store);
  db = collections(store.db);
  await registerSchemas(registryUrl, prefix);
  codec = await createCodec(registryUrl, prefix);
  const brokers = (process.env.TOKENLINE_KAFKA_BROKERS as string).split(',');
  log = createLog({ brokers, ssl: false, replicationFactor: 1 }, prefix, quiet, 'projector-test');
  await log.ensureTopics(topics.filter((t) => t.name === 'token.lifecycle' || t.name === 'token.dead-letters'));
  writer = log.writer();
  const meters = createMeters(metrics);
  const putAside = undecodableLetters({ codec, sealer, stage: 'PROJECTOR', now: Date.now });
  const parts: Projecting = { codec, into: db, writer, putAside, meters, log: quiet };
  const events = log.read({ group: 'rm', topics: ['token.lifecycle'], onRecords: projectEvents(parts) });
  const letters = log.read({ group: 'dl', topics: ['token.dead-letters'], onRecords: projectDeadLetters(parts) });
  readers.push(...(await Promise.all([events, letters])));
  for (const reader of readers) meters.follow(reader, 'test', 1);
});

afterAll(async () => {
  await Promise.all(readers.map((r) => r.stop()));
  await writer?.close();
  await store?.db.dropDatabase();
  await store?.close();
});

function lifecycle(event: LifecycleEvent): OutRecord {
  return { topic: 'token.lifecycle', key: event.value.tokenId, value: codec.encode(event.type, event.value) };
}

async function until<T>(what: string, look: () => Promise<T | null | undefined | false>): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`Waited 20 s for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** A record type of a later release, which this code does not know, on the same topic. */
async function fromTheFuture(): Promise<Buffer> {
  const schema = {
    type: 'record',
    namespace: 'tokenline.lifecycle',
    name: 'TokenTeleported',
    fields: [{ name: 'a', type: 'int' }],
  };
  const response = await fetch(
    `${registryUrl}/subjects/${prefix}token.lifecycle-tokenline.lifecycle.TokenTeleported/versions`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify({ schemaType: 'AVRO', schema: JSON.stringify(schema) }),
    },
  );
  const { id } = (await response.json()) as { id: number };
  const bytes = Buffer.alloc(6);
  bytes.writeInt32BE(id, 1);
  return bytes;
}

describe('the projector', () => {
  it('keeps tokens and timeline, skips what it does not know, puts aside what nobody can read', async () => {
    await writer.write([
      lifecycle(changed('t1', 1)),
      { topic: 'token.lifecycle', key: 't1', value: await fromTheFuture() },
      { topic: 'token.lifecycle', key: 't1', value: Buffer.from('4111111111111111') },
      lifecycle(ignored('t1', 1, 'x')),
      lifecycle(changed('t1', 2, { status: 'DELETED' })),
    ]);
    const token = await until('version 2', () => db.tokens.findOne({ _id: 't1', version: 2 }));
    expect(token.status).toBe('DELETED');
    await until('three entries', async () => (await db.timeline.countDocuments({ tokenId: 't1' })) === 3);

    const letter = await until('the dead letter', () => db.deadLetters.findOne({ stage: 'PROJECTOR' }));
    expect(letter).toMatchObject({ source: 'token.lifecycle', reasonCode: 'UNDECODABLE', state: 'OPEN' });
    expect(JSON.stringify(letter)).not.toContain('4111');
    const original = Buffer.from(await sealer.open('original', letter.original as string), 'base64');
    expect(original.toString()).toBe('4111111111111111');

    const text = await metrics.metrics();
    expect(text).toContain('{type="tokenline.lifecycle.TokenTeleported",result="skipped"} 1');
    expect(text).toContain('{type="undecodable",result="undecodable"} 1');
    // Told once a batch has ended, a moment after what it wrote.
    const lag = /tokenline_projector_lag_records\{projection="test",generation="1",partition="token\.lifecycle-\d"\} 0/;
    await until('no lag', async () => lag.test(await metrics.metrics()));
  });

  it('keeps dead letters of every stage', async () => {
    const { type, value } = deadLetter('d1', noon) as Extract<
      ReturnType<typeof deadLetter>,
      { type: 'tokenline.deadletters.DeadLetter' }
    >;
    await writer.write([{ topic: 'token.dead-letters', key: 'd1', value: codec.encode(type, value) }]);
    const doc = await until('the dead letter', () => db.deadLetters.findOne({ _id: 'd1' }));
    expect(doc).toMatchObject({ stage: 'EDGE', errors: [{ path: 'Txn_GPS_Date', message: 'is not a date' }] });
  });
});
