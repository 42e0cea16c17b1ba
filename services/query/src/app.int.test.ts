/** Every endpoint of the query door on a real MongoDB. */
import { randomUUID } from 'node:crypto';
import { usualTerms } from '@tokenline/domain';
import { createLogger, Registry, readSenders } from '@tokenline/runtime';
import {
  type Collections,
  collections,
  connectStore,
  type DeadLetterDoc,
  deployStore,
  type NoticeDoc,
  type Store,
  type TimelineDoc,
  type TokenDoc,
} from '@tokenline/store';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from './app.js';

const noon = Date.UTC(2026, 10, 1, 12);
const minute = 60_000;
const at = (minutes: number) => new Date(noon + minutes * minute);

let store: Store;
let db: Collections;
let app: FastifyInstance;

beforeAll(async () => {
  store = await connectStore(process.env.TOKENLINE_MONGODB_URI as string, `query-${randomUUID().slice(0, 8)}`);
  await deployStore(store);
  db = collections(store.db);
  const log = createLogger('query', 'silent');
  app = await createApp({ config: { mode: 'local', senders: [] }, live: async () => db, metrics: new Registry(), log });
});

afterAll(async () => {
  await app?.close();
  await store?.db.dropDatabase();
  await store?.close();
});

beforeEach(async () => {
  await Promise.all([db.tokens, db.timeline, db.notices, db.deadLetters].map((c) => c.deleteMany({})));
});

async function get(url: string) {
  const response = await app.inject({ url });
  return { status: response.statusCode, headers: response.headers, body: response.json() };
}

function token(_id: string, more: Partial<TokenDoc> = {}): TokenDoc {
  return {
    _id,
    network: 'MDES',
    status: 'ACTIVE',
    suspendedBy: [],
    provisioning: { outcome: 'COMPLETED', path: 'GREEN', requestedAt: at(0), completedAt: at(1) },
    aliases: [],
    version: 1,
    updatedAt: at(1),
    ...more,
  };
}

function entry(_id: string, tokenId: string, minutes: number, more: Partial<TimelineDoc> = {}): TimelineDoc {
  return {
    _id,
    tokenId,
    at: at(minutes),
    recordedAt: at(minutes),
    event: 'FactNoted',
    factId: `fact-${_id}`,
    factKind: 'NOTED',
    source: 'thredd-ehi',
    actor: 'NETWORK',
    version: 1,
    cause: { partition: 0, offset: 0 },
    offset: 0,
    ...more,
  };
}

function notice(_id: string, more: Partial<NoticeDoc> = {}): NoticeDoc {
  return {
    _id,
    tokenId: 't1',
    kind: 'PROVISIONING_COMPLETED',
    state: 'DELIVERED',
    dueAt: at(0),
    deadlineAt: at(30),
    sentAt: at(1),
    outcome: 'MET',
    channel: 'outbox',
    attempts: [{ at: at(1), channel: 'outbox', outcome: 'DELIVERED' }],
    subject: { network: 'MDES', wallet: 'APPLE', cardRef: 'secret-to-no-one' },
    causeEventId: 'e1',
    createdAt: at(0),
    published: true,
    ...more,
  };
}

function letter(_id: string, more: Partial<DeadLetterDoc> = {}): DeadLetterDoc {
  return {
    _id,
    stage: 'EDGE',
    source: 'thredd-ehi',
    operation: 'GetTransaction',
    reasonCode: 'FIELD_INVALID',
    explanation: 'A date is none.',
    errors: [{ path: 'Txn_GPS_Date', message: 'is not a date' }],
    receivedAt: at(0),
    failedAt: at(0),
    headers: { 'user-agent': 'tsp' },
    original: 'a.b.c.d.e',
    occurrences: ['0:1', '0:2'],
    state: 'OPEN',
    watermarks: { p0: 2 },
    ...more,
  };
}

const ids = (body: { items: { tokenId: string }[] }) => body.items.map((item) => item.tokenId);

