/**
 * What follows from an attempt.
 *
 *   PENDING ── accepted ──▶ SENT            sentAt, outcome
 *      │  │── delivered ──▶ DELIVERED       sentAt, deliveredAt, outcome
 *      │  │── refused by every channel, or out of time ──▶ FAILED (reason)
 *      │  └── of no more use, or nothing to tell ──▶ CANCELLED (reason)
 *      └── failed, or refused by one ──▶ PENDING, again later, perhaps on the next channel
 *
 * - A channel that refuses (REJECTED: this message will never be taken) is not asked again for this notice.
 * - A channel that fails is asked again with back-off; after so many failures in a row, or once the policy's time for it is up, it is the
 *   next channel's turn, and after the last the first's again. Where a lost answer may mean that it was taken, it is asked once more before.
 * - The outcome is decided by the first of: going out, the deadline passing unsent. It never changes. A late notice is still sent,
 *   unless its policy says that it ends at its deadline.
 * - In its policy's quiet hours a notice waits for their end, retries as well.
 * - What has not gone out when the policy's time for it is over is old news: called off, stale, if nobody was there to give it up (an outage).
 */
import { isToBeAsked } from './lost.js';
import type { MootReason } from './moot.js';
import type { NoticeOutcome } from './notice.js';
import type { NoticePolicy, NoticeTerms } from './policy.js';
import { quietUntil } from './quiet.js';
import { retryPause } from './retry.js';

export type AttemptOutcome = 'ACCEPTED' | 'DELIVERED' | 'REJECTED' | 'FAILED';

export interface PastAttempt {
  readonly channel: string;
  readonly outcome: AttemptOutcome;
  /** Of a failure; tells whether the answer was lost (lost.ts). */
  readonly reason?: string | undefined;
}

/** What a decision about an entry needs to know. Times are epoch milliseconds. */
export interface NoticeProgress {
  readonly noticeId: string;
  readonly dueAt: number;
  readonly deadlineAt?: number | undefined;
  readonly createdAt: number;
  readonly outcome: NoticeOutcome | null;
  readonly attempts: readonly PastAttempt[];
}

export interface AttemptResult extends PastAttempt {
  readonly at: number;
  /** Milliseconds the channel asked us to wait. */
  readonly retryAfter?: number | undefined;
}

export type NoticeStep =
  | { readonly state: 'SENT'; readonly sentAt: number; readonly outcome: NoticeOutcome | null }
  | {
      readonly state: 'DELIVERED';
      readonly sentAt: number;
      readonly deliveredAt: number;
      readonly outcome: NoticeOutcome | null;
    }
  | { readonly state: 'PENDING'; readonly nextAttemptAt: number; readonly outcome: NoticeOutcome | null }
  | { readonly state: 'FAILED'; readonly reason: NoticeFailure; readonly outcome: NoticeOutcome | null }
  | { readonly state: 'CANCELLED'; readonly reason: NoticeEnd; readonly outcome: NoticeOutcome | null };

export type NoticeFailure =
  /** Nothing is known of the cardholder. */
  | 'no-contact'
  /** A contact is known, but no channel that reaches it is set up. */
  | 'no-channel'
  /** Every channel refused. */
  | 'refused'
  /** Time ran out while channels failed. */
  | 'exhausted';

export type NoticeEnd =
  /** What it tells has lapsed. */
  | 'expired'
  /** There is no code to tell: the source gave none, or it has been wiped. */
  | 'no-code'
  /** Its cause happened too long ago. */
  | 'stale'
  | MootReason;

/** Whether nothing may be sent any more at `now`. */
export function hasEnded({ deadlineAt }: NoticeProgress, now: number, policy: NoticePolicy): boolean {
  return policy.endsAtDeadline && deadlineAt !== undefined && now >= deadlineAt;
}

/** Whether a cause that becomes known at `now` is old news. */
export function isStale(dueAt: number, now: number, { staleAfter }: NoticeTerms): boolean {
  return staleAfter !== undefined && now - dueAt > staleAfter;
}

/** Whether a notice that waits has been left lying until it is old news. A last attempt may come a pause late. */
export function hasGoneStale({ createdAt }: NoticeProgress, now: number, policy: NoticePolicy): boolean {
  return now > createdAt + policy.giveUpAfter + policy.retry.longestWhenLate;
}

/** The first moment from `at` on at which a notice may be sent. */
export function soonest(at: number, { quietHours }: NoticeTerms): number {
  return quietHours === undefined ? at : (quietUntil(at, quietHours) ?? at);
}

/** A notice that becomes known when it should have been out long ago is given this long to go out before it is alarmed. */
const alarmGrace = 60_000;

/**
 * When the next alarm is due, `raised` of them having gone off; undefined when none is left. Counted from the cause, or from when we learned of it
 * where a source dates it in the future; what passes its deadline is told as a breach instead.
 */
