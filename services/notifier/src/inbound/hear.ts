/**
 * Receipts into the ledger: what a channel says later of a notice it was handed.
 *
 *   read the entry ─▶ afterReceipt (libs/domain) ─▶ write, if it still stands as read ─▶ cardholder.receipts
 *        ▲                                               │ it does not: somebody else was quicker
 *        └───────────────────────────────────────────────┘
 *
 * A lease is waited for: what its holder is about to record may be the very hand-over the receipt is of. Safe to repeat from any point.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  afterReceipt,
  type ChannelReceipt,
  type HandOver,
  type NoticeHanded,
  noticePolicyOf,
  type ReceiptStatus,
  type ReceiptStep,
} from '@tokenline/domain';
import type { Logger } from '@tokenline/runtime';
import type { NoticeAttempt, NoticeDoc } from '@tokenline/store';
import type { Collection, UpdateFilter } from 'mongodb';
import type { ChannelName } from '../channels/port.js';
import type { Clock } from '../clock.js';
import { type Codes, tellsCode } from '../codes.js';
import { progressOf } from '../entry.js';
import type { Ledger } from '../ledger.js';
import type { Meters } from '../meters.js';
import type { Receipts } from '../receipts.js';

export interface HeardReceipt extends ChannelReceipt {
  readonly noticeId: string;
  readonly channel: ChannelName;
  /** A code of the channel's, safe to keep. */
  readonly reason?: string | undefined;
  readonly providerReference?: string | undefined;
}

/** `unknown`: no such notice, or none that this channel was handed. `busy`: it is being sent at this moment; to be said again. */
export type Heard = 'taken' | 'nothing-new' | 'unknown' | 'busy';

/** Throws when MongoDB does not answer. */
export type Hear = (receipt: HeardReceipt) => Promise<Heard>;

export interface HearParts {
  readonly notices: Collection<NoticeDoc>;
  readonly ledger: Pick<Ledger, 'change'>;
  readonly receipts: Receipts;
  readonly codes: Codes;
  readonly clock: Clock;
  readonly meters: Pick<Meters, 'breached' | 'ended'>;
  /** Counts what was said and what came of it. */
  readonly heard: (channel: string, status: ReceiptStatus, result: Heard) => void;
  readonly log: Logger;
  /** Told when a notice is to go out again. */
  readonly wake: () => void;
}

const pauseMs = 100;
const patience = 20;

export function createHear(parts: HearParts): Hear {
  const { notices, ledger, receipts, codes, clock, meters, heard, log } = parts;

  const follow = async (before: NoticeDoc, kept: NoticeDoc): Promise<void> => {
    const about = { noticeId: kept._id, channel: kept.attempts.at(-1)?.channel };
    const breach = before.outcome === null && kept.outcome === 'BREACHED';
    receipts.send(kept, { attemptsFrom: kept.attempts.length, breach });
    if (breach) meters.breached(kept);
    if (kept.state === 'PENDING') {
      log.warn(about, 'A notice did not arrive; trying another way');
      parts.wake();
      return;
    }
    if (before.state === 'PENDING') meters.ended(kept, before);
    if (kept.state === 'FAILED') log.error({ ...about, reason: kept.reason }, 'A notice did not arrive');
    await codes.wipe(kept);
  };

  const hear: Hear = async (receipt) => {
    for (let look = 0; look < patience; look++) {
      const now = clock.now();
      const doc = await notices.findOne({ _id: receipt.noticeId });
      if (doc === null) return 'unknown';
      const leased = doc.state === 'PENDING' && (doc.lease?.until.getTime() ?? 0) > now;
      if (!leased) {
        const step = afterReceipt(handedOf(doc), receipt, now, noticePolicyOf(doc.policy, doc.terms));
        if (step.state === 'same') return step.because === 'never-sent' ? 'unknown' : 'nothing-new';
        const kept = await ledger.change(
          // As it was read: every other change adds an attempt, moves the state, or takes a lease.
          { _id: doc._id, state: doc.state, attempts: { $size: doc.attempts.length }, ...sameLease(doc) },
          updateOf(receipt, step, now),
          now,
        );
        if (kept !== null) {
          await follow(doc, kept);
          return 'taken';
        }
      }
      await delay(pauseMs);
    }
    return 'busy';
  };
  return async (receipt) => {
    const result = await hear(receipt);
    heard(receipt.channel, receipt.status, result);
    return result;
  };
}

function handedOf(doc: NoticeDoc): NoticeHanded {
  const attempts = progressOf(doc).attempts.map(
    (attempt, i): HandOver => ({ ...attempt, at: (doc.attempts[i] as NoticeAttempt).at.getTime() }),
  );
  return { ...progressOf(doc), state: doc.state, sentAt: doc.sentAt?.getTime(), tellsCode: tellsCode(doc), attempts };
}

function sameLease({ lease }: NoticeDoc): object {
  return lease === undefined
    ? { lease: { $exists: false } }
    : { 'lease.owner': lease.owner, 'lease.until': lease.until };
}

function updateOf(
  { channel, reason, providerReference }: HeardReceipt,
  step: Exclude<ReceiptStep, { state: 'same' }>,
  now: number,
): UpdateFilter<NoticeDoc> {
  const delivered = step.state === 'DELIVERED';
  const entry: NoticeAttempt = {
    at: new Date(delivered ? step.deliveredAt : now),
    channel,
    outcome: delivered ? 'DELIVERED' : 'REJECTED',
    ...(!delivered && { reason: reason === undefined ? 'undelivered' : `undelivered-${reason}` }),
    ...(providerReference !== undefined && { providerReference }),
    receipt: true,
  };
  return {
    $set: {
      state: step.state,
      ...(delivered && {
        channel,
        sentAt: new Date(step.sentAt),
        deliveredAt: new Date(step.deliveredAt),
        outcome: step.outcome,
      }),
      ...(step.state === 'PENDING' && { nextAttemptAt: new Date(step.nextAttemptAt) }),
      ...(step.state === 'FAILED' && { reason: step.reason }),
    },
    $push: { attempts: entry },
    $unset: {
      lease: '',
      askAt: '',
      ...(step.state !== 'PENDING' && { nextAttemptAt: '' }),
      ...(delivered && { reason: '', nextAlarmAt: '' }),
    },
  };
}
