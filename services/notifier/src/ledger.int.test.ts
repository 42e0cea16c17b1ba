/** The ledger by itself, on a real MongoDB. */
import { decideCompletionNotice, type NoticeStep } from '@tokenline/domain';
import type { NoticeDoc } from '@tokenline/store';
import { describe, expect, it } from 'vitest';
import type { Opening, RecordedAttempt } from './entry.js';
import { completed, minute, notices, useStack } from './given.js';
import { createLedger, leaseMs } from './ledger.js';

useStack();

const at = Date.UTC(2030, 0, 15, 10);
const openings = (count: number): readonly Opening[] =>
  Array.from({ length: count }, (_, i) => {
    const decision = decideCompletionNotice(completed({ tokenId: `t-${i}`, completedAt: at }));
    if (decision.decided !== 'notice') throw new Error('A completion gives a notice.');
    return { entry: decision.entry };
  });
const opened = (found: readonly NoticeDoc[]) => found.map(({ _id }) => _id.replace('completion-', ''));
const inLedger = (doc: Pick<NoticeDoc, '_id'>) => notices().findOne({ _id: doc._id });
const delivered = { at: at + 5, channel: 'outbox', outcome: 'DELIVERED' } as const;
const deliveredStep = { state: 'DELIVERED', sentAt: at + 5, deliveredAt: at + 5, outcome: 'MET' } as const;

describe('opening', () => {
  it('claims as many of the new as there is room for, and none that stand', async () => {
    const one = createLedger(notices(), 'one');
    const other = createLedger(notices(), 'other');
    expect(await one.open(openings(2), at, 0)).toMatchObject({ added: 2, claimed: [], more: true });
    const { added, claimed, unpublished, more } = await one.open(openings(5), at, 3);
    expect([added, more, opened(claimed)]).toEqual([3, true, ['t-2']]);
    expect(opened(unpublished).sort()).toEqual(['t-0', 't-1', 't-2', 't-3', 't-4']);
    expect(opened((await other.claim(10, at)).claimed).sort()).toEqual(['t-0', 't-1', 't-3', 't-4']);
    expect((await other.open(openings(5), at, 10)).claimed).toEqual([]);
    expect(await inLedger(claimed[0] as NoticeDoc)).toEqual(claimed[0]);
  });

  it('leaves what nobody has claimed, or what its dead holder had, to others', async () => {
    const one = createLedger(notices(), 'one');
    const other = createLedger(notices(), 'other', () => ['one']);
    await one.open(openings(1), at, 1);
    expect((await one.claim(1, at)).claimed).toEqual([]);
    expect(opened((await other.claim(1, at)).claimed)).toEqual(['t-0']);
  });

  it('whose answer was lost gives its entries to the next that finds them, once', async () => {
    const collection = notices();
    let failure: 'unreached' | 'unanswered' | undefined = 'unanswered';
    const lossy = new Proxy(collection, {
      get: (target, name) => {
        const found = Reflect.get(target, name);
        if (name !== 'insertMany') return typeof found === 'function' ? found.bind(target) : found;
        return async (...given: Parameters<typeof target.insertMany>) => {
          if (failure === 'unreached') throw new Error(failure);
          const result = await target.insertMany(...given);
          if (failure === 'unanswered') throw new Error(failure);
          return result;
        };
      },
    });
    const one = createLedger(lossy, 'one');
    await expect(one.open(openings(3), at, 2)).rejects.toThrow('unanswered');
    failure = 'unreached';
    await expect(one.open(openings(3), at + 1, 2)).rejects.toThrow('unreached');
    failure = undefined;
    expect(opened((await one.open(openings(1), at + 2, 2)).claimed)).toEqual(['t-0']);
    const { claimed, unpublished } = await one.open(openings(3), at + 3, 2);
    expect(opened(claimed)).toEqual(['t-1']);
    expect(opened(unpublished).sort()).toEqual(['t-0', 't-1', 't-2']);
    expect((await one.open(openings(3), at + 4, 2)).claimed).toEqual([]);
  });
});