describe('GET /v1/tokens/{tokenId}', () => {
  it("answers the contract's Token: times in ISO with milliseconds, absent values left out", async () => {
    await db.tokens.insertOne(
      token('t1', { wallet: 'APPLE', card: { ref: 'pan:k1:x', last4: '0014' }, device: { name: 'Phone' } }),
    );
    const { status, headers, body } = await get('/v1/tokens/t1');
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toEqual({
      tokenId: 't1',
      network: 'MDES',
      status: 'ACTIVE',
      suspendedBy: [],
      provisioning: {
        outcome: 'COMPLETED',
        path: 'GREEN',
        requestedAt: '2026-11-01T12:00:00.000Z',
        completedAt: '2026-11-01T12:01:00.000Z',
      },
      wallet: 'APPLE',
      card: { ref: 'pan:k1:x', last4: '0014' },
      device: { name: 'Phone' },
      aliases: [],
      version: 1,
      updatedAt: '2026-11-01T12:01:00.000Z',
    });
  });

  it('shows what is bound to it, since when it is gone from its wallet, and its first use', async () => {
    await db.tokens.insertOne(
      token('bound', {
        bindings: [
          { bindingId: '1', device: { id: 'browser-1', type: 'PC' }, boundAt: at(0) },
          { device: { id: 'browser-2' }, boundAt: at(0) },
        ],
        removedFromWalletAt: at(0),
        firstUsedAt: at(1),
      }),
    );
    const { body } = await get('/v1/tokens/bound');
    expect(body.bindings).toEqual([
      { bindingId: '1', device: { id: 'browser-1', type: 'PC' }, boundAt: '2026-11-01T12:00:00.000Z' },
      { device: { id: 'browser-2' }, boundAt: '2026-11-01T12:00:00.000Z' },
    ]);
    expect(body.removedFromWalletAt).toBe('2026-11-01T12:00:00.000Z');
    expect(body.firstUsedAt).toBe('2026-11-01T12:01:00.000Z');
  });

  it('answers 404 problem+json for an id nobody has', async () => {
    const { status, headers, body } = await get('/v1/tokens/nobody');
    expect(status).toBe(404);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(body).toMatchObject({ type: 'urn:tokenline:problem:token-not-found', status: 404 });
  });

  it('answers with the survivor of a merge, and says where it lives', async () => {
    await db.tokens.insertMany([
      token('young', { mergedInto: 'middle' }),
      token('middle', { mergedInto: 'old' }),
      token('old', { status: 'SUSPENDED' }),
    ]);
    const { status, headers, body } = await get('/v1/tokens/young');
    expect([status, body.tokenId, body.status]).toEqual([200, 'old', 'SUSPENDED']);
    expect(headers['content-location']).toBe('/v1/tokens/old');
    expect((await get('/v1/tokens/old')).headers).not.toHaveProperty('content-location');
  });

  it('shows a merged token itself while its survivor is not known yet', async () => {
    await db.tokens.insertOne(token('young', { mergedInto: 'old' }));
    expect((await get('/v1/tokens/young')).body).toMatchObject({ tokenId: 'young', mergedInto: 'old' });
  });

  it('answers as of a time with the state recorded by then', async () => {
    const changed = (minutes: number, version: number, status: string) =>
      entry(`e${version}`, 't1', minutes, {
        event: 'TokenChanged',
        version,
        recordedAt: at(minutes),
        state: token('t1', { status, version }),
      });
    await db.tokens.insertOne(token('t1', { status: 'DELETED', version: 3 }));
    await db.timeline.insertMany([changed(0, 1, 'INACTIVE'), changed(5, 2, 'ACTIVE'), changed(10, 3, 'DELETED')]);
    const asOf = async (minutes: number) => (await get(`/v1/tokens/t1?asOf=${at(minutes).toISOString()}`)).body;
    expect((await asOf(-1)).status).toBe(404);
    expect((await asOf(0)).status).toBe('INACTIVE');
    expect((await asOf(9)).status).toBe('ACTIVE');
    expect((await asOf(99)).status).toBe('DELETED');
  });

  it('follows a merge as of a time only once it had been recorded', async () => {
    await db.tokens.insertMany([token('young', { mergedInto: 'old' }), token('old')]);
    await db.timeline.insertMany([
      entry('a', 'young', 0, { event: 'TokenChanged', state: token('young', { wallet: 'Y' }) }),
      entry('b', 'young', 5, { event: 'TokenMerged', intoTokenId: 'old' }),
      entry('c', 'old', 1, { event: 'TokenChanged', state: token('old', { wallet: 'O' }) }),
    ]);
    const asOf = async (minutes: number) => (await get(`/v1/tokens/young?asOf=${at(minutes).toISOString()}`)).body;
    expect((await asOf(4)).tokenId).toBe('young');
    expect((await asOf(6)).tokenId).toBe('old');
  });
});

