/** The read models end equal however often, and in whatever pieces, the log is applied: on a real MongoDB. */
import { randomUUID } from 'node:crypto';
import { type Collections, collections, connectStore, deployStore, type Store } from '@tokenline/store';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DeadLetterRecord } from './dead-letters.js';
import { changed, deadLetter, ignored, merged, noon, redriven, state } from './sample-events.js';
import { changedOperation, type LifecycleEvent, tokenDocument } from './tokens.js';
import { eventWriter, type Placed, writeDeadLetters } from './write.js';

let store: Store;
let db: Collections;

beforeAll(async () => {
  store = await connectStore(process.env.TOKENLINE_MONGODB_URI as string, `write-${randomUUID().slice(0, 8)}`);
  await deployStore(store);
  db = collections(store.db);
});

afterAll(async () => {
  await store.db.dropDatabase();
  await store.close();
});

beforeEach(() => clear());

async function clear(): Promise<void> {
  await Promise.all([db.tokens.deleteMany({}), db.timeline.deleteMany({}), db.deadLetters.deleteMany({})]);
}

function placed<R>(records: readonly R[], from = 0): readonly Placed<R>[] {
  return records.map((record, i) => ({ record, position: { partition: 0, offset: from + i } }));
}

async function contents() {
  return {
    tokens: await db.tokens.find().sort({ _id: 1 }).toArray(),
    timeline: await db.timeline.find().sort({ _id: 1 }).toArray(),
    deadLetters: await db.deadLetters.find().sort({ _id: 1 }).toArray(),
  };
}

/** A lot of one portion. */
function writeEvents(into: Collections, events: readonly Placed<LifecycleEvent>[]): Promise<void> {
  return eventWriter(into)(events, true);
}

describe('the guarded upsert', () => {
  const upsert = (...doc: Parameters<typeof state>) =>
    db.tokens.bulkWrite([changedOperation(tokenDocument(state(...doc)))], { ordered: false });

  it('writes what is not there or stands lower, and changes nothing where it stands as high or higher', async () => {
    await upsert('t1', 2, { wallet: 'APPLE' });
    const second = await db.tokens.findOne({ _id: 't1' });
    expect(second).toMatchObject({ version: 2, status: 'ACTIVE', wallet: 'APPLE' });
    for (const version of [2, 1])
      expect(await upsert('t1', version, { status: 'SUSPENDED' })).toMatchObject({
        modifiedCount: 0,
        upsertedCount: 0,
      });
    expect(await db.tokens.findOne({ _id: 't1' })).toEqual(second);
    expect(await upsert('t1', 3, { status: 'DELETED' })).toMatchObject({ modifiedCount: 1 });
    const { wallet: _, ...rest } = second as NonNullable<typeof second>;
    expect(await db.tokens.findOne({ _id: 't1' })).toEqual({
      ...rest,
      status: 'DELETED',
      version: 3,
      updatedAt: new Date(noon + 3),
    });
  });

  it('leaves the merge where the state has none, and takes the one it has', async () => {
    await upsert('t1', 1);
    await db.tokens.updateOne({ _id: 't1' }, { $set: { mergedInto: 't0' } });
    await upsert('t1', 2);
    expect(await db.tokens.findOne({ _id: 't1' })).toMatchObject({ version: 2, mergedInto: 't0' });
    await upsert('t1', 3, { mergedInto: 't9' });
    expect(await db.tokens.findOne({ _id: 't1' })).toMatchObject({ version: 3, mergedInto: 't9' });
  });

  it('takes values that look like expressions as they are', async () => {
    await upsert('t1', 1);
    await upsert('t1', 2, { wallet: '$version', device: { name: '$$ROOT' } });
    expect(await db.tokens.findOne({ _id: 't1' })).toMatchObject({ wallet: '$version', device: { name: '$$ROOT' } });
  });

  it('never loses the highest version when writers insert one token at once', async () => {
    const versions = [3, 8, 1, 6, 2, 7, 5, 4];
    for (let round = 0; round < 120; round++) {
      await Promise.all(versions.map((version) => writeEvents(db, placed([changed(`race-${round}`, version)]))));
    }
    expect(await db.tokens.countDocuments()).toBe(120);
    expect(await db.tokens.countDocuments({ version: { $ne: 8 } })).toBe(0);
  });
});