export function nextAlarmAt(
  { dueAt, createdAt, deadlineAt }: Pick<NoticeProgress, 'dueAt' | 'createdAt' | 'deadlineAt'>,
  { alarms = [] }: NoticeTerms,
  raised = 0,
): number | undefined {
  const after = alarms[raised];
  if (after === undefined) return undefined;
  const at = knownSince({ dueAt, createdAt }) + after;
  if (deadlineAt !== undefined && at >= deadlineAt) return undefined;
  return Math.max(at, createdAt + Math.min(alarmGrace, after));
}

/** The channel whose turn it is, out of `channels` in order of preference; undefined when every one has refused. */
export function nextChannel<C extends string>(
  progress: NoticeProgress,
  channels: readonly C[],
  now: number,
  policy: NoticePolicy,
): C | undefined {
  const { attempts } = progress;
  const refused = new Set(attempts.filter((a) => a.outcome === 'REJECTED').map((a) => a.channel));
  const open = channels.filter((channel) => !refused.has(channel));
  const tried = attempts.filter((a) => (open as readonly string[]).includes(a.channel));
  const last = tried.at(-1)?.channel;
  if (last === undefined) return open[0];
  if (isToBeAsked(tried)) return last as C;
  const inARow = tried.length - 1 - tried.findLastIndex((a) => a.channel !== last);
  const patient = now < knownSince(progress) + policy.escalateAfter;
  const at = (open as readonly string[]).indexOf(last);
  return patient && inARow < policy.failuresBeforeNextChannel ? open[at] : open[(at + 1) % open.length];
}

/** What the ledger is to say after an attempt on one of `channels`. */
export function afterAttempt(
  progress: NoticeProgress,
  result: AttemptResult,
  channels: readonly string[],
  policy: NoticePolicy,
): NoticeStep {
  const { at } = result;
  const outcome = outcomeAt(progress, at);
  switch (result.outcome) {
    case 'ACCEPTED':
      return { state: 'SENT', sentAt: at, outcome: outcome ?? metIfDue(progress) };
    case 'DELIVERED':
      return { state: 'DELIVERED', sentAt: at, deliveredAt: at, outcome: outcome ?? metIfDue(progress) };
    case 'REJECTED':
    case 'FAILED': {
      const since: NoticeProgress = { ...progress, attempts: [...progress.attempts, result] };
      const next = nextChannel(since, channels, at, policy);
      if (next === undefined) return { state: 'FAILED', reason: 'refused', outcome };
      const failures = since.attempts.filter((a) => a.channel === next).length;
      const timeLeft = watchedUntil(progress, policy) - at;
      const pause =
        failures === 0 ? 0 : retryPause(policy, progress.noticeId, failures, timeLeft, result.retryAfter ?? 0);
      const again = soonest(at + pause, policy);
      if (hasEnded(progress, again, policy)) return calledOff(progress, 'expired', at);
      if (again > progress.createdAt + policy.giveUpAfter) return { state: 'FAILED', reason: 'exhausted', outcome };
      return { state: 'PENDING', nextAttemptAt: again, outcome };
    }
  }
}

/** What the ledger is to say of a notice no channel can carry. */
export function withoutChannel(
  progress: NoticeProgress,
  reason: 'no-contact' | 'no-channel' | 'refused',
  at: number,
): NoticeStep {
  return { state: 'FAILED', reason, outcome: outcomeAt(progress, at) };
}

/** What the ledger is to say of a notice that is called off at `at`. */
export function calledOff(progress: NoticeProgress, reason: NoticeEnd, at: number): NoticeStep {
  return { state: 'CANCELLED', reason, outcome: outcomeAt(progress, at) };
}

/** BREACHED once the deadline has passed, and whatever was decided before; else null. */
function outcomeAt({ outcome, deadlineAt }: NoticeProgress, at: number): NoticeOutcome | null {
  return outcome ?? (deadlineAt !== undefined && at > deadlineAt ? 'BREACHED' : null);
}

/** A notice without a deadline has nothing to meet. */
function metIfDue({ deadlineAt }: NoticeProgress): NoticeOutcome | null {
  return deadlineAt === undefined ? null : 'MET';
}

/** End of the watch: the deadline, reckoned from when we learned of a cause that is dated in the future. */
function watchedUntil(progress: NoticeProgress, { deadlineAfter }: NoticePolicy): number {
  return deadlineAfter === undefined
    ? (progress.deadlineAt ?? Number.POSITIVE_INFINITY)
    : knownSince(progress) + deadlineAfter;
}

/** Start of the watch: the cause, or when we learned of it where a source dates the cause in the future. */
function knownSince({ dueAt, createdAt }: Pick<NoticeProgress, 'dueAt' | 'createdAt'>): number {
  return Math.min(dueAt, createdAt);
}
