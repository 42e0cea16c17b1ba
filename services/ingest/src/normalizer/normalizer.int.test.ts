import type { InboundMessage, TokenFact } from '@tokenline/domain';
import { type EhiFields, ehiFields, ehiMessages, ehiToken } from '@tokenline/domain/testing';
import { createLogger, Registry } from '@tokenline/runtime';
import { createSealer, parseKeySet } from '@tokenline/sealing';
import { createVault } from '@tokenline/store';
import type { InRecord, LogWriter } from '@tokenline/streams';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Deployed, deploy, eventually, type Running, readTopic, start } from '../given.js';
import { createIngest } from '../ingest.js';

const ehi = '/v1/inbound/thredd/ehi';

let deployed: Deployed;
let running: Running;
let writer: LogWriter;
beforeAll(async () => {
  deployed = await deploy();
  running = await start(deployed);
  writer = deployed.stream.writer();
});
afterAll(async () => {
  await writer?.close();
  await running?.stop();
  await deployed?.drop();
});

const aDay = 24 * 60 * 60_000;
let lastMessageId = 10_000;
const nextId = () => ++lastMessageId;

/** Posts messages one after the other, each acknowledged before the next. */
async function post(...messages: readonly EhiFields[]): Promise<void> {
  for (const message of messages) expect((await running.post(ehi, message)).status).toBe(200);
}

const allFacts = async () =>
  (await readTopic(deployed, 'token.facts', 'tokenline.facts.TokenFact')).map((f) => f.value);
const letters = () => readTopic(deployed, 'token.dead-letters', 'tokenline.deadletters.DeadLetter');

/** The facts of these messages, once all of them are there. */
function factsOf(...messages: readonly EhiFields[]): Promise<readonly TokenFact[]> {
  const ids = messages.map((m) => `thredd-ehi:${m.TXn_ID}`);
  return eventually(`facts ${ids}`, async () => {
    const found = await allFacts();
    const mine = ids.map((id) => found.find((f) => f.factId === id));
    return mine.every((fact) => fact !== undefined) ? mine : undefined;
  });
}

