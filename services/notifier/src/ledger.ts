/**
 * The notice ledger in MongoDB.
 *
 *   (nothing) ── open ──▶ PENDING ── claim ──▶ PENDING, leased ── record ──▶ PENDING (again later) | SENT | DELIVERED | FAILED | CANCELLED
 *       │                    ▲                      │
 *       │                    └── lease runs out, its holder dies, or given back
 *       └── open, old news ──▶ CANCELLED
 *
 * - Once: `_id` is the noticeId, and opening changes nothing that stands.
 * - A lease lasts 20 s, longer than any send may take (12 s), and no longer than its holder lives (heartbeats.ts). Whoever holds it sends; what it
 *   records counts only while the lease still names it. Instances must agree on the time to within the difference.
 * - Calling off marks an entry as moot and due now, whoever holds it; whoever claims it next ends it. An entry being sent goes out all the same.
 * - The outcome goes from null to MET or BREACHED once: every write that decides it is guarded by it being undecided.
 * - Alarms go off once each: the write that raises one moves `nextAlarmAt` on, and asks that nobody has.
 * - Whatever owes a receipt carries a mark (`receiptsOwed`), set in the same write, taken away once the receipt is on the log. A write that finds the
 *   mark of an earlier one says so in its own (`all`): every receipt is sent again then.
 */
import {
  type AttemptResult,
  calledOff,
  isStale,
  type MootReason,
  type MootsByToken,
  mootableKinds,
  mootReasonOf,
  type NoticeActivation,
  type NoticeEntry,
  type NoticeProgress,
  type NoticeStep,
  nextAlarmAt,
  noticePolicyOf,
  type PastAttempt,
  soonest,
} from '@tokenline/domain';
import type { NoticeAttempt, NoticeDoc } from '@tokenline/store';
import type { Collection, Filter, UpdateFilter } from 'mongodb';

export const leaseMs = 20_000;

/** How long an SMS gateway is left to call back before it is asked (inbound/poll.ts). */
export const firstAskMs = 5 * 60_000;

/** Stands for the channel in the record of a notice that none could carry. */
export const noChannel = 'none';

/** An attempt as the ledger keeps it. */
export interface RecordedAttempt extends AttemptResult {
  readonly reason?: string | undefined;
  readonly providerReference?: string | undefined;
}

/** A notice to be, and why it is moot already, if it is. */
export interface Opening {
  readonly entry: NoticeEntry;
  readonly moot?: MootReason | undefined;
}

export interface Ledger {
  /** Makes the entries that do not stand yet. Gives how many were new, and those of them all whose message is not out. */
  readonly open: (
    openings: readonly Opening[],
    now: number,
  ) => Promise<{ readonly added: number; readonly unpublished: readonly NoticeDoc[] }>;
  /** Marks entries that wait, and are moot, to be called off now. Gives how many it marked. */
  readonly callOff: (moots: MootsByToken, now: number) => Promise<number>;
  readonly markPublished: (ids: readonly string[]) => Promise<void>;
  /** Takes up to `limit` due entries, oldest first, under a lease. */
  readonly claim: (limit: number, now: number) => Promise<readonly NoticeDoc[]>;
  /** Gives claimed entries back, for anybody to claim. */
  readonly release: (claimed: readonly NoticeDoc[]) => Promise<void>;
  /** Gives a claimed entry back, for nobody to claim before `until`. */
  readonly postpone: (claimed: NoticeDoc, until: number) => Promise<void>;
  /** Writes down an attempt and what follows. Gives the entry as it stands then, or undefined when the lease has gone to somebody else. */
  readonly record: (claimed: NoticeDoc, attempt: RecordedAttempt, step: NoticeStep) => Promise<NoticeDoc | undefined>;
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

  /** A write after which a receipt is owed. Gives the entry as it stands then, or null when none fits. */
  const updateOwing = async (
    filter: Filter<NoticeDoc>,
    update: UpdateFilter<NoticeDoc>,
    now: number,
  ): Promise<NoticeDoc | null> => {
    const write = (condition: Filter<NoticeDoc>, all: { readonly all?: true }) => {
      const receiptsOwed = { mark: `${instance}#${++count}`, since: new Date(now), ...all };
      return notices.findOneAndUpdate(
        { ...filter, ...condition },
        { ...update, $set: { ...update.$set, receiptsOwed } },
        { returnDocument: 'after' },
      );
    };
    return (await write({ receiptsOwed: { $exists: false } }, {})) ?? write({}, { all: true });
  };

