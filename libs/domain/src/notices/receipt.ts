/**
 * What follows when a channel says later what became of a notice.
 *
 *   SENT, PENDING, FAILED ── delivered ──▶ DELIVERED    deliveredAt; sentAt and outcome by the hand-over it is about, where none is decided
 *   SENT ── undelivered ──▶ PENDING   now, the channel counted as REJECTED: another is tried, if the policy's time allows
 *                      └──▶ FAILED    `undelivered`: out of time, or it told a code, which is wiped by now
 *   PENDING ── undelivered ──▶ PENDING, the same; its answer had been lost
 *
 * - DELIVERED is final, CANCELLED stays: what comes after changes nothing. So does what comes twice, or about a channel that has moved on since.
 * - `delivered` is believed also after `undelivered`: a phone that was off is on again.
 * - The outcome, once decided, stays: MET means handed to a channel in time. That it did not arrive there stands beside it, in attempts and receipts.
 */
import type { NoticeOutcome, NoticeState } from './notice.js';
import type { NoticePolicy } from './policy.js';
import { hasEnded, type NoticeProgress, type PastAttempt } from './progress.js';

export type ReceiptStatus = 'delivered' | 'undelivered' | 'under-way';

const undelivered: ReadonlySet<string> = new Set([
  'undelivered',
  'undeliverable',
  'failed',
  'rejected',
  'expired',
  'bounced',
]);

/** What a channel's word for it means; words that are neither an arrival nor a failure mean that it is still under way. */
export function receiptStatusOf(word: string): ReceiptStatus {
  const known = word.toLowerCase();
  if (known === 'delivered') return 'delivered';
  return undelivered.has(known) ? 'undelivered' : 'under-way';
}

/** An attempt, or what was heard of one later. */
export interface HandOver extends PastAttempt {
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface NoticeHanded extends NoticeProgress {
  readonly state: NoticeState;
  /** When it first went out. */
  readonly sentAt?: number | undefined;
  readonly tellsCode: boolean;
  readonly attempts: readonly HandOver[];
}

export interface ChannelReceipt {
  readonly channel: string;
  readonly status: ReceiptStatus;
  /** When the channel says it happened. */
  readonly at?: number | undefined;
}

export type ReceiptStep =
  | {
      readonly state: 'DELIVERED';
      readonly sentAt: number;
      readonly deliveredAt: number;
      readonly outcome: NoticeOutcome | null;
    }
  | { readonly state: 'PENDING'; readonly nextAttemptAt: number }
  | { readonly state: 'FAILED'; readonly reason: 'undelivered' }
  /** Nothing changes. `never-sent`: there was no hand-over to this channel. */
  | { readonly state: 'same'; readonly because: 'final' | 'known' | 'under-way' | 'never-sent' };

/** What the ledger is to say after a receipt heard at `now`. */
export function afterReceipt(
  notice: NoticeHanded,
  { channel, status, at }: ChannelReceipt,
  now: number,
  policy: NoticePolicy,
): ReceiptStep {
  const about = notice.attempts.filter((attempt) => attempt.channel === channel);
  const handOver = about.findLast(({ outcome }) => outcome !== 'REJECTED');
  if (handOver === undefined) return { state: 'same', because: 'never-sent' };
  if (notice.state === 'DELIVERED' || notice.state === 'CANCELLED') return { state: 'same', because: 'final' };
  switch (status) {
    case 'under-way':
      return { state: 'same', because: 'under-way' };
    case 'delivered': {
      const sentAt = notice.sentAt ?? handOver.at;
      const inTime = notice.deadlineAt === undefined ? null : sentAt <= notice.deadlineAt ? 'MET' : 'BREACHED';
      // A channel's clock may be wrong; nothing arrives before it was handed over, or later than it is said.
      const deliveredAt = Math.max(handOver.at, Math.min(at ?? now, now));
      return { state: 'DELIVERED', sentAt, deliveredAt, outcome: notice.outcome ?? inTime };
    }
    case 'undelivered': {
      if (notice.state === 'FAILED') return { state: 'same', because: 'final' };
      const movedOn = notice.state === 'SENT' && notice.attempts.findLast(isTaken)?.channel !== channel;
      if (movedOn || about.at(-1)?.outcome === 'REJECTED') return { state: 'same', because: 'known' };
      const over = hasEnded(notice, now, policy) || now > notice.createdAt + policy.giveUpAfter;
      if (over || (notice.tellsCode && notice.state === 'SENT')) return { state: 'FAILED', reason: 'undelivered' };
      return { state: 'PENDING', nextAttemptAt: now };
    }
  }
}

function isTaken({ outcome }: HandOver): boolean {
  return outcome === 'ACCEPTED';
}
