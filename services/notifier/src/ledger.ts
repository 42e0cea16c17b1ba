/**
 * The notice ledger in MongoDB.
 *
 *   (nothing) ── open ──▶ PENDING ── claim ──▶ PENDING, leased ── record ──▶ PENDING (again later) | SENT | DELIVERED | FAILED | CANCELLED
 *       │                    ▲                   ▲  │
 *       │                    └───────────────────┼──┴ lease runs out, its holder dies, or given back
 *       │── open, due and room for it ───────────┘
 *       └── open, old news ──▶ CANCELLED
 *
 * - Once: `_id` is the noticeId, and opening changes nothing that stands.
 * - What its opener has room for begins under its lease: claiming costs three round trips and a write of each entry. Should we never learn that the
 *   opening was done, the next that finds these entries has them still; should we die, they are free like everything else of the dead.
 * - A lease lasts 20 s, longer than any send may take (12 s), and no longer than its holder lives (heartbeats.ts). Whoever holds it sends; what it
 *   records counts only while the lease still names it. Instances must agree on the time to within the difference.
 * - Calling off marks an entry as moot and due now, whoever holds it; whoever claims it next ends it. An entry being sent goes out all the same.
 * - The outcome goes from null to MET or BREACHED once: every write that decides it is guarded by it being undecided.
 * - Alarms go off once each: the write that raises one moves `nextAlarmAt` on, and asks that nobody has.
 * - `published`, of a claimed entry, is what its holder knows; it is written with what comes next of it. Where its holder dies before, the entry goes
 *   on saying that its message may not be out: whoever reads its cause again writes the message again.
 * - Whatever owes a receipt carries a mark (`receiptsOwed`), set in the same write, taken away once the receipt is on the log. A write that finds the
 *   mark of an earlier one says so in its own (`all`): every receipt is sent again then.
 */
import { type MootsByToken, mootableKinds, mootReasonOf, type NoticeEntry, type NoticeStep } from '@tokenline/domain';
import { duplicatesOf, type NoticeDoc } from '@tokenline/store';
import { createGather } from '@tokenline/streams';
import type { Collection, Filter, UpdateFilter } from 'mongodb';
import {
  after,
  alarmsOf,
  type Change,
  fieldsAfter,
  isDue,
  newDoc,
  type Opening,
  outIf,
  type RecordedAttempt,
  recordOf,
} from './entry.js';

export const leaseMs = 20_000;

/** A record on its way into the ledger. */
interface Recording {
  readonly claimed: NoticeDoc;
  readonly change: Change;
  /** The entry as it stands then, once it is taken. */
  kept?: NoticeDoc | undefined;
}

/** From one lot of records to the next, while they keep coming. A notice has minutes, and each write waits for MongoDB's disk. */
const recordPaceMs = 50;

export interface Opened {
  readonly added: number;
  /** Those whose message is not known to be out, new ones and others. */
  readonly unpublished: readonly NoticeDoc[];
  /** Those of them that are ours to send. */
  readonly claimed: readonly NoticeDoc[];
  /** Whether new ones are due that nobody has claimed. */
  readonly more: boolean;
}

export interface Ledger {
  /** Makes the entries that do not stand yet, and claims up to `room` of the new ones that are due. */
  readonly open: (openings: readonly Opening[], now: number, room: number) => Promise<Opened>;
  /** Marks entries that wait, and are moot, to be called off now. Gives how many it marked. */
  readonly callOff: (moots: MootsByToken, now: number) => Promise<number>;
  readonly markPublished: (ids: readonly string[]) => Promise<void>;
  /** Takes up to `limit` due entries, oldest first, under a lease. `more` when there may be others due now. */
  readonly claim: (
    limit: number,
    now: number,
  ) => Promise<{ readonly claimed: readonly NoticeDoc[]; readonly more: boolean }>;
  /** Gives a claimed entry back, for anybody to claim. */
  readonly release: (claimed: NoticeDoc) => Promise<void>;
  /** Gives a claimed entry back, for nobody to claim before `until`. */
  readonly postpone: (claimed: NoticeDoc, until: number) => Promise<void>;
  /** Writes down an attempt and what follows. Gives the entry as it stands then, or undefined when the lease has gone to somebody else. */
  readonly record: (claimed: NoticeDoc, attempt: RecordedAttempt, step: NoticeStep) => Promise<NoticeDoc | undefined>;
  /** Any change after which a receipt is owed. Gives the entry as it stands then, or null when none fits `filter`. */
  readonly change: (
    filter: Filter<NoticeDoc>,
    update: UpdateFilter<NoticeDoc>,
    now: number,
  ) => Promise<NoticeDoc | null>;
  /** Marks up to `limit` entries BREACHED whose deadline has passed with nothing sent, and gives them. Leaves alone what is being sent. */
  readonly breachOverdue: (limit: number, now: number) => Promise<readonly NoticeDoc[]>;
  /** Raises the alarms that are due of up to `limit` entries of which nothing has gone out, leased or not, and gives them. */
  readonly raiseAlarms: (
    limit: number,
    now: number,
  ) => Promise<readonly { readonly doc: NoticeDoc; readonly raised: number }[]>;
  /** Entries that have owed a receipt since before `since`. */
  readonly owing: (limit: number, since: number) => Promise<readonly NoticeDoc[]>;
  readonly clearOwed: (docs: readonly NoticeDoc[]) => Promise<void>;
  /** Entries waiting to be sent, those of them past their deadline, and those with less than ten minutes left. */
  readonly waiting: (
    now: number,
  ) => Promise<{ readonly pending: number; readonly overdue: number; readonly soon: number }>;
}