  const notLeased = (now: number): Filter<NoticeDoc> => ({
    $or: [
      { lease: { $exists: false } },
      { 'lease.until': { $lte: new Date(now) } },
      { 'lease.instance': { $in: [...dead()] } },
    ],
  });

  return {
    open: async (openings, now) => {
      // Of several for one cause the first stands, within a batch as between batches.
      const docs = new Map(openings.toReversed().map((opening) => [opening.entry.noticeId, newDoc(opening, now)]));
      if (docs.size === 0) return { added: 0, unpublished: [] };
      const { upsertedCount } = await notices.bulkWrite(
        [...docs.values()].map(({ _id, ...fields }) => ({
          updateOne: { filter: { _id }, update: { $setOnInsert: fields }, upsert: true },
        })),
        { ordered: false },
      );
      const unpublished = await notices.find({ _id: { $in: [...docs.keys()] }, published: false }).toArray();
      return { added: upsertedCount, unpublished };
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
        if (due.length === 0) return [];
        const ids = due.map((doc) => doc._id);
        // The filter again: of two instances that saw the same entry, one takes it.
        const lease = { owner, instance, until: new Date(now + leaseMs) };
        const { modifiedCount } = await notices.updateMany({ ...free, _id: { $in: ids } }, { $set: { lease } });
        if (modifiedCount > 0) return notices.find({ _id: { $in: ids }, 'lease.owner': owner }).toArray();
      }
      return [];
    },
    release: async (claimed) => {
      for (const { _id, lease } of claimed) {
        await notices.updateOne({ _id, 'lease.owner': lease?.owner ?? '' }, { $unset: { lease: '' } });
      }
    },
    postpone: async ({ _id, lease }, until) => {
      const held = { _id, 'lease.owner': lease?.owner ?? '' };
      // What has become moot meanwhile is called off now, not then.
      const put = { $set: { nextAttemptAt: new Date(until) }, $unset: { lease: '' } } as const;
      const { matchedCount } = await notices.updateOne({ ...held, moot: { $exists: false } }, put);
      if (matchedCount === 0) await notices.updateOne(held, { $unset: { lease: '' } });
    },
    record: async (claimed, attempt, step) => {
      const held = { _id: claimed._id, state: 'PENDING', 'lease.owner': claimed.lease?.owner ?? '' } as const;
      const write = (before: NoticeDoc['outcome'], outcome: NoticeDoc['outcome']) =>
        updateOwing({ ...held, outcome: before }, recordOf(attempt, step, outcome, claimed.sentAt), attempt.at);
      const done = await write(claimed.outcome, step.outcome);
      if (done !== null) return done;
      // The lease ran out meanwhile and the deadline watch decided; its word stands.
      return (claimed.outcome === null ? await write('BREACHED', 'BREACHED') : null) ?? undefined;
    },
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
        const doc = await updateOwing({ ...overdue, _id }, { $set: { outcome: 'BREACHED' } }, now);
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
        const doc = await updateOwing(
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
      const operations = docs.map((doc) => ({
        updateOne: {
          filter: { _id: doc._id, 'receiptsOwed.mark': doc.receiptsOwed?.mark ?? '' },
          update: { $unset: { receiptsOwed: '' as const } },
        },
      }));
      if (operations.length > 0) await notices.bulkWrite(operations, { ordered: false });
    },
    waiting: async (now) => {
      const until = (at: number) => notices.countDocuments({ state: 'PENDING', deadlineAt: { $lt: new Date(at) } });
      const [pending, overdue, soon] = await Promise.all([
        notices.countDocuments({ state: 'PENDING' }),
        until(now),
        until(now + 10 * 60_000),
      ]);
      return { pending, overdue, soon: soon - overdue };
    },
  };
}

/** What the core needs to know of an entry. */
export function progressOf(doc: NoticeDoc): NoticeProgress {
  return {
    noticeId: doc._id,
    dueAt: doc.dueAt.getTime(),
    deadlineAt: doc.deadlineAt?.getTime(),
    createdAt: doc.createdAt.getTime(),
    outcome: doc.outcome,
    attempts: doc.attempts.map(({ channel, outcome, reason }) => ({
      channel,
      outcome: outcome as PastAttempt['outcome'],
      ...(reason !== undefined && { reason }),
    })),
  };
}

