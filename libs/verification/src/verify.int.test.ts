/**
 * Verification on real Kafka, registry and MongoDB: what the real core makes of a day of facts is published under a fresh prefix and found right;
 * the same with a core that is broken at one seam (mapper, fold, projector) is found broken there. test/e2e/verify.e2e.test.ts does the like with
 * whole services.
 */
import { randomUUID } from 'node:crypto';
import { type Codec, createCodec, registerSchemas, type TopicName } from '@tokenline/contracts';
import { decide, mergeFact, type TokenFact } from '@tokenline/domain';
import { createLogger } from '@tokenline/runtime';
import { collections, connectStore, deployStore, type Store } from '@tokenline/store';
import { createLog, type Log } from '@tokenline/streams';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { invariants } from './invariants.js';
import { stages } from './judge/look.js';
import { broken, fact, greenStory, noon, type Seams, type World, world, yellowStory } from './testing/given.js';
import { verify } from './verify.js';

const registry = process.env.TOKENLINE_SCHEMA_REGISTRY_URL ?? '';
const mongodb = process.env.TOKENLINE_MONGODB_URI ?? '';
const brokers = (process.env.TOKENLINE_KAFKA_BROKERS ?? '').split(',');

interface Stand {
  readonly log: Log;
  readonly codec: Codec;
  readonly store: Store;
}

const stands: Stand[] = [];

/** A system nobody runs any more: the world's records and documents where its services would have left them. */
async function standOf(day: World): Promise<Stand> {
  const prefix = `vf${randomUUID().slice(0, 8)}-`;
  const log = createLog(
    { brokers, ssl: false, replicationFactor: 1 },
    prefix,
    createLogger('test', 'silent'),
    'verify-test',
  );
  const store = await connectStore(mongodb, `${prefix}tokenline`);
  await Promise.all([registerSchemas(registry, prefix), log.ensureTopics(), deployStore(store)]);
  const codec = await createCodec(registry, prefix);
  stands.push({ log, codec, store });
  const writer = log.writer();
  await writer.write(
    day.records.map(({ topic, partition, key, value }) => ({
      topic,
      partition,
      key,
      value:
        value === null ? null : typeof value === 'string' ? Buffer.from(value) : codec.encode(value.type, value.value),
    })),
  );
  await writer.close();
  for (const [name, docs] of Object.entries(day.documents)) {
    if (docs.length > 0) await store.db.collection<{ _id: string }>(name).insertMany(docs as { _id: string }[]);
  }
  await Promise.all(Object.values(stages).map(({ group, topic }) => handled(log, group, topic)));
  return { log, codec, store };
}

/** A stage's group comes to the end of its topic, as if it had done its work. */
async function handled(log: Log, group: string, topic: TopicName): Promise<void> {
  const reader = await log.read({ group, topics: [topic], onRecords: async () => undefined });
  const ends = [...(await log.ends(topic))].filter(([, { high }]) => high > 0);
  await vi.waitUntil(
    async () => {
      const committed = await log.committed(group, topic);
      return ends.every(([partition, { high }]) => committed.get(partition) === high);
    },
    { timeout: 30_000, interval: 100 },
  );
  await reader.stop();
}

const look = ({ log, codec, store }: Stand, mongo = true) =>
  verify({ log, codec, collections: mongo ? collections(store.db) : undefined, now: Date.now }, { waitMs: 0 });

afterAll(async () => {
  for (const { store } of stands) {
    await store.db.dropDatabase();
    await store.close();
  }
});

/** Neighbouring offsets, as writers without transactions make them. */
const stride = 1;

function aDay(seams: Seams = {}): World {
  const [requested, created, code, provisioned, passed] = yellowStory() as [
    TokenFact,
    TokenFact,
    TokenFact,
    TokenFact,
    TokenFact,
  ];
  const facts = [
    ...[requested, created, passed, code, provisioned, requested],
    ...greenStory('t22'),
    fact('TOKEN_SUSPENDED', 100, { tokenId: 't22', actor: 'ISSUER' }),
    ...greenStory('t5', { aliases: [{ kind: 'tokenReferenceId', value: 'REF5' }] }),
    mergeFact({ younger: 't5', survivor: 't44' }, fact('NOTED', 300)),
  ];
  return world(facts, seams, stride);
}

describe('a system as its services left it', () => {
  let right: Stand;
  beforeAll(async () => {
    right = await standOf(aDay());
  });

  it('is found right, in every invariant', async () => {
    const report = await look(right);
    expect(report.verdicts.filter((verdict) => verdict.outcome !== 'holds')).toEqual([]);
    expect(report.moving).toBe(false);
    expect(report.read).toMatchObject({ 'token.facts': 18, timeline: report.read['token.lifecycle'], tokens: 4 });
  });

  it('is found right from the log alone', async () => {
    const report = await look(right, false);
    expect(report.ok).toBe(true);
    expect(
      report.verdicts.filter((verdict) => verdict.outcome === 'not-checked').map((verdict) => verdict.code),
    ).toEqual(Object.entries(invariants).flatMap(([code, { needs }]) => (needs === 'documents' ? [code] : [])));
  });
});

describe('a core that is broken at one seam', () => {
  it('a mapper that drops a fact', async () => {
    const stand = await standOf(aDay({ map: (one) => (one.kind === 'ACTIVATION_CODE_ISSUED' ? [] : [one]) }));
    expect(broken(await look(stand))).toEqual(['INBOUND_ANSWERED']);
  });

  it('a fold that takes facts as they arrive', async () => {
    const inOrderOfArrival: typeof decide = (memory, one, cause) =>
      decide(memory, { ...one, occurredAt: noon + cause.offset * 1_000 }, cause);
    const stand = await standOf(aDay({ decide: inOrderOfArrival }));
    const noticed = ['LATE_MARKED', 'COMPLETION_FOLLOWS_FACTS', 'STATE_IS_FOLD', 'STORE_CURRENT'];
    expect(broken(await look(stand))).toEqual(expect.arrayContaining(noticed));
  });

  it('a projector that applies an older version', async () => {
    const stand = await standOf(aDay({ apply: (standing, changed) => standing ?? changed }));
    expect(broken(await look(stand))).toEqual(['TOKENS_CURRENT']);
  });
});