/** `instance` names this process among all that share the ledger; `dead` names those of them whose leases are worth nothing any more. */
export function createLedger(
  notices: Collection<NoticeDoc>,
  instance: string,
  dead: () => readonly string[] = () => [],
): Ledger {
  let count = 0;
  /** Entries that may stand under leases of ours since openings we got no answer to. */
  const unanswered = new Set<string>();

  const mark = (now: number) => ({ mark: `${instance}#${++count}`, since: new Date(now) });

  const change: Ledger['change'] = async (filter, update, now) => {
    const write = (condition: Filter<NoticeDoc>, all: { readonly all?: true }) => {
      const receiptsOwed = { ...mark(now), ...all };
      return notices.findOneAndUpdate(
        { ...filter, ...condition },
        { ...update, $set: { ...update.$set, receiptsOwed } },
        { returnDocument: 'after' },
      );
    };
    return (await write(owesNothing, {})) ?? write({}, { all: true });
  };

  /** Records of entries that were claimed together, stand as they were claimed and owe no receipt, as nearly all do: one write for all. */
  const recordAlike = async (alike: readonly Recording[], { claimed, change }: Recording): Promise<void> => {
    const ids = alike.map(({ claimed }) => claimed._id);
    const fields = alike.map(({ claimed, change }) => fieldsAfter(claimed, change));
    // In MongoDB an update of many costs less than half of as many updates of one, so each finds its own fields in a list.
    const own = { $arrayElemAt: [{ $literal: fields }, { $indexOfArray: [{ $literal: ids }, '$_id'] }] };
    const { matchedCount } = await notices.updateMany(
      { ...heldBy(claimed), _id: { $in: ids }, outcome: claimed.outcome, ...owesNothing },
      [{ $replaceWith: { $mergeObjects: ['$$ROOT', own] } }, { $unset: Object.keys(change.$unset) }],
    );
    if (matchedCount === alike.length) for (const one of alike) one.kept = after(one.claimed, one.change);
  };

  /** What was not taken with the others is tried by itself. */
  const recordings = createGather<Recording>(
    async (lot) => {
      const alike = new Map<string, Recording[]>();
      for (const recording of lot) {
        const { claimed, change } = recording;
        const key = [claimed.lease?.owner, claimed.outcome, ...Object.keys(change.$unset)].join();
        alike.set(key, [...(alike.get(key) ?? []), recording]);
      }
      // Nobody repeats an update of many whose answer was lost: the mark each leaves tells whether it was taken.
      await Promise.allSettled([...alike.values()].map((some) => recordAlike(some, some[0] as Recording)));
      const unsure = lot.filter(({ kept }) => kept === undefined);
      if (unsure.length === 0) return;
      const found = await notices.find({ _id: { $in: unsure.map(({ claimed }) => claimed._id) } }).toArray();
      const docs = new Map(found.map((doc) => [doc.receiptsOwed?.mark, doc]));
      for (const one of unsure) one.kept = docs.get(one.change.$set.receiptsOwed?.mark);
    },
    { most: 100, paceMs: recordPaceMs },
  );

  const notLeased = (now: number): Filter<NoticeDoc> => ({
    $or: [
      { lease: { $exists: false } },
      { 'lease.until': { $lte: new Date(now) } },
      { 'lease.instance': { $in: [...dead()] } },
    ],
  });

  return {
    open: async (openings, now, room) => {
      const owner = `${instance}#${++count}`;
      const lease = { owner, instance, until: new Date(now + leaseMs) };
      // Of several for one cause the first stands, within a batch as between batches.
      const docs = new Map<string, NoticeDoc>();
      let due = 0;
      for (const opening of openings) {
        if (docs.has(opening.entry.noticeId)) continue;
        const doc = newDoc(opening, now);
        const claimed = isDue(doc, now) && due++ < room;
        docs.set(doc._id, claimed ? { ...doc, lease } : doc);
      }
      if (docs.size === 0) return { added: 0, unpublished: [], claimed: [], more: false };
      const all = [...docs.values()];
      let refused: ReadonlySet<number>;
      try {
        refused = new Set(await duplicatesOf(() => notices.insertMany(all, { ordered: false })));
      } catch (error) {
        for (const doc of all) if (doc.lease !== undefined) unanswered.add(leaseOf(doc));
        throw error;
      }
      const made = all.filter((_doc, i) => !refused.has(i));
      const stood = all.flatMap(({ _id }, i) => (refused.has(i) ? [_id] : []));
      const left = stood.length === 0 ? [] : await notices.find({ _id: { $in: stood }, published: false }).toArray();
      const late = left.filter((doc) => unanswered.delete(leaseOf(doc)));
      return {
        added: made.length,
        unpublished: [...made, ...left],
        claimed: [...made.filter((doc) => doc.lease !== undefined), ...late],
        more: due > room,
      };
    },
    callOff: async (moots, now) => {
      if (moots.size === 0) return 0;
      const waiting = { state: 'PENDING', moot: { $exists: false } } as const;
      const found = await notices
        .find({ ...waiting, tokenId: { $in: [...moots.keys()] }, kind: { $in: [...mootableKinds] } })
        .project<Pick<NoticeDoc, '_id' | 'tokenId' | 'kind' | 'causeVersion'>>({ tokenId: 1, kind: 1, causeVersion: 1 })
        .toArray();
      const operations = found.flatMap(({ _id, tokenId, kind, causeVersion }) => {
        if (causeVersion === undefined) return [];
        const moot = mootReasonOf({ tokenId, kind: kind as NoticeEntry['kind'], causeVersion }, moots);
        if (moot === undefined) return [];
        return [
          { updateOne: { filter: { ...waiting, _id }, update: { $set: { moot, nextAttemptAt: new Date(now) } } } },
        ];
      });
      return operations.length === 0 ? 0 : (await notices.bulkWrite(operations, { ordered: false })).modifiedCount;
    },
    markPublished: async (ids) => {
      if (ids.length > 0) await notices.updateMany({ _id: { $in: [...ids] } }, { $set: { published: true } });
    },
    claim: async (limit, now) => {
      const free: Filter<NoticeDoc> = { state: 'PENDING', nextAttemptAt: { $lte: new Date(now) }, ...notLeased(now) };
      const owner = `${instance}#${++count}`;
      // Several looks: when another instance was quicker with all of these, the next ones are for us.
      for (let look = 0; look < 5; look++) {
        const due = await notices
          .find(free, { projection: { _id: 1 } })
          .sort({ nextAttemptAt: 1 })
          .limit(limit)
          .toArray();
        if (due.length === 0) return { claimed: [], more: false };
        const ids = due.map((doc) => doc._id);
        // The filter again: of two instances that saw the same entry, one takes it.
        const lease = { owner, instance, until: new Date(now + leaseMs) };
        const { modifiedCount } = await notices.updateMany({ ...free, _id: { $in: ids } }, { $set: { lease } });
        if (modifiedCount === 0) continue;
        const claimed = await notices.find({ _id: { $in: ids }, 'lease.owner': owner }).toArray();
        return { claimed, more: due.length === limit };
      }
      return { claimed: [], more: false };
    },
    release: async (doc) => {
      await notices.updateOne(leasedBy(doc), { $set: outIf(doc.published), $unset: noLease });
    },
    postpone: async (doc, until) => {
      const held = leasedBy(doc);
      const out = outIf(doc.published);
      // What has become moot meanwhile is called off now, not then.
      const put = { $set: { ...out, nextAttemptAt: new Date(until) }, $unset: noLease };
      const { matchedCount } = await notices.updateOne({ ...held, moot: { $exists: false } }, put);
      if (matchedCount === 0) await notices.updateOne(held, { $set: out, $unset: noLease });
    },
    record: async (claimed, attempt, step) => {
      const changeTo = (outcome: NoticeDoc['outcome']): Change => recordOf(attempt, step, outcome, claimed);
      const { $set, ...rest } = changeTo(step.outcome);
      const recording: Recording = { claimed, change: { ...rest, $set: { ...$set, receiptsOwed: mark(attempt.at) } } };
      await recordings.add([recording]);
      if (recording.kept !== undefined) return recording.kept;
      const write = (before: NoticeDoc['outcome'], outcome: NoticeDoc['outcome']) =>
        change({ ...heldBy(claimed), outcome: before }, changeTo(outcome) as UpdateFilter<NoticeDoc>, attempt.at);
      const done = await write(claimed.outcome, step.outcome);
      if (done !== null) return done;
      // The lease ran out meanwhile and the deadline watch decided; its word stands.
      return (claimed.outcome === null ? await write('BREACHED', 'BREACHED') : null) ?? undefined;
    },
    change,
    breachOverdue: async (limit, now) => {
      const overdue: Filter<NoticeDoc> = {
        outcome: null,
        state: { $in: ['PENDING', 'FAILED', 'CANCELLED'] },
        // What is moot need not be told any more.
        moot: { $exists: false },
        deadlineAt: { $lt: new Date(now) },
        ...notLeased(now),
      };
      const breached: NoticeDoc[] = [];
      for (const { _id } of await notices
        .find(overdue, { projection: { _id: 1 } })
        .limit(limit)
        .toArray()) {
        const doc = await change({ ...overdue, _id }, { $set: { outcome: 'BREACHED' } }, now);
        if (doc !== null) breached.push(doc);
      }
      return breached;
    },
    raiseAlarms: async (limit, now) => {
      const raised: { doc: NoticeDoc; raised: number }[] = [];
      for (const found of await notices
        .find({ nextAlarmAt: { $lte: new Date(now) }, moot: { $exists: false } })
        .limit(limit)
        .toArray()) {
        const { due, next } = alarmsOf(found, now);
        const doc = await change(
          { _id: found._id, state: { $in: ['PENDING', 'FAILED'] }, nextAlarmAt: found.nextAlarmAt as Date },
          {
            $push: { alarms: { $each: due.map((after) => ({ after, at: new Date(now) })) } },
            ...(next === undefined ? { $unset: { nextAlarmAt: '' } } : { $set: { nextAlarmAt: new Date(next) } }),
          },
          now,
        );
        if (doc !== null) raised.push({ doc, raised: due.length });
      }
      return raised;
    },
    owing: (limit, since) =>
      notices
        .find({ 'receiptsOwed.since': { $lt: new Date(since) } })
        .limit(limit)
        .toArray(),
    clearOwed: async (docs) => {
      if (docs.length === 0) return;
      // A mark is of one entry, and of one write of it.
      const marks = docs.flatMap(({ receiptsOwed }) => receiptsOwed?.mark ?? []);
      const owed = { _id: { $in: docs.map(({ _id }) => _id) }, 'receiptsOwed.mark': { $in: marks } };
      await notices.updateMany(owed, { $unset: { receiptsOwed: '' } });
    },
    waiting: async (now) => {
      // One that went out in time and did not arrive has no deadline to meet any more.
      const unmet = { state: 'PENDING', outcome: { $ne: 'MET' } } as const;
      const until = (at: number) => notices.countDocuments({ ...unmet, deadlineAt: { $lt: new Date(at) } });
      const [pending, overdue, soon] = await Promise.all([
        notices.countDocuments({ state: 'PENDING' }),
        until(now),
        until(now + 10 * 60_000),
      ]);
      return { pending, overdue, soon: soon - overdue };
    },
  };
}

const owesNothing = { receiptsOwed: { $exists: false } } as const;

const noLease = { lease: '' } as const;

function leaseOf({ _id, lease }: NoticeDoc): string {
  return `${lease?.owner} ${_id}`;
}

/** The entry, as long as it has the lease it was claimed by. */
function leasedBy({ _id, lease }: NoticeDoc) {
  return { _id, 'lease.owner': lease?.owner ?? '' } as const;
}

/** The entry, as long as it waits under the lease it was claimed by. */
function heldBy(claimed: NoticeDoc) {
  return { ...leasedBy(claimed), state: 'PENDING' } as const;
}
