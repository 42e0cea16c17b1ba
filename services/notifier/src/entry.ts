/** Entries of the ledger: how one begins, what an attempt makes of it, and what the core needs to know of it. Pure. */
import {
  type AttemptResult,
  calledOff,
  isStale,
  type MootReason,
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
export function alarmsOf(
  doc: NoticeDoc,
  now: number,
): { readonly due: readonly number[]; readonly next: number | undefined } {
  const policy = noticePolicyOf(doc.policy, doc.terms);
  const progress = progressOf(doc);
  const before = doc.alarms?.length ?? 0;
  let count = before;
  let next = nextAlarmAt(progress, policy, count);
  while (next !== undefined && next <= now) next = nextAlarmAt(progress, policy, ++count);
  return { due: policy.alarms?.slice(before, count) ?? [], next };
}

/** Whether somebody may send, or end, an entry at `now`. */
export function isDue({ state, nextAttemptAt }: NoticeDoc, now: number): boolean {
  return state === 'PENDING' && nextAttemptAt !== undefined && nextAttemptAt.getTime() <= now;
}

/** The entry as it begins; `now` is when its cause became known. */
export function newDoc({ entry, moot }: Opening, now: number): NoticeDoc {
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

/** What an attempt changes of an entry. */
export interface Change {
  readonly $set: Partial<NoticeDoc>;
  readonly $push: { readonly attempts: NoticeAttempt };
  readonly $unset: { readonly [field in keyof NoticeDoc]?: '' };
}

/** What an attempt, and what follows from it, changes of an entry. */
export function recordOf(
  attempt: RecordedAttempt,
  step: NoticeStep,
  outcome: NoticeDoc['outcome'],
  { sentAt, published }: Pick<NoticeDoc, 'sentAt' | 'published'>,
): Change {
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
      ...outIf(published),
      ...(attempt.channel !== noChannel && { channel: attempt.channel }),
      ...(step.state === 'SENT' && attempt.channel === 'sms' && { askAt: new Date(attempt.at + firstAskMs) }),
      // What a channel took and could not deliver goes out again; the outcome is about the first time.
      ...(sent && { sentAt: sentAt ?? new Date(step.sentAt) }),
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

/** Whose message is known to be out is marked so; whose is not may have been marked by another meanwhile. */
export function outIf(published: boolean): Partial<NoticeDoc> {
  return published ? { published } : {};
}

/** The fields a change sets of an entry, as they are then. */
export function fieldsAfter({ attempts }: NoticeDoc, { $set, $push }: Change): Partial<NoticeDoc> {
  return { ...$set, attempts: [...attempts, $push.attempts] };
}

/** The entry as a change leaves it. */
export function after(doc: NoticeDoc, change: Change): NoticeDoc {
  const kept = { ...doc, ...fieldsAfter(doc, change) };
  for (const field of Object.keys(change.$unset)) Reflect.deleteProperty(kept, field);
  return kept;
}