describe('a lot in portions', () => {
  it('writes each token once, with its last portion, and its entries as they come', async () => {
    const write = eventWriter(db);
    await write(placed([changed('t1', 1), changed('t2', 5)]), false);
    expect(await db.tokens.countDocuments()).toBe(0);
    expect(await db.timeline.countDocuments()).toBe(2);
    await write(placed([changed('t1', 2, { status: 'DELETED' })], 2), true);
    const found = await db.tokens.find().sort({ _id: 1 }).toArray();
    expect(found.map((t) => [t._id, t.version, t.status])).toEqual([
      ['t1', 2, 'DELETED'],
      ['t2', 5, 'ACTIVE'],
    ]);
    expect(await db.timeline.countDocuments()).toBe(3);
  });
});

describe('writeEvents', () => {
  it('stores dates, leaves absent values out and drops a field the newer state lacks', async () => {
    await writeEvents(db, placed([changed('t1', 1, { wallet: 'APPLE', device: { name: 'Phone' } })]));
    await writeEvents(db, placed([changed('t1', 2)], 1));
    const doc = await db.tokens.findOne({ _id: 't1' });
    expect(doc?.provisioning.requestedAt).toEqual(new Date(noon));
    expect(doc).not.toHaveProperty('wallet');
    expect(doc).not.toHaveProperty('device');
    expect(doc).not.toHaveProperty('mergedInto');
  });

  it('changes nothing when a batch comes twice, or an old one comes after a new one', async () => {
    const first = placed([changed('t1', 1), ignored('t1', 1, 'x'), changed('t2', 1)]);
    const second = placed([changed('t1', 2, { status: 'DELETED' }), merged('t2', 't1', 1)], 3);
    await writeEvents(db, first);
    await writeEvents(db, second);
    const before = await contents();
    for (const batch of [first, second, second, first]) await writeEvents(db, batch);
    expect(await contents()).toEqual(before);
    expect(before.tokens.map((t) => [t._id, t.status, t.mergedInto])).toEqual([
      ['t1', 'DELETED', undefined],
      ['t2', 'ACTIVE', 't1'],
    ]);
    expect(before.timeline).toHaveLength(5);
  });

  it('makes a merged token known even when it never had a state, and a state still finds its place under it', async () => {
    await writeEvents(db, placed([merged('t2', 't1', 1)]));
    expect(await db.tokens.findOne({ _id: 't2' })).toMatchObject({ mergedInto: 't1', version: 0 });
    await writeEvents(db, placed([changed('t2', 1)], 1));
    expect(await db.tokens.findOne({ _id: 't2' })).toMatchObject({ mergedInto: 't1', version: 1, status: 'ACTIVE' });
  });

  it('takes an empty batch', async () => {
    await expect(writeEvents(db, [])).resolves.toBeUndefined();
    await expect(writeDeadLetters(db, [])).resolves.toBeUndefined();
  });
});

describe('writeDeadLetters', () => {
  const doc = () => db.deadLetters.findOne({ _id: 'd1' });

  it('counts each failure once by its place in the log', async () => {
    const batch = placed([deadLetter('d1', noon), deadLetter('d1', noon + 1_000)], 7);
    await writeDeadLetters(db, batch);
    await writeDeadLetters(db, batch);
    expect(await doc()).toMatchObject({ state: 'OPEN', occurrences: ['0:7', '0:8'], failedAt: new Date(noon + 1_000) });
  });

  it('keeps a watermark for each partition a letter is written about in', async () => {
    const failure = (partition: number, offset: number) => ({
      record: deadLetter('d1', noon),
      position: { partition, offset },
    });
    await writeDeadLetters(db, [failure(4, 900)]);
    await writeDeadLetters(db, [failure(2, 5)]);
    await writeDeadLetters(db, [failure(4, 900), failure(4, 901)]);
    expect((await doc())?.occurrences).toEqual(['4:900', '2:5', '4:901']);
  });

  it('closes on an accepted redrive and opens again when the message fails again', async () => {
    await writeDeadLetters(db, placed([deadLetter('d1', noon), redriven('d1', noon + 5, true)]));
    expect(await doc()).toMatchObject({ state: 'REDRIVEN', redrivenAt: new Date(noon + 5) });
    await writeDeadLetters(db, placed([deadLetter('d1', noon + 9)], 2));
    expect(await doc()).toMatchObject({ state: 'OPEN', redrivenAt: new Date(noon + 5) });
  });

  it('stays open on a refused redrive and says why', async () => {
    await writeDeadLetters(db, placed([deadLetter('d1', noon), redriven('d1', noon + 5, false)]));
    expect(await doc()).toMatchObject({ state: 'OPEN', redriveReason: 'FIELD_INVALID' });
  });

  it('stays open when the redrive is recorded after the failure it led to', async () => {
    await writeDeadLetters(
      db,
      placed([deadLetter('d1', noon), deadLetter('d1', noon + 9), redriven('d1', noon + 5, true)]),
    );
    expect(await doc()).toMatchObject({ state: 'OPEN' });
  });
});

