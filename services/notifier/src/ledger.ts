/**
 * The notice ledger in MongoDB.
 *
 *   (nothing) ── open ──▶ PENDING ── claim ──▶ PENDING, leased ── record ──▶ PENDING (again later) | SENT | DELIVERED | FAILED | CANCELLED
 *                            ▲                      │
 *                            └── lease runs out, or given back
 *
 * - Once: `_id` is the noticeId, and opening changes nothing that stands.
 * - A lease lasts 20 s, longer than any send may take (12 s). Whoever holds it sends; what it records counts only while the lease still names it.
 *   Instances must agree on the time to within the difference.
 * - The outcome goes from null to MET or BREACHED once: every write that decides it is guarded by it being undecided.
 * - Whatever owes a receipt carries a mark (`receiptsOwed`), set in the same write, taken away once the receipt is on the log.
 */
import type {
  AttemptResult,
  NoticeActivation,
  NoticeEntry,
  NoticeProgress,
  NoticeStep,
  PastAttempt,
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

export interface Ledger {
  /** Makes the entries that do not stand yet. Gives how many were new, and those of them all whose message is not out. */
  readonly open: (
    entries: readonly NoticeEntry[],
    now: number,
  ) => Promise<{ readonly added: number; readonly unpublished: readonly NoticeDoc[] }>;
  readonly markPublished: (ids: readonly string[]) => Promise<void>;
  /** Takes up to `limit` due entries, oldest first, under a lease. */
  readonly claim: (limit: number, now: number) => Promise<readonly NoticeDoc[]>;
  /** Gives claimed entries back, for anybody to claim. */
  readonly release: (claimed: readonly NoticeDoc[]) => Promise<void>;
  /** Writes down an attempt and what follows. Gives the entry as it stands then, or undefined when the lease has gone to somebody else. */
  readonly record: (claimed: NoticeDoc, attempt: RecordedAttempt, step: NoticeStep) => Promise<NoticeDoc | undefined>;
  /** Marks up to `limit` entries BREACHED whose deadline has passed with nothing sent, and gives them. Leaves alone what is being sent. */
  readonly breachOverdue: (limit: number, now: number) => Promise<readonly NoticeDoc[]>;
  /** Entries that have owed a receipt since before `since`. */
  readonly owing: (limit: number, since: number) => Promise<readonly NoticeDoc[]>;
  readonly clearOwed: (docs: readonly NoticeDoc[]) => Promise<void>;
  /** Entries waiting to be sent, those of them past their deadline, and those with less than ten minutes left. */
  readonly waiting: (
    now: number,
  ) => Promise<{ readonly pending: number; readonly overdue: number; readonly soon: number }>;
}

/** `instance` names this process among all that share the ledger. */
export function createLedger(notices: Collection<NoticeDoc>, instance: string): Ledger {
  let count = 0;
  const mark = (now: number) => ({ mark: `${instance}#${++count}`, since: new Date(now) });

  return {
    open: async (entries, now) => {
      // Of several for one cause the first stands, within a batch as between batches.
      const docs = new Map(entries.toReversed().map((entry) => [entry.noticeId, newDoc(entry, now)]));
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
        const lease = { owner, until: new Date(now + leaseMs) };
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
    record: async (claimed, attempt, step) => {
      const held = { _id: claimed._id, state: 'PENDING', 'lease.owner': claimed.lease?.owner ?? '' } as const;
      const write = (before: NoticeDoc['outcome'], outcome: NoticeDoc['outcome']) =>
        notices.findOneAndUpdate(
          { ...held, outcome: before },
          recordOf(attempt, step, outcome, mark(attempt.at), claimed.sentAt),
          {
            returnDocument: 'after',
          },
        );
      const done = await write(claimed.outcome, step.outcome);
      if (done !== null) return done;
      // The lease ran out meanwhile and the deadline watch decided; its word stands.
      return (claimed.outcome === null ? await write('BREACHED', 'BREACHED') : null) ?? undefined;
    },
    breachOverdue: async (limit, now) => {
      const overdue: Filter<NoticeDoc> = {
        outcome: null,
        state: { $in: ['PENDING', 'FAILED', 'CANCELLED'] },
        deadlineAt: { $lt: new Date(now) },
        ...notLeased(now),
      };
      const breached: NoticeDoc[] = [];
      for (const { _id } of await notices
        .find(overdue, { projection: { _id: 1 } })
        .limit(limit)
        .toArray()) {
        const doc = await notices.findOneAndUpdate(
          { ...overdue, _id },
          { $set: { outcome: 'BREACHED', receiptsOwed: mark(now) } },
          { returnDocument: 'after' },
        );
        if (doc !== null) breached.push(doc);
      }
      return breached;
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

function newDoc(entry: NoticeEntry, now: number): NoticeDoc {
  return {
    _id: entry.noticeId,
    tokenId: entry.tokenId,
    kind: entry.kind,
    state: 'PENDING',
    dueAt: new Date(entry.dueAt),
    ...(entry.deadlineAt !== undefined && { deadlineAt: new Date(entry.deadlineAt) }),
    outcome: null,
    attempts: [],
    subject: entry.subject,
    ...(entry.activation !== undefined && { activation: activationOf(entry.activation) }),
    causeEventId: entry.causeEventId,
    policy: entry.policy,
    createdAt: new Date(now),
    // As soon as it is known, whenever it is due: a source may date its events in the future.
    nextAttemptAt: new Date(now),
    published: false,
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
  receiptsOwed: NonNullable<NoticeDoc['receiptsOwed']>,
  sentBefore: Date | undefined,
): UpdateFilter<NoticeDoc> {
  const sent = step.state === 'SENT' || step.state === 'DELIVERED';
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
      receiptsOwed,
      ...(attempt.channel !== noChannel && { channel: attempt.channel }),
      ...(step.state === 'SENT' && attempt.channel === 'sms' && { askAt: new Date(attempt.at + firstAskMs) }),
      // What a channel took and could not deliver goes out again; the outcome is about the first time.
      ...(sent && { sentAt: sentBefore ?? new Date(step.sentAt) }),
      ...(step.state === 'DELIVERED' && { deliveredAt: new Date(step.deliveredAt) }),
      ...((step.state === 'FAILED' || step.state === 'CANCELLED') && { reason: step.reason }),
      ...(step.state === 'PENDING' && { nextAttemptAt: new Date(step.nextAttemptAt) }),
    },
    $push: { attempts: kept },
    $unset: { lease: '', ...(step.state !== 'PENDING' && { nextAttemptAt: '' }) },
  };
}

function notLeased(now: number): Filter<NoticeDoc> {
  return { $or: [{ lease: { $exists: false } }, { 'lease.until': { $lte: new Date(now) } }] };
}