describe('a flow', () => {
  it('becomes facts of one token, whatever names each message knows, keyed by it', async () => {
    const token = ehiToken(501);
    const messages = [
      { ...ehiMessages.tar(token, nextId(), '85'), PaymentToken_id: '0' },
      ehiMessages.ten(token, nextId(), '71', 'I'),
      ehiMessages.acn(token, nextId()),
      ehiMessages.tcn(token, nextId(), 'I'),
      ehiMessages.ten(token, nextId(), '73', 'A', 90),
    ];
    await post(...messages);
    const facts = await factsOf(...messages);
    expect(facts.map((f) => f.kind)).toEqual([
      'PROVISIONING_REQUESTED',
      'TOKEN_CREATED',
      'ACTIVATION_CODE_ISSUED',
      'DEVICE_PROVISIONED',
      'AUTHENTICATION_SUCCEEDED',
    ]);
    const tokens = new Set(facts.map((f) => f.tokenId));
    const merges = (await allFacts()).filter((f) => f.kind === 'TOKENS_MERGED');
    for (const merge of merges) tokens.delete(merge.tokenId);
    expect(tokens.size, 'one token after merges').toBe(1);
    const records = await readTopic(deployed, 'token.facts', 'tokenline.facts.TokenFact');
    for (const { record, value } of records) {
      expect(record.key).toBe(value.tokenId);
      expect(record.headers).toMatchObject({
        ce_id: value.factId,
        ce_subject: value.tokenId,
        ce_type: 'tokenline.facts.TokenFact',
      });
    }
  });

  it('puts its code into the vault before its fact, for as long as it is good, and not into the fact', async () => {
    const sealer = createSealer(parseKeySet(deployed.config.sealingKeys));
    const message = ehiMessages.acn(ehiToken(504), nextId());
    await post(message);
    const [fact] = await factsOf(message);
    expect(fact?.activation).toEqual({ method: 'SMS', expiresAt: expect.any(Number) });
    const { activationCodes } = deployed.collections;
    const kept = await activationCodes.findOne({ _id: `activation-code-thredd-ehi~3a~${message.TXn_ID}` });
    expect(await sealer.open('activation-code', kept?.codeSealed as string)).toBe('000123');
    expect(await sealer.open('contact', kept?.contactSealed as string)).toBe('+447700900123');
    expect(kept?.wipeAt.getTime()).toBeGreaterThan(Date.now());
    expect(kept?.wipeAt.getTime()).toBeLessThanOrEqual(Math.min(fact?.activation?.expiresAt ?? 0, Date.now() + aDay));
  });

  it('sent twice gives each fact the same id again', async () => {
    const message = ehiMessages.tcn(ehiToken(502), nextId(), 'A');
    await post(message, { ...message, SendingAttemptCount: '1' });
    const twice = await eventually('both copies', async () => {
      const found = (await allFacts()).filter((f) => f.sourceMessageId === message.TXn_ID);
      return found.length === 2 ? found : undefined;
    });
    const [first, second] = twice.map(({ receivedAt: _at, ...rest }) => rest);
    expect(second).toEqual(first);
  });

  it('of canonical facts goes to the same token as the messages of EHI', async () => {
    const token = ehiToken(503);
    const message = ehiMessages.tcn(token, nextId(), 'A');
    await post(message);
    const [known] = await factsOf(message);
    const fact = {
      factId: 'adapter-503',
      kind: 'TOKEN_SUSPENDED',
      network: 'VTS',
      occurredAt: '2030-01-16T00:00:00Z',
      actor: 'ISSUER',
      aliases: [{ kind: 'tokenReferenceId', value: token.reference }],
      activation: { method: 'SMS', code: '445566' },
    };
    expect((await running.post('/v1/facts', [fact])).status).toBe(202);
    const mapped = await eventually('the canonical fact', async () =>
      (await allFacts()).find((f) => f.factId === 'adapter-503'),
    );
    expect(mapped).toMatchObject({
      tokenId: known?.tokenId,
      kind: 'TOKEN_SUSPENDED',
      source: 'canonical',
      actor: 'ISSUER',
    });
    expect(mapped.activation, 'a code stays on no log, whatever its fact').toEqual({ method: 'SMS' });
    expect(await deployed.collections.activationCodes.findOne({ _id: 'activation-code-adapter-503' })).toBeNull();
  });
});

describe('an activation code', () => {
  const issued = (n: number, more: object = {}) => ({
    factId: `code-${n}`,
    kind: 'ACTIVATION_CODE_ISSUED',
    network: 'VTS',
    occurredAt: new Date().toISOString(),
    aliases: [{ kind: 'threddPaymentTokenId', value: String(50_400 + n) }],
    activation: { method: 'EMAIL', code: '445566', ...more },
  });
  const factOf = (n: number) =>
    eventually(`fact code-${n}`, async () => (await allFacts()).find((fact) => fact.factId === `code-${n}`));
  const kept = (n: number) => deployed.collections.activationCodes.findOne({ _id: `activation-code-code-${n}` });

  it('without a stated end is held for half an hour; one that lies far off, for a day', async () => {
    await running.post('/v1/facts', [issued(1), issued(2, { expiresAt: '2099-01-01T00:00:00Z' })]);
    await Promise.all([factOf(1), factOf(2)]);
    const left = async (n: number) => ((await kept(n))?.wipeAt.getTime() ?? 0) - Date.now();
    expect(await left(1)).toBeGreaterThan(aDay / 48 - 60_000);
    expect(await left(1)).toBeLessThanOrEqual(aDay / 48);
    expect(await left(2)).toBeGreaterThan(aDay - 60_000);
    expect(await left(2)).toBeLessThanOrEqual(aDay);
  });

  it('that has lapsed already is not kept, and its fact is published all the same', async () => {
    await running.post('/v1/facts', issued(3, { expiresAt: '2026-01-01T00:00:00Z' }));
    expect(await factOf(3)).toMatchObject({ activation: { method: 'EMAIL' } });
    expect(await kept(3)).toBeNull();
  });

  it('that has been told and wiped does not come back with its message', async () => {
    await running.post('/v1/facts', issued(4));
    await factOf(4);
    await createVault(deployed.collections.activationCodes).wipe(['activation-code-code-4']);
    await running.post('/v1/facts', issued(4));
    await eventually('the repeat', async () => {
      const found = (await allFacts()).filter((fact) => fact.factId === 'code-4');
      return found.length === 2 ? found : undefined;
    });
    expect(await kept(4)).toEqual({ _id: 'activation-code-code-4', wipeAt: expect.any(Date) });
  });
});