const tokens = ['a', 'b', 'c'];
const status = fc.constantFrom('ACTIVE' as const, 'SUSPENDED' as const, 'DELETED' as const);

/** A log as lifecycle writes it: versions of one token rise without gaps; ignored facts and merges lie between. */
const lifecycleLog: fc.Arbitrary<readonly LifecycleEvent[]> = fc
  .array(
    fc.record({ token: fc.constantFrom(...tokens), what: fc.constantFrom('changed', 'ignored', 'merged'), status }),
    {
      minLength: 1,
      maxLength: 14,
    },
  )
  .map((steps) => {
    const version = new Map<string, number>();
    return steps.map(({ token, what, status }, i) => {
      const now = version.get(token) ?? 0;
      if (what === 'ignored') return ignored(token, now, `ignored-${i}`);
      if (what === 'merged') return merged(token, 'z', now);
      version.set(token, now + 1);
      return changed(token, now + 1, { status, ...(status === 'ACTIVE' && { wallet: 'APPLE' }) });
    });
  });

const letterLog: fc.Arbitrary<readonly DeadLetterRecord[]> = fc.array(
  fc
    .record({ id: fc.constantFrom('d1', 'd2'), at: fc.nat(20), what: fc.constantFrom('failed', 'accepted', 'refused') })
    .map(({ id, at, what }) =>
      what === 'failed' ? deadLetter(id, noon + at) : redriven(id, noon + at, what === 'accepted'),
    ),
  { minLength: 1, maxLength: 12 },
);

/** Batch sizes, and after each batch perhaps a step back to an offset already passed: what crashes and rebalances do. */
const course = fc.array(fc.record({ size: fc.integer({ min: 1, max: 6 }), back: fc.nat(14) }), { maxLength: 8 });
type Course = readonly { readonly size: number; readonly back: number }[];

async function along<R>(log: readonly R[], steps: Course, write: (batch: readonly Placed<R>[]) => Promise<void>) {
  const whole = placed(log);
  let at = 0;
  for (const { size, back } of steps) {
    await write(whole.slice(at, at + size));
    at = Math.max(0, Math.min(at + size, log.length) - back);
  }
  for (; at < log.length; at += 5) await write(whole.slice(at, at + 5));
}

/** Applied in any batches, with any steps back, and all of it again, a log leaves what it leaves applied once, record by record. */
function survivesReplays<R>(
  log: fc.Arbitrary<readonly R[]>,
  write: (into: Collections, batch: readonly Placed<R>[]) => Promise<void>,
): Promise<void> {
  return fc.assert(
    fc.asyncProperty(log, course, async (records, steps) => {
      await clear();
      for (const record of placed(records)) await write(db, [record]);
      const once = await contents();
      await clear();
      await along(records, steps, (batch) => write(db, batch));
      await along(records, steps, (batch) => write(db, batch));
      expect(await contents()).toEqual(once);
    }),
    { numRuns: 40 },
  );
}

describe('any replay', () => {
  it('of any part of token.lifecycle leaves the same tokens and timeline', () =>
    survivesReplays(lifecycleLog, writeEvents));

  it('of any part of token.dead-letters leaves the same dead letters', () =>
    survivesReplays(letterLog, writeDeadLetters));
});
