/**
 * The dispatcher: takes due entries from the ledger and hands them to channels.
 *
 *   asleep ── woken by the reader, or 1 s gone ──▶ claiming ── entries ──▶ in hand ── room ──▶ sending ── answer ──▶ recording
 *      ▲                                              │ nothing due           └── lease too old ──▶ given back
 *      └──────────────────────────────────────────────┘
 *
 * Up to 16 are being sent and up to 64 wait in hand: a claim takes three round trips, too many to make one for each send that ends.
 * A send has 12 s of its 20 s lease; an entry that comes to its turn too late for that is given back, and so is one that was claimed before our heart
 * missed a beat: somebody may have taken us for dead. When the process dies between the channel's
 * acceptance and the record, or the channel dies in the answer, the next try carries the same idempotency key: a double arises only where the
 * far side does not look at it.
 */
import {
  afterAttempt,
  calledOff,
  hasEnded,
  hasGoneStale,
  type MootReason,
  type NoticeEnd,
  type NoticeKind,
  type NoticeStep,
  type NoticeTexts,
  nextChannel,
  noticePolicyOf,
  noticeText,
  soonest,
  withoutChannel,
} from '@tokenline/domain';
import type { Logger } from '@tokenline/runtime';
import type { NoticeDoc } from '@tokenline/store';
import type { Channel, ChannelAnswer, Delivery } from './channels/port.js';
import type { Clock } from './clock.js';
import { type Codes, type KnownCode, tellsCode } from './codes.js';
import type { Contacts, KnownContact } from './contacts.js';
import { noChannel, progressOf, type RecordedAttempt } from './entry.js';
import type { Heartbeats } from './heartbeats.js';
import { type Ledger, leaseMs } from './ledger.js';
import type { Meters } from './meters.js';
import type { Receipts } from './receipts.js';
import { routesFor } from './routes.js';

export const sendTimeoutMs = 12_000;
export const sendsAtOnce = 16;
export const mostInHand = 64;

export interface DispatcherParts {
  readonly ledger: Ledger;
  readonly contacts: Contacts;
  readonly codes: Codes;
  readonly channels: readonly Channel[];
  /** The built-in texts when left out. */
  readonly texts?: NoticeTexts | undefined;
  readonly receipts: Receipts;
  readonly heartbeats: Pick<Heartbeats, 'isFresh' | 'stillHolds'>;
  readonly clock: Clock;
  readonly meters: Meters;
  readonly log: Logger;
}

export interface Dispatcher {
  /** Claims what is due now, as far as there is room, and sees to it being sent. Gives how many it took, and whether there may be more. */
  readonly take: () => Promise<{ readonly taken: number; readonly more: boolean }>;
  /** Whether it is time to claim more. */
  readonly hasRoom: () => boolean;
  /** Resolves when the next send under way has ended; at once when there is none. */
  readonly nextDone: () => Promise<void>;
  /** Resolves when nothing is in hand or under way. */
  readonly idle: () => Promise<void>;
  /** Gives back what is in hand and not being sent. */
  readonly drop: () => Promise<void>;
}