describe('tokens that turn out to be one', () => {
  it('are merged by a fact under the younger, once', async () => {
    const token = ehiToken(601);
    const byTrace = ehiFields(token, nextId(), { PaymentToken_id: '0', ...moment('10:00:01') });
    const byId = ehiFields(token, nextId(), { traceid_lifecycle: undefined, ...moment('10:00:02') });
    await post(byTrace);
    const [older] = await factsOf(byTrace);
    await post(byId);
    const [younger] = await factsOf(byId);
    expect(younger?.tokenId).not.toBe(older?.tokenId);
    const both = [ehiFields(token, nextId(), moment('10:00:03')), ehiFields(token, nextId(), moment('10:00:04'))];
    await post(...both);
    const facts = await factsOf(...both);
    expect(facts.map((f) => f.tokenId)).toEqual([older?.tokenId, older?.tokenId]);
    const merges = (await allFacts()).filter((f) => f.kind === 'TOKENS_MERGED' && f.tokenId === younger?.tokenId);
    expect(merges).toHaveLength(1);
    expect(merges[0]).toMatchObject({
      factId: `merge:${younger?.tokenId}:${older?.tokenId}`,
      otherTokenId: older?.tokenId,
      source: 'tokenline',
      actor: 'TOKENLINE',
    });
    await eventually(
      'the merge marked as announced',
      async () =>
        (await deployed.collections.identities.findOne({ _id: younger?.tokenId as string, mergeAnnounced: true })) ??
        undefined,
    );
  });

  it('are never tokens with different payment token ids: the conflict is counted and both stay', async () => {
    const trace = 'VIS1-20300115-399000000000699';
    const one = ehiFields(ehiToken(602, { trace }), nextId());
    const other = ehiFields(ehiToken(603, { trace }), nextId());
    await post(one, other);
    const [a, b] = await factsOf(one, other);
    expect(a?.tokenId).not.toBe(b?.tokenId);
    expect(await running.metrics.metrics()).toMatch(/tokenline_identity_conflicts_total [1-9]/);
  });
});

describe('what cannot be normalised', () => {
  it('is put aside, and the others go on', async () => {
    const { codec } = deployed;
    const message = (source: string, fields = {}): InboundMessage => ({
      inboundId: `adapter-${nextId()}`,
      source,
      operation: 'GetTransaction',
      receivedAt: Date.now(),
      headers: {},
      fields,
      sealed: {},
      original: 'sealed-by-the-adapter',
    });
    const record = (value: Buffer) => ({ topic: 'tsp.inbound' as const, key: 'one-partition', value });
    const inbound = (m: InboundMessage) => record(codec.encode('tokenline.inbound.InboundMessage', m));
    const good = ehiMessages.tcn(ehiToken(701), nextId(), 'A');
    await writer.write([
      record(Buffer.from('rubbish with 4111111111111111')),
      inbound(message('nobody')),
      inbound(message('thredd-ehi', { ...good, Proc_Code: '990000' })),
      inbound(message('canonical', { fact: '{"factId":' })),
      record(
        codec.encode('tokenline.lifecycle.TokenMerged', { ...merged, cause: { topic: 'x', partition: 0, offset: 0 } }),
      ),
      inbound(message('thredd-ehi', good)),
    ]);
    const [fact] = await factsOf(good);
    expect(fact?.kind).toBe('DEVICE_PROVISIONED');
    const found = await eventually('five letters', async () => {
      const mine = (await letters()).map((l) => l.value).filter((l) => l.stage === 'NORMALIZER');
      return mine.length >= 5 ? mine : undefined;
    });
    expect(found.map((l) => [l.reasonCode, l.source, l.errors.map((e) => e.path)])).toEqual(
      expect.arrayContaining([
        ['UNDECODABLE', 'tsp.inbound', []],
        ['UNKNOWN_SOURCE', 'nobody', []],
        ['UNKNOWN_PROCESSING_CODE', 'thredd-ehi', ['Proc_Code']],
        ['NOT_JSON', 'canonical', ['fact']],
        ['UNKNOWN_RECORD', 'tsp.inbound', []],
      ]),
    );
    expect(found.every((l) => l.origin?.topic === 'tsp.inbound')).toBe(true);
    const refused = found.find((l) => l.reasonCode === 'UNKNOWN_PROCESSING_CODE');
    expect(refused?.original).toBe('sealed-by-the-adapter');
    expect(JSON.stringify(found)).not.toContain('4111111111111111');
  });
});