/** Alarms due at `now`, by how long after the cause, and when the one after them is. */
function alarmsOf(doc: NoticeDoc, now: number): { readonly due: readonly number[]; readonly next: number | undefined } {
  const policy = noticePolicyOf(doc.policy, doc.terms);
  const progress = progressOf(doc);
  const before = doc.alarms?.length ?? 0;
  let count = before;
  let next = nextAlarmAt(progress, policy, count);
  while (next !== undefined && next <= now) next = nextAlarmAt(progress, policy, ++count);
  return { due: policy.alarms?.slice(before, count) ?? [], next };
}

function newDoc({ entry, moot }: Opening, now: number): NoticeDoc {
  const { noticeId, dueAt, deadlineAt, terms } = entry;
  const progress: NoticeProgress = { noticeId, dueAt, deadlineAt, createdAt: now, outcome: null, attempts: [] };
  const alarmAt = nextAlarmAt(progress, terms);
  const common = {
    _id: noticeId,
    tokenId: entry.tokenId,
    kind: entry.kind,
    dueAt: new Date(dueAt),
    ...(deadlineAt !== undefined && { deadlineAt: new Date(deadlineAt) }),
    subject: entry.subject,
    ...(entry.activation !== undefined && { activation: activationOf(entry.activation) }),
    causeEventId: entry.causeEventId,
    causeVersion: entry.causeVersion,
    policy: entry.policy,
    terms,
    createdAt: new Date(now),
    published: false,
  };
  if (isStale(dueAt, now, terms)) {
    const { outcome } = calledOff(progress, 'stale', now);
    const attempts = [{ at: new Date(now), channel: noChannel, outcome: 'FAILED', reason: 'stale' }];
    return { ...common, state: 'CANCELLED', reason: 'stale', outcome, attempts };
  }
  return {
    ...common,
    state: 'PENDING',
    outcome: null,
    attempts: [],
    ...(moot !== undefined && { moot }),
    // As soon as it is known, whenever it is due: a source may date its events in the future.
    nextAttemptAt: new Date(moot === undefined ? soonest(now, terms) : now),
    ...(alarmAt !== undefined && { nextAlarmAt: new Date(alarmAt) }),
  };
}

function activationOf({ method, expiresAt }: NoticeActivation): NonNullable<NoticeDoc['activation']> {
  return {
    ...(method !== undefined && { method }),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
  };
}

function recordOf(
  attempt: RecordedAttempt,
  step: NoticeStep,
  outcome: NoticeDoc['outcome'],
  sentBefore: Date | undefined,
): UpdateFilter<NoticeDoc> {
  const sent = step.state === 'SENT' || step.state === 'DELIVERED';
  const alarmed = step.state === 'PENDING' || step.state === 'FAILED';
  const kept: NoticeAttempt = {
    at: new Date(attempt.at),
    channel: attempt.channel,
    outcome: attempt.outcome,
    ...(attempt.reason !== undefined && { reason: attempt.reason }),
    ...(attempt.providerReference !== undefined && { providerReference: attempt.providerReference }),
  };
  return {
    $set: {
      state: step.state,
      outcome,
      ...(attempt.channel !== noChannel && { channel: attempt.channel }),
      ...(step.state === 'SENT' && attempt.channel === 'sms' && { askAt: new Date(attempt.at + firstAskMs) }),
      // What a channel took and could not deliver goes out again; the outcome is about the first time.
      ...(sent && { sentAt: sentBefore ?? new Date(step.sentAt) }),
      ...(step.state === 'DELIVERED' && { deliveredAt: new Date(step.deliveredAt) }),
      ...((step.state === 'FAILED' || step.state === 'CANCELLED') && { reason: step.reason }),
      ...(step.state === 'PENDING' && { nextAttemptAt: new Date(step.nextAttemptAt) }),
    },
    $push: { attempts: kept },
    $unset: {
      lease: '',
      ...(step.state !== 'PENDING' && { nextAttemptAt: '' }),
      ...(!alarmed && { nextAlarmAt: '' }),
    },
  };
}