export function createDispatcher(parts: DispatcherParts): Dispatcher {
  const { ledger, contacts, codes, channels, receipts, heartbeats, clock, meters, log } = parts;
  const inHand: NoticeDoc[] = [];
  const underWay = new Set<Promise<void>>();

  const attempt = async (doc: NoticeDoc): Promise<void> => {
    const policy = noticePolicyOf(doc.policy, doc.terms);
    const progress = progressOf(doc);
    const now = clock.now();
    if (doc.moot !== undefined) return end(doc, doc.moot as MootReason);
    if (hasEnded(progress, now, policy)) return end(doc, 'expired');
    if (hasGoneStale(progress, now, policy)) return end(doc, 'stale');
    const allowedAt = soonest(now, policy);
    if (allowedAt > now) return ledger.postpone(doc, allowedAt);
    const code = tellsCode(doc) ? await codes.find(doc) : undefined;
    if (tellsCode(doc) && code === undefined) return end(doc, 'no-code');
    const contact = await contacts.find(doc.subject.cardRef, code?.addressee);
    const routes = routesFor(contact, channels, policy.channels);
    const names = routes.map((route) => route.name);
    const name = nextChannel(progress, names, clock.now(), policy);
    const channel = routes.find((route) => route.name === name);
    if (channel === undefined) {
      const reason = names.length > 0 ? 'refused' : contact.fields.size > 0 ? 'no-channel' : 'no-contact';
      const at = clock.now();
      return settle(doc, { at, channel: noChannel, outcome: 'FAILED', reason }, withoutChannel(progress, reason, at));
    }
    const leasedUntil = doc.lease?.until.getTime() ?? 0;
    const isOurs = heartbeats.stillHolds(leasedUntil - leaseMs) && clock.now() + sendTimeoutMs <= leasedUntil;
    if (!isOurs) return ledger.release([doc]);
    const answer = await send(channel, contact, code, doc, parts);
    const result: RecordedAttempt = {
      at: clock.now(),
      channel: channel.name,
      outcome: answer.outcome,
      ...('reason' in answer && { reason: answer.reason }),
      ...('retryAfterMs' in answer && { retryAfter: answer.retryAfterMs }),
      ...('providerReference' in answer && { providerReference: answer.providerReference }),
    };
    return settle(doc, result, afterAttempt(progress, result, names, policy));
  };

  const end = (doc: NoticeDoc, reason: NoticeEnd): Promise<void> => {
    const at = clock.now();
    return settle(doc, { at, channel: noChannel, outcome: 'FAILED', reason }, calledOff(progressOf(doc), reason, at));
  };

  const settle = async (doc: NoticeDoc, result: RecordedAttempt, step: NoticeStep): Promise<void> => {
    meters.attempt(result);
    const kept = await ledger.record(doc, result, step);
    const about = { noticeId: doc._id, channel: result.channel, reason: result.reason };
    if (kept === undefined) {
      meters.leaseLost();
      log.error(about, 'A notice was handled after its lease had gone to another instance; it may go out twice');
      return;
    }
    const breach = doc.outcome === null && kept.outcome === 'BREACHED';
    receipts.send(kept, { attemptsFrom: kept.attempts.length, breach });
    if (breach) {
      meters.breached(kept);
      log.error(about, 'A notice missed its deadline');
    }
    if (kept.state === 'PENDING') log.warn(about, 'A notice was not taken; trying again');
    else {
      meters.ended(kept, doc);
      await codes.wipe(kept);
    }
    if (kept.state === 'CANCELLED') log.warn({ ...about, reason: kept.reason }, 'A notice was called off');
    if (kept.state === 'FAILED') log.error({ ...about, reason: kept.reason }, 'A notice cannot be delivered');
  };

  const pump = (): void => {
    while (underWay.size < sendsAtOnce) {
      const doc = inHand.shift();
      if (doc === undefined) return;
      const done = attempt(doc)
        .catch((error: unknown) => {
          log.error({ err: error, noticeId: doc._id }, 'A notice was not handled; its lease runs out');
        })
        .finally(() => {
          underWay.delete(done);
          pump();
        });
      underWay.add(done);
    }
  };

  return {
    take: async () => {
      if (!heartbeats.isFresh()) return { taken: 0, more: false };
      const { claimed, more } = await ledger.claim(mostInHand - inHand.length, clock.now());
      inHand.push(...claimed);
      pump();
      return { taken: claimed.length, more };
    },
    hasRoom: () => inHand.length < sendsAtOnce,
    nextDone: async () => {
      if (underWay.size > 0) await Promise.race(underWay);
    },
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
      await receipts.idle();
    },
    drop: () => ledger.release(inHand.splice(0)),
  };
}

/** One try on one channel. What goes wrong is an answer too: contact details and codes never leave by an exception. */
async function send(
  channel: Channel,
  contact: KnownContact,
  code: KnownCode | undefined,
  doc: NoticeDoc,
  { log, texts }: Pick<DispatcherParts, 'log' | 'texts'>,
): Promise<ChannelAnswer> {
  let delivery: Delivery;
  let opening = 'contact';
  try {
    const opened = await contact.open(channel.uses);
    opening = 'code';
    // What stays on a disk is not handed the code.
    const told = channel.reaches === 'local' ? undefined : await code?.open();
    delivery = deliveryOf(doc, channel, contact, opened, told, texts);
  } catch (error) {
    log.error({ noticeId: doc._id, opening, error: (error as Error).name }, 'A sealed value cannot be opened');
    return { outcome: 'FAILED', reason: `${opening}-unreadable` };
  }
  try {
    const signal = AbortSignal.timeout(sendTimeoutMs);
    return await Promise.race([channel.send(delivery, signal), timeout(signal)]);
  } catch (error) {
    log.error({ noticeId: doc._id, channel: channel.name, error: (error as Error).name }, 'A channel threw');
    return { outcome: 'FAILED', reason: 'channel-error' };
  }
}

function deliveryOf(
  doc: NoticeDoc,
  channel: Channel,
  known: KnownContact,
  contact: Delivery['contact'],
  code: string | undefined,
  texts: NoticeTexts | undefined,
): Delivery {
  const kind = doc.kind as NoticeKind;
  const { method, expiresAt } = doc.activation ?? {};
  const activation = tellsCode(doc) ? { method, code, expiresAt: expiresAt?.getTime() } : undefined;
  return {
    noticeId: doc._id,
    idempotencyKey: `${doc._id}:${channel.name}`,
    tokenId: doc.tokenId,
    kind,
    dueAt: doc.dueAt.getTime(),
    deadlineAt: doc.deadlineAt?.getTime(),
    subject: doc.subject,
    locale: known.locale,
    contact,
    activation,
    text: (form, brevity) =>
      noticeText(kind, doc.subject, doc.dueAt.getTime(), form, activation, { locale: known.locale, texts, brevity }),
  };
}

function timeout(signal: AbortSignal): Promise<ChannelAnswer> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ outcome: 'FAILED', reason: 'timeout' }), { once: true });
  });
}