describe('under concurrency and crashes', () => {
  /** A batch as the reader would hand it over, with a normalizer of its own. */
  const batchOf = async (messages: readonly EhiFields[]) => {
    const { codec } = deployed;
    return messages.map(
      (fields, offset): InRecord => ({
        topic: 'tsp.inbound',
        partition: 0,
        offset,
        key: '',
        value: codec.encode('tokenline.inbound.InboundMessage', {
          inboundId: `batch-${fields.TXn_ID}`,
          source: 'thredd-ehi',
          operation: 'GetTransaction',
          receivedAt: Date.UTC(2030, 0, 15, 10, 0, offset),
          headers: {},
          fields,
          sealed: {},
        }),
        headers: {},
        timestamp: 0,
      }),
    );
  };
  const anotherInstance = (changes: Partial<LogWriter> = {}) =>
    createIngest({
      ...deployed,
      stream: { writer: () => ({ ...writer, ...changes }) },
      metrics: new Registry(),
      log: createLogger('test', 'silent'),
    });

  it('instances that meet the same new names at once agree on the tokens', async () => {
    const tokens = Array.from({ length: 20 }, (_, i) => ehiToken(800 + i));
    const flows = tokens.map((token) => [
      ehiMessages.tar(token, nextId(), '00'),
      ehiMessages.tcn(token, nextId(), 'A'),
    ]);
    const first = await batchOf(flows.map((f) => f[0] as EhiFields));
    const second = await batchOf(flows.map((f) => f[1] as EhiFields));
    await Promise.all([first, second, first].map((batch) => anotherInstance().normalize(batch)));
    for (const [a, b] of flows as [EhiFields, EhiFields][]) {
      const facts = await factsOf(a, b);
      expect(new Set(facts.map((f) => f.tokenId)).size).toBe(1);
    }
  });

  it('a crash between identity and log loses no merge: the repeat of the batch announces it again', async () => {
    const token = ehiToken(900);
    const apart = await batchOf([
      ehiFields(token, nextId(), { PaymentToken_id: '0' }),
      ehiFields(token, nextId(), { traceid_lifecycle: undefined }),
    ]);
    await anotherInstance().normalize(apart);
    const joining = await batchOf([ehiFields(token, nextId())]);
    const crash = anotherInstance({ write: () => Promise.reject(new Error('the process is gone')) });
    await expect(crash.normalize(joining)).rejects.toThrow('the process is gone');
    const mergesOf = async () =>
      (await allFacts()).filter(
        (f) => f.kind === 'TOKENS_MERGED' && f.sourceMessageId === `thredd-ehi:${lastMessageId}`,
      );
    expect(await mergesOf()).toHaveLength(0);
    await anotherInstance().normalize(joining);
    expect(await mergesOf()).toHaveLength(1);
    await anotherInstance().normalize(joining);
    expect(await mergesOf()).toHaveLength(1);
  });
});

const merged = {
  eventId: 'e',
  tokenId: 't',
  version: 1,
  occurredAt: 0,
  recordedAt: 0,
  factId: 'f',
  factKind: 'TOKENS_MERGED',
  source: 's',
  actor: 'TOKENLINE',
  intoTokenId: 'u',
} as const;

function moment(clock: string): Readonly<Record<string, string>> {
  return { Txn_GPS_Date: `2030-01-15 ${clock}.000`, TXN_Time_DE07: `0115${clock.replaceAll(':', '')}` };
}