describe('a record', () => {
  const steps: readonly (readonly [RecordedAttempt, NoticeStep])[] = [
    [{ ...delivered, providerReference: '$file.txt' }, deliveredStep],
    [
      { at: at + 6, channel: 'sms', outcome: 'ACCEPTED' },
      { state: 'SENT', sentAt: at + 6, outcome: 'MET' },
    ],
    [
      { at: at + 7, channel: 'smtp', outcome: 'FAILED', reason: 'smtp-451' },
      { state: 'PENDING', nextAttemptAt: at + 5_000, outcome: null },
    ],
    [
      { at: at + 8, channel: 'none', outcome: 'FAILED', reason: 'no-contact' },
      { state: 'FAILED', reason: 'no-contact', outcome: null },
    ],
    [
      { at: at + 9, channel: 'none', outcome: 'FAILED', reason: 'used' },
      { state: 'CANCELLED', reason: 'used', outcome: null },
    ],
  ];

  it('gives the entry as it then stands in the ledger, of whatever comes together', async () => {
    const ledger = createLedger(notices(), 'one');
    const { claimed } = await ledger.open(openings(10), at, 5);
    const others = (await ledger.claim(10, at)).claimed;
    const known = claimed.map((doc) => ({ ...doc, published: true }));
    const kept = await Promise.all(
      [...known, ...others].map((doc, i) => ledger.record(doc, ...(steps[i % 5] as (typeof steps)[number]))),
    );
    for (const doc of kept) {
      expect(doc).toMatchObject({ attempts: [{}], receiptsOwed: {} });
      expect(await inLedger(doc as NoticeDoc)).toEqual(doc);
    }
    expect(kept.map((doc) => doc?.published)).toEqual([...Array(5).fill(true), ...Array(5).fill(false)]);
    await ledger.clearOwed(kept.slice(1) as NoticeDoc[]);
    expect(await notices().countDocuments({ receiptsOwed: { $exists: true } })).toBe(1);
  });

  it('that waits for its receipt when another is made asks for both', async () => {
    const ledger = createLedger(notices(), 'one');
    const [doc] = (await ledger.open(openings(1), at, 1)).claimed as [NoticeDoc];
    const [attempt, step] = steps[2] as (typeof steps)[number];
    await ledger.record(doc, attempt, step);
    const [again] = (await ledger.claim(1, at + minute)).claimed as [NoticeDoc];
    const kept = (await ledger.record(again, delivered, deliveredStep)) as NoticeDoc;
    expect(kept).toMatchObject({ state: 'DELIVERED', attempts: [{}, {}], receiptsOwed: { all: true } });
    expect(await inLedger(doc)).toEqual(kept);
  });

  it('of an entry that has gone to another counts for nothing, and leaves the others alone', async () => {
    const one = createLedger(notices(), 'one');
    const other = createLedger(notices(), 'other', () => ['one']);
    const { claimed } = await one.open(openings(3), at, 3);
    const [taken] = (await other.claim(1, at)).claimed as [NoticeDoc];
    const kept = await Promise.all(claimed.map((doc) => one.record(doc, delivered, deliveredStep)));
    expect(kept.filter((doc) => doc === undefined)).toHaveLength(1);
    expect(await inLedger(taken)).toEqual(taken);
  });

  it('of an entry whose deadline was decided meanwhile keeps that word', async () => {
    const ledger = createLedger(notices(), 'one');
    const [late, other] = (await ledger.open(openings(2), at, 2)).claimed as [NoticeDoc, NoticeDoc];
    await notices().updateOne({ _id: late._id }, { $set: { outcome: 'BREACHED' } });
    const kept = await Promise.all([late, other].map((doc) => ledger.record(doc, delivered, deliveredStep)));
    expect(kept.map((doc) => [doc?.state, doc?.outcome])).toEqual([
      ['DELIVERED', 'BREACHED'],
      ['DELIVERED', 'MET'],
    ]);
  });

  it('keeps what was written of the entry by others since it was claimed', async () => {
    const ledger = createLedger(notices(), 'one');
    const [doc] = (await ledger.open(openings(1), at, 1)).claimed as [NoticeDoc];
    await notices().updateOne({ _id: doc._id }, { $set: { moot: 'used', alarms: [{ after: 1, at: new Date(at) }] } });
    await ledger.record(doc, delivered, deliveredStep);
    expect(await inLedger(doc)).toMatchObject({ state: 'DELIVERED', moot: 'used', alarms: [{ after: 1 }] });
  });
});

describe('an entry given back', () => {
  it('is free, and its message known to be out when its holder knew', async () => {
    const ledger = createLedger(notices(), 'one');
    const [a, b, c] = (await ledger.open(openings(3), at, 3)).claimed as [NoticeDoc, NoticeDoc, NoticeDoc];
    await ledger.release({ ...a, published: true });
    await ledger.release(b);
    await ledger.postpone({ ...c, published: true }, at + minute);
    expect(await inLedger(a)).toMatchObject({ published: true });
    expect(await inLedger(b)).toMatchObject({ published: false });
    expect(await inLedger(c)).toMatchObject({ published: true, nextAttemptAt: new Date(at + minute) });
    expect(await notices().countDocuments({ lease: { $exists: true } })).toBe(0);
    expect(opened((await ledger.claim(5, at + leaseMs)).claimed).sort()).toEqual(['t-0', 't-1']);
  });
});