describe('GET /v1/tokens', () => {
  it('finds a token by any of its names, in whatever spelling a source uses', async () => {
    await db.tokens.insertOne(
      token('t1', {
        aliases: [
          { kind: 'threddPaymentTokenId', value: '70000001' },
          { kind: 'tokenUniqueReference', value: 'DMDES:1:2' },
        ],
      }),
    );
    for (const alias of [
      'threddPaymentTokenId:70000001',
      'threddPaymentTokenId:0070000001',
      'tokenUniqueReference:DMDES:1:2',
      'tokenReferenceId:DMDES:1:2',
    ]) {
      expect(ids((await get(`/v1/tokens?alias=${encodeURIComponent(alias)}`)).body), alias).toEqual(['t1']);
    }
    expect((await get('/v1/tokens?alias=threddPaymentTokenId:0')).body).toEqual({ items: [] });
    expect((await get('/v1/tokens?alias=correlationId:70000001')).body).toEqual({ items: [] });
  });

  it('answers a merged name with the survivor, once', async () => {
    const aliases = [{ kind: 'correlationId', value: 'c1' }];
    await db.tokens.insertMany([token('young', { aliases, mergedInto: 'old' }), token('old', { aliases })]);
    expect(ids((await get('/v1/tokens?alias=correlationId:c1')).body)).toEqual(['old']);
  });

  it('filters by each field, and lists no merged token', async () => {
    await db.tokens.insertMany([
      token('t1'),
      token('t2', {
        network: 'VTS',
        status: 'SUSPENDED',
        wallet: 'GOOGLE',
        tokenType: 'HCE',
        card: { ref: 'c2' },
        device: { id: 'd2' },
        provisioning: { path: 'YELLOW', requestedAt: at(60) },
      }),
      token('t3', { status: 'SUSPENDED', mergedInto: 't2' }),
    ]);
    for (const filter of [
      'network=VTS',
      'status=SUSPENDED',
      'wallet=GOOGLE',
      'tokenType=HCE',
      'cardRef=c2',
      'deviceId=d2',
      'path=YELLOW',
      `requestedFrom=${at(60).toISOString()}`,
      'network=VTS&path=YELLOW&limit=500',
    ]) {
      expect(ids((await get(`/v1/tokens?${filter}`)).body), filter).toEqual(['t2']);
    }
    expect(ids((await get(`/v1/tokens?requestedTo=${at(60).toISOString()}`)).body)).toEqual(['t1']);
    expect(ids((await get('/v1/tokens')).body)).toEqual(['t2', 't1']);
  });

  const sorts = ['requestedAt', '-requestedAt', 'updatedAt', '-updatedAt'] as const;

  it.each(sorts)(
    'pages by %s through every token once, those without a request and those of one instant too',
    async (sort) => {
      await db.tokens.insertMany(
        Array.from({ length: 23 }, (_, i) =>
          token(`t${String(i).padStart(2, '0')}`, {
            provisioning: i % 4 === 0 ? {} : { requestedAt: at(i % 3) },
            updatedAt: at(i % 5),
          }),
        ),
      );
      const seen: string[] = [];
      let cursor = '';
      do {
        const { status, body } = await get(`/v1/tokens?limit=4&sort=${sort}${cursor}`);
        expect(status).toBe(200);
        seen.push(...ids(body));
        cursor = body.nextCursor === undefined ? '' : `&cursor=${body.nextCursor}`;
      } while (cursor !== '');
      expect(new Set(seen).size).toBe(23);
      expect(seen).toHaveLength(23);
      expect(seen).toEqual(ids((await get(`/v1/tokens?limit=500&sort=${sort}`)).body));
      const backwards = sort.startsWith('-') ? sort.slice(1) : `-${sort}`;
      expect(ids((await get(`/v1/tokens?limit=500&sort=${backwards}`)).body)).toEqual([...seen].reverse());
    },
  );

  it('neither repeats nor hides a token while others are inserted between two pages', async () => {
    const early = Array.from({ length: 20 }, (_, i) => token(`t${i}`, { provisioning: { requestedAt: at(i * 2) } }));
    await db.tokens.insertMany(early);
    const seen: string[] = [];
    let cursor = '';
    for (let inserted = 0; ; inserted++) {
      const { body } = await get(`/v1/tokens?limit=3${cursor}`);
      seen.push(...ids(body));
      if (body.nextCursor === undefined) break;
      cursor = `&cursor=${body.nextCursor}`;
      await db.tokens.insertMany([
        token(`new-first-${inserted}`, { provisioning: { requestedAt: at(1_000 + inserted) } }),
        token(`new-between-${inserted}`, { provisioning: { requestedAt: at(inserted * 5 + 1) } }),
      ]);
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(early.map((t) => t._id).filter((id) => !seen.includes(id))).toEqual([]);
  });

  it('uses an index for every sort', async () => {
    for (const sort of [
      { 'provisioning.requestedAt': -1, _id: 1 },
      { updatedAt: 1, _id: -1 },
    ] as const) {
      const plan = await db.tokens
        .find({ mergedInto: { $exists: false } })
        .sort(sort)
        .limit(3)
        .explain('queryPlanner');
      expect(JSON.stringify(plan.queryPlanner.winningPlan)).not.toContain('"stage":"SORT"');
    }
  });
});

describe('a bad parameter', () => {
  it.each([
    ['/v1/tokens?stauts=ACTIVE', 'stauts', 'is not a parameter of this request'],
    ['/v1/tokens?status=DEAD', 'status', 'must be one of INACTIVE, ACTIVE, SUSPENDED, DELETED'],
    ['/v1/tokens?limit=0', 'limit', 'must be >= 1'],
    ['/v1/tokens?limit=501', 'limit', 'must be <= 500'],
    ['/v1/tokens?limit=x', 'limit', 'must be integer'],
    ['/v1/tokens?sort=name', 'sort', 'must be one of -requestedAt, requestedAt, -updatedAt, updatedAt'],
    ['/v1/tokens?cursor=x', 'cursor', 'is not a cursor this door gave out'],
    ['/v1/tokens?requestedFrom=soon', 'requestedFrom', expect.stringContaining('ISO 8601')],
    ['/v1/tokens?alias=70000001', 'alias', expect.stringContaining('<kind>:<value>')],
    ['/v1/tokens?wallet=A&wallet=B', 'wallet', 'must be string'],
    ['/v1/tokens/t1?asOf=soon', 'asOf', expect.stringContaining('ISO 8601')],
    ['/v1/tokens/t1/timeline?x=1', 'x', 'is not a parameter of this request'],
    ['/v1/notices?state=GONE', 'state', expect.stringContaining('must be one of PENDING')],
    ['/v1/dead-letters?since=soon', 'since', expect.stringContaining('ISO 8601')],
    ['/v1/reports/funnel?by=colour', 'by', expect.stringContaining('network, wallet, path, day')],
    ['/v1/reports/funnel?by=day,day', 'by', expect.stringContaining('each once')],
    ['/v1/reports/completion-notices?to=soon', 'to', expect.stringContaining('ISO 8601')],
    ['/v1/summary?x=1', 'x', 'is not a parameter of this request'],
  ])('is answered 400 and named: %s', async (url, path, message) => {
    const { status, headers, body } = await get(url);
    expect(status).toBe(400);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(body).toMatchObject({ type: 'urn:tokenline:problem:parameters-invalid', status: 400 });
    expect(body.errors).toEqual([{ path, message }]);
  });

  it('does not let a cursor of one sort or list serve another', async () => {
    await db.tokens.insertMany([token('t1'), token('t2')]);
    const { body } = await get('/v1/tokens?limit=1');
    for (const url of ['/v1/tokens?sort=requestedAt&', '/v1/notices?', '/v1/dead-letters?']) {
      const refused = await get(`${url}cursor=${body.nextCursor}`);
      expect(refused.body.errors, url).toEqual([
        { path: 'cursor', message: 'belongs to another list or another sort' },
      ]);
    }
  });
});

describe('an address that is none', () => {
  it.each(['/', '/v1/cards', '/v1/tokens/t1/history'])('is answered 404 problem+json: %s', async (url) => {
    const { status, headers, body } = await get(url);
    expect(status).toBe(404);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(body.type).toBe('urn:tokenline:problem:route-not-found');
  });

  it('is answered 400 problem+json when it is no URL at all', async () => {
    const { status, body } = await get('/v1/tokens/%zz');
    expect(status).toBe(400);
    expect(body.type).toBe('urn:tokenline:problem:http-400');
  });
});

describe('GET /v1/tokens/{tokenId}/timeline', () => {
  it('lists what happened, oldest first, ignored and late facts with their reason, merged tokens included', async () => {
    await db.tokens.insertMany([token('old'), token('young', { mergedInto: 'old' })]);
    await db.timeline.insertMany([
      entry('e4', 'old', 9, { event: 'FactIgnored', reason: 'ILLEGAL', explanation: 'A deleted token stays deleted.' }),
      entry('e3', 'old', 5, { event: 'ProvisioningCompleted', cause: { partition: 0, offset: 7 }, offset: 12 }),
      entry('e2', 'old', 5, {
        event: 'TokenChanged',
        cause: { partition: 0, offset: 7 },
        offset: 11,
        late: true,
        changes: [{ field: 'status', to: 'ACTIVE' }],
        state: token('old'),
      }),
      entry('e1', 'young', 1, { reasonCode: '3700' }),
      entry('e5', 'old', 20, {
        event: 'DeadlinePassed',
        deadline: { purpose: 'TOKEN_UNUSED', since: at(5), dueAt: at(20) },
      }),
      entry('x', 'other', 0),
    ]);
    const { body } = await get('/v1/tokens/old/timeline');
    expect(body.items.map((item: { eventId: string }) => item.eventId)).toEqual(['e1', 'e2', 'e3', 'e4', 'e5']);
    expect(body.items[1]).toEqual({
      at: at(5).toISOString(),
      recordedAt: at(5).toISOString(),
      event: 'TokenChanged',
      tokenId: 'old',
      factId: 'fact-e2',
      factKind: 'NOTED',
      source: 'thredd-ehi',
      actor: 'NETWORK',
      version: 1,
      late: true,
      changes: [{ field: 'status', to: 'ACTIVE' }],
      eventId: 'e2',
    });
    expect(body.items[3]).toMatchObject({ reason: 'ILLEGAL', explanation: 'A deleted token stays deleted.' });

    expect(body.items[4].deadline).toEqual({
      purpose: 'TOKEN_UNUSED',
      since: '2026-11-01T12:05:00.000Z',
      dueAt: '2026-11-01T12:20:00.000Z',
    });

    const asked = await get('/v1/tokens/young/timeline');
    expect(asked.body).toEqual(body);
    expect(asked.headers['content-location']).toBe('/v1/tokens/old/timeline');
  });

  it('is empty for a token without entries, 404 for an id nobody has', async () => {
    await db.tokens.insertOne(token('t1'));
    expect((await get('/v1/tokens/t1/timeline')).body).toEqual({ items: [] });
    expect((await get('/v1/tokens/nobody/timeline')).status).toBe(404);
  });
});

describe('GET /v1/notices', () => {
  it("answers the contract's Notice, outcome null while undecided, and tells no contact and no subject", async () => {
    await db.notices.insertMany([
      notice('n1'),
      notice('n2', { state: 'PENDING', outcome: null, attempts: [], dueAt: at(1) }),
    ]);
    const { body } = await get('/v1/notices');
    expect(body.items[1]).toEqual({
      noticeId: 'n1',
      tokenId: 't1',
      kind: 'PROVISIONING_COMPLETED',
      state: 'DELIVERED',
      dueAt: at(0).toISOString(),
      deadlineAt: at(30).toISOString(),
      sentAt: at(1).toISOString(),
      outcome: 'MET',
      channel: 'outbox',
      attempts: [{ at: at(1).toISOString(), channel: 'outbox', outcome: 'DELIVERED' }],
      causeEventId: 'e1',
    });
    expect(body.items[0]).toMatchObject({ noticeId: 'n2', outcome: null });
    expect(JSON.stringify(body)).not.toContain('secret-to-no-one');
  });

  it('shows the policy applied, what it said, the alarms, and why a notice was called off', async () => {
    const quietHours = { from: '22:00', to: '07:00', zone: 'Europe/London' };
    const terms = { ...usualTerms('PROVISIONING_COMPLETED'), channels: ['push', 'sms'], quietHours };
    const alarms = [{ after: 600_000, at: at(10) }];
    await db.notices.insertOne(
      notice('n1', { state: 'CANCELLED', reason: 'stale', policy: 'ours-1/gold', terms, alarms }),
    );
    expect((await get('/v1/notices')).body.items[0]).toMatchObject({
      reason: 'stale',
      policy: 'ours-1/gold',
      terms: {
        deadline: '30m',
        staleAfter: '1d',
        channels: ['push', 'sms'],
        quietHours,
        escalate: { failures: 5, after: '10m' },
        alarms: ['10m', '20m'],
      },
      alarms: [{ after: '10m', at: at(10).toISOString() }],
    });
  });

  it('filters and pages', async () => {
    await db.tokens.insertMany([token('t1'), token('young', { mergedInto: 't1' })]);
    await db.notices.insertMany([
      ...Array.from({ length: 5 }, (_, i) => notice(`n${i}`, { dueAt: at(i % 2) })),
      notice('of-young', { tokenId: 'young', kind: 'TOKEN_DELETED', state: 'FAILED' }),
      notice('other', { tokenId: 't9', state: 'PENDING', outcome: null }),
    ]);
    const noticeIds = async (query: string) =>
      (await get(`/v1/notices?${query}`)).body.items.map((n: { noticeId: string }) => n.noticeId);
    expect(await noticeIds('tokenId=t1')).toHaveLength(6);
    expect(await noticeIds('kind=TOKEN_DELETED')).toEqual(['of-young']);
    expect(await noticeIds('state=PENDING')).toEqual(['other']);
    const first = (await get('/v1/notices?limit=4')).body;
    const second = (await get(`/v1/notices?limit=4&cursor=${first.nextCursor}`)).body;
    expect(second).not.toHaveProperty('nextCursor');
    expect(new Set([...first.items, ...second.items].map((n) => n.noticeId)).size).toBe(7);
  });
});

describe('GET /v1/dead-letters', () => {
  it('lists them without the sealed original, filtered and paged', async () => {
    await db.deadLetters.insertMany([
      letter('d1'),
      letter('d2', { reasonCode: 'UNKNOWN_CREATOR', failedAt: at(5) }),
      letter('d3', { source: 'facts', state: 'REDRIVEN', redrivenAt: at(9), failedAt: at(7) }),
    ]);
    const { body } = await get('/v1/dead-letters');
    expect(body.items.map((d: { deadLetterId: string }) => d.deadLetterId)).toEqual(['d3', 'd2', 'd1']);
    expect(body.items[2]).toEqual({
      deadLetterId: 'd1',
      stage: 'EDGE',
      source: 'thredd-ehi',
      operation: 'GetTransaction',
      reasonCode: 'FIELD_INVALID',
      explanation: 'A date is none.',
      errors: [{ path: 'Txn_GPS_Date', message: 'is not a date' }],
      receivedAt: at(0).toISOString(),
      failedAt: at(0).toISOString(),
      occurrences: 2,
      state: 'OPEN',
    });
    const some = async (query: string) =>
      (await get(`/v1/dead-letters?${query}`)).body.items.map((d: { deadLetterId: string }) => d.deadLetterId);
    expect(await some('reasonCode=UNKNOWN_CREATOR')).toEqual(['d2']);
    expect(await some('source=facts')).toEqual(['d3']);
    expect(await some('state=OPEN')).toEqual(['d2', 'd1']);
    expect(await some(`since=${at(5).toISOString()}`)).toEqual(['d3', 'd2']);
    const { nextCursor } = (await get('/v1/dead-letters?limit=2')).body;
    expect(await some(`limit=2&cursor=${nextCursor}`)).toEqual(['d1']);
  });

  it('shows one with its original, still sealed', async () => {
    await db.deadLetters.insertOne(letter('d1'));
    expect((await get('/v1/dead-letters/d1')).body).toMatchObject({
      original: 'a.b.c.d.e',
      headers: { 'user-agent': 'tsp' },
    });
    expect((await get('/v1/dead-letters/d9')).body).toMatchObject({ status: 404 });
  });
});

describe('GET /v1/reports/funnel', () => {
  const provisioned = (i: number, seconds: number, more: Partial<TokenDoc> = {}) =>
    token(`t${i}`, {
      wallet: 'APPLE',
      provisioning: {
        outcome: 'COMPLETED',
        path: 'GREEN',
        requestedAt: at(0),
        onDeviceAt: at(0),
        completedAt: new Date(noon + seconds * 1000),
      },
      ...more,
    });

  it('counts how far provisionings came, as a whole and by what is asked', async () => {
    await db.tokens.insertMany([
      provisioned(1, 1),
      provisioned(2, 2),
      provisioned(3, 3, { mergedInto: 't1' }),
      token('t4', { network: 'VTS', provisioning: { outcome: 'DECLINED', path: 'RED', requestedAt: at(1) } }),
      token('t5', { network: 'VTS', provisioning: { outcome: 'ABANDONED', path: 'YELLOW', requestedAt: at(24 * 60) } }),
      token('t6', { provisioning: {} }),
    ]);
    const { body } = await get('/v1/reports/funnel?by=network,day');
    const none = {
      requested: 0,
      approved: 0,
      stepUp: 0,
      declined: 0,
      onDevice: 0,
      completed: 0,
      failed: 0,
      abandoned: 0,
    };
    expect(body.total).toEqual({
      ...none,
      requested: 4,
      approved: 2,
      stepUp: 1,
      declined: 1,
      onDevice: 2,
      completed: 2,
      abandoned: 1,
      timeToComplete: { medianMs: 1500, p95Ms: 2000 },
    });
    expect(body.items).toEqual([
      {
        ...none,
        network: 'MDES',
        day: '2026-11-01',
        requested: 2,
        approved: 2,
        onDevice: 2,
        completed: 2,
        timeToComplete: { medianMs: 1500, p95Ms: 2000 },
      },
      { ...none, network: 'VTS', day: '2026-11-01', requested: 1, declined: 1 },
      { ...none, network: 'VTS', day: '2026-11-02', requested: 1, stepUp: 1, abandoned: 1 },
    ]);
    const later = (await get('/v1/reports/funnel?from=2026-11-02&to=2026-11-03&by=wallet')).body;
    expect([later.total.requested, later.items.length]).toEqual([1, 1]);
    expect(later.items[0]).not.toHaveProperty('wallet');
    expect((await get('/v1/reports/funnel?from=2027-01-01')).body).toEqual({ by: [], total: none, items: [] });
  });

  it.each([1, 2, 19, 20, 21, 100])('gives the exact median and nearest-rank p95 of %i durations', async (n) => {
    const seconds = Array.from({ length: n }, (_, i) => ((i * 7919) % n) + 1);
    await db.tokens.insertMany(seconds.map((s, i) => provisioned(i, s)));
    const { timeToComplete } = (await get('/v1/reports/funnel')).body.total;
    const sorted = [...seconds].sort((a, b) => a - b);
    const rank = (r: number) => (sorted[r - 1] as number) * 1000;
    expect(timeToComplete).toEqual({
      medianMs: (rank(Math.floor((n + 1) / 2)) + rank(Math.ceil((n + 1) / 2))) / 2,
      p95Ms: rank(Math.ceil((n * 95) / 100)),
    });
  });
});

describe('GET /v1/reports/completion-notices', () => {
  it('counts notices by what became of their deadline and times them', async () => {
    await db.notices.insertMany([
      notice('n1'),
      notice('n2', { sentAt: at(3) }),
      notice('n3', { outcome: 'BREACHED', sentAt: at(40), subject: { wallet: 'GOOGLE', network: 'VTS' } }),
      (({ sentAt: _, ...rest }) => rest)(notice('n4', { state: 'PENDING', outcome: null })),
      (({ sentAt: _, ...rest }) => rest)(notice('n5', { state: 'CANCELLED', outcome: null })),
      notice('n6', { kind: 'TOKEN_DELETED' }),
    ]);
    const { body } = await get('/v1/reports/completion-notices?by=wallet,network');
    expect(body.total).toEqual({
      met: 2,
      breached: 1,
      pending: 1,
      cancelled: 1,
      entries: '/v1/notices?kind=PROVISIONING_COMPLETED',
      timeToNotify: { medianMs: 3 * minute, p99Ms: 40 * minute },
    });
    expect(body.items.map((row: { wallet: string; met: number }) => [row.wallet, row.met])).toEqual([
      ['APPLE', 2],
      ['GOOGLE', 0],
    ]);
    expect((await get('/v1/reports/completion-notices?from=2026-11-02')).body.total.met).toBe(0);
  });

  it('leads from each row to its ledger entries, and from these to where their cause lies in the log', async () => {
    await db.notices.insertMany([
      notice('n1', { causeEventId: 'token.facts-3-42-1' }),
      notice('n2', { subject: { network: 'VTS' } }),
      notice('n3', { createdAt: new Date(at(0).getTime() + 86_400_000) }),
      notice('n4', { kind: 'TOKEN_DELETED' }),
    ]);
    const query = 'by=wallet,network,day&from=2026-11-01T00:00:00Z';
    const { items } = (await get(`/v1/reports/completion-notices?${query}`)).body;
    const found = [];
    for (const { entries, met } of items) {
      const page = (await get(entries)).body;
      expect(page.items).toHaveLength(met);
      found.push(page.items.map(({ noticeId }: { noticeId: string }) => noticeId));
    }
    expect(found.flat().sort()).toEqual(['n1', 'n2', 'n3']);
    expect(found).toHaveLength(3);
    const [first] = (await get('/v1/notices?wallet=APPLE&outcome=MET&to=2026-11-02')).body.items;
    expect(first).toMatchObject({ noticeId: 'n1', cause: { topic: 'token.facts', partition: 3, offset: 42 } });
    expect((await get('/v1/notices?outcome=BREACHED')).body.items).toEqual([]);
  });
});

describe('GET /v1/summary', () => {
  it('counts what there is', async () => {
    await db.tokens.insertMany([token('t1'), token('t2', { status: 'DELETED' }), token('t3', { mergedInto: 't1' })]);
    await db.notices.insertMany([notice('n1'), notice('n2', { state: 'PENDING', outcome: null })]);
    const { deadlineAt: _deadlineAt, ...unbound } = notice('n3', { kind: 'TOKEN_DELETED', outcome: null });
    await db.notices.insertOne(unbound);
    await db.deadLetters.insertMany([
      letter('d1', { source: 'canonical' }),
      letter('d2', { source: 'canonical', state: 'REDRIVEN' }),
      letter('d3', { source: 'thredd-ehi', reasonCode: 'NOT_JSON' }),
    ]);
    expect((await get('/v1/summary')).body).toEqual({
      tokens: { total: 2, byStatus: { ACTIVE: 1, DELETED: 1 } },
      notices: { total: 3, byState: { DELIVERED: 2, PENDING: 1 }, byOutcome: { MET: 1, UNDECIDED: 1, NONE: 1 } },
      deadLetters: {
        total: 3,
        open: 2,
        bySource: [
          { source: 'canonical', stage: 'EDGE', reasonCode: 'FIELD_INVALID', open: 1, redriven: 1 },
          { source: 'thredd-ehi', stage: 'EDGE', reasonCode: 'NOT_JSON', open: 1, redriven: 0 },
        ],
      },
    });
  });

  it('counts nothing in an empty database', async () => {
    expect((await get('/v1/summary')).body.tokens).toEqual({ total: 0, byStatus: {} });
  });
});

describe('the door', () => {
  it('shows its description and a page to browse it that loads nothing from elsewhere', async () => {
    expect((await get('/openapi.json')).body.openapi).toBe('3.1.0');
    const docs = await app.inject({ url: '/docs/' });
    expect(docs.statusCode).toBe(200);
    expect(docs.headers['content-security-policy']).toContain("default-src 'self'");
    expect(docs.headers['content-security-policy']).not.toMatch(/https?:|\w\.\w/);
    expect(docs.body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    const [, script] = /src="([^"]*swagger-ui-bundle\.js)"/.exec(docs.body) as RegExpExecArray;
    const bundle = await app.inject({ url: new URL(script as string, 'http://x/docs/').pathname });
    expect(bundle.statusCode).toBe(200);
  });

  it('asks for credentials in production, for addresses that are none too, and not for its description', async () => {
    const log = createLogger('query', 'silent');
    const senders = readSenders({ apiKeys: 'console=0123456789abcdef' }, []);
    const config = { mode: 'production', senders } as const;
    const closed = await createApp({ config, live: async () => db, metrics: new Registry(), log });
    const status = async (url: string, headers = {}) => (await closed.inject({ url, headers })).statusCode;
    expect(await status('/v1/tokens')).toBe(401);
    expect(await status('/v1/nowhere')).toBe(401);
    expect(await status('/v1/tokens', { 'x-api-key': 'wrong' })).toBe(403);
    expect(await status('/v1/tokens', { authorization: 'Bearer 0123456789abcdef' })).toBe(200);
    expect(await status('/openapi.json')).toBe(200);
    await closed.close();
  });

  it('answers 503 with Retry-After while MongoDB is away, and 500 without internals for anything else', async () => {
    const failing = async (error: Error) => {
      const read = new Proxy(db, {
        get: () => ({
          findOne: () => Promise.reject(error),
          aggregate: () => ({ toArray: () => Promise.reject(error) }),
        }),
      });
      const log = createLogger('query', 'silent');
      const live = async () => read;
      const broken = await createApp({ config: { mode: 'local', senders: [] }, live, metrics: new Registry(), log });
      const response = await broken.inject({ url: '/v1/tokens/t1' });
      await broken.close();
      return response;
    };
    const away = await failing(
      Object.assign(new Error('no server at 10.0.0.1'), { name: 'MongoServerSelectionError' }),
    );
    expect([away.statusCode, away.headers['retry-after']]).toEqual([503, '5']);
    const bug = await failing(new TypeError('inside knowledge'));
    expect(bug.statusCode).toBe(500);
    for (const { body } of [away, bug]) expect(body).not.toMatch(/10\.0\.0\.1|inside knowledge|stack/);
  });
});
