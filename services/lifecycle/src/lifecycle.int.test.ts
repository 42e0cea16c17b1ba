/** The lifecycle service's processor on the real log: what it publishes, what survives a restart, what a merge does across partitions. */
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
import type { TokenFact } from '@tokenline/domain';
import { createLogger } from '@tokenline/runtime';
import { createSealer, generateKeySet, parseKeySet } from '@tokenline/sealing';
import { createLog, type Log, type LogReader, type LogWriter, undecodableLetters } from '@tokenline/streams';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPartition } from './partition.js';

const registry = process.env.TOKENLINE_SCHEMA_REGISTRY_URL ?? '';
const prefix = `lc${randomUUID().slice(0, 8)}-`;
const stateDirectory = mkdtempSync(join(tmpdir(), 'tokenline-lifecycle-'));
const silent = createLogger('test', 'silent');
let log: Log;
let codec: Codec;
let writer: LogWriter;
let service: LogReader;

const start = (): Promise<LogReader> => {
  const sealer = createSealer(parseKeySet(generateKeySet()));
  const putAside = undecodableLetters({ codec, sealer, stage: 'LIFECYCLE', now: Date.now });
  return log.process({
    group: 'lifecycle',
    input: 'token.facts',
    changelog: 'lifecycle.store',
    stateDirectory,
    open: (partition) => createPartition({ partition, codec, putAside, count: () => undefined }),
  });
};

beforeAll(async () => {
  log = createLog(
    { brokers: (process.env.TOKENLINE_KAFKA_BROKERS ?? '').split(','), ssl: false, replicationFactor: 1 },
    prefix,
    silent,
    'lifecycle-test',
  );
  await Promise.all([registerSchemas(registry, prefix), log.ensureTopics()]);
  codec = await createCodec(registry, prefix);
  writer = log.writer();
  service = await start();
});

afterAll(async () => {
  await service?.stop();
  await writer?.close();
  rmSync(stateDirectory, { recursive: true, force: true });
});

function fact(tokenId: string, kind: TokenFact['kind'], seconds: number, extra: Partial<TokenFact> = {}): TokenFact {
  const occurredAt = Date.UTC(2030, 0, 15, 12) + seconds * 1_000;
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

const send = (...facts: TokenFact[]): Promise<void> =>
  writer.write(
    facts.map((f) => ({ topic: 'token.facts', key: f.tokenId, value: codec.encode('tokenline.facts.TokenFact', f) })),
  );

async function read(topic: TopicName): Promise<(AnyRecord | null)[]> {
  const values: Promise<AnyRecord | null>[] = [];
  await log.scan(topic, (record) => {
    if (record.value === null) return;
    values.push(codec.decode(record.value).then((d) => (d.ok ? d : null)));
  });
  return Promise.all(values);
}

async function events<N extends RecordName>(type: N, tokenId: string) {
  return (await read('token.lifecycle')).flatMap((r) =>
    r?.type === type && 'tokenId' in r.value && r.value.tokenId === tokenId
      ? [r.value as Extract<AnyRecord, { type: N }>['value']]
      : [],
  );
}

async function eventually<T>(what: string, get: () => Promise<T>, good: (value: T) => boolean): Promise<T> {
  const until = Date.now() + 40_000;
  for (;;) {
    const value = await get();
    if (good(value)) return value;
    if (Date.now() > until) throw new Error(`Waited in vain for ${what}; last seen: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const changed = 'tokenline.lifecycle.TokenChanged';
const completed = 'tokenline.lifecycle.ProvisioningCompleted';

describe('the lifecycle service', () => {
  it('remembers a token over a restart: versions go on without a gap and a repeat is known', async () => {
    const token = randomUUID();
    await send(
      fact(token, 'PROVISIONING_REQUESTED', 0, { decision: 'APPROVED' }),
      fact(token, 'TOKEN_CREATED', 1, { reportedStatus: 'ACTIVE' }),
    );
    await eventually(
      'two changes',
      () => events(changed, token),
      (list) => list.length === 2,
    );
    await service.stop();
    await send(
      fact(token, 'TOKEN_CREATED', 1, { reportedStatus: 'ACTIVE' }),
      fact(token, 'DEVICE_PROVISIONED', 9, { reportedStatus: 'ACTIVE' }),
    );
    service = await start();
    const [completion] = await eventually(
      'the completion',
      () => events(completed, token),
      (list) => list.length > 0,
    );
    expect(completion?.completedAt).toBe(Date.UTC(2030, 0, 15, 12, 0, 9));
    expect((await events(changed, token)).map((e) => e.version)).toEqual([1, 2, 3]);
    expect((await events('tokenline.lifecycle.FactIgnored', token)).map((e) => e.reason)).toEqual(['REPEAT']);
  });

  it('puts what is no fact into the dead letters and goes on', async () => {
    const token = randomUUID();
    await writer.write([{ topic: 'token.facts', key: token, value: Buffer.from('not avro at all') }]);
    await send(fact(token, 'TOKEN_UPDATED', 0, { occurredAt: 8_640_000_000_000_001 }));
    await send(fact(token, 'TOKEN_CREATED', 1, { reportedStatus: 'ACTIVE' }));
    await eventually(
      'the change',
      () => events(changed, token),
      (list) => list.length === 1,
    );
    const letters = (await read('token.dead-letters')).filter((r) => r?.type === 'tokenline.deadletters.DeadLetter');
    expect(letters.map((l) => l?.value)).toEqual([
      expect.objectContaining({ stage: 'LIFECYCLE', reasonCode: 'UNDECODABLE' }),
      expect.objectContaining({ stage: 'LIFECYCLE', reasonCode: 'INTERNAL' }),
    ]);
  });

  it('brings the facts of a merged token to the survivor, wherever its partition is, and announces once', async () => {
    const [older, younger] = [randomUUID(), randomUUID()];
    await send(
      fact(older, 'PROVISIONING_REQUESTED', 0, { decision: 'AUTHENTICATE', wallet: 'APPLE' }),
      fact(younger, 'AUTHENTICATION_SUCCEEDED', 90, { reportedStatus: 'ACTIVE' }),
      fact(younger, 'TOKENS_MERGED', 91, { otherTokenId: older }),
      fact(younger, 'TOKEN_SUSPENDED', 200, { actor: 'ISSUER' }),
    );
    const changes = await eventually(
      'the suspension at the survivor',
      () => events(changed, older),
      (list) => list.at(-1)?.state.status === 'SUSPENDED',
    );
    expect(changes.at(-1)?.state).toMatchObject({
      suspendedBy: ['ISSUER'],
      provisioning: { outcome: 'COMPLETED', path: 'YELLOW' },
    });
    expect((await events(completed, older)).length + (await events(completed, younger)).length).toBe(1);
    expect(await events('tokenline.lifecycle.TokenMerged', younger)).toHaveLength(1);
  });
});
