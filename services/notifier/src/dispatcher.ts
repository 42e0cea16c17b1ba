/**
 * The dispatcher: takes due entries from the ledger and hands them to channels.
 *
 *   asleep ── woken by the reader, or 1 s gone ──▶ claiming ── entries ──▶ in hand: looked up ── room ──▶ sending ── answer ──▶ recording
 *      ▲                                              │ nothing due        ▲       └── lease too old ──▶ given back
 *      └──────────────────────────────────────────────┘                    └── from the reader, claimed as they were opened
 *
 * Up to 16 are being sent and about 64 wait in hand: a claim takes three round trips, too many to make one for each send that ends. Contacts and codes
 * of all that come together are looked up together, sealed as they are; whoever waits for the record of its answer waits beside the 16.
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
import { createSlots } from './slots.js';

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
  /** How many entries it takes beside those it has. */
  readonly room: () => number;
  /** Sees to claimed entries being sent. */
  readonly accept: (claimed: readonly NoticeDoc[]) => void;
  /** Claims what is due now, as far as there is room, and sees to it being sent. Gives how many it took, and whether there may be more. */
  readonly take: () => Promise<{ readonly taken: number; readonly more: boolean }>;
  /** Whether it is time to claim more. */
  readonly hasRoom: () => boolean;
  /** Resolves when the next send under way has ended; at once when there is none. */
  readonly nextDone: () => Promise<void>;
  /** Resolves when nothing is in hand or under way. */
  readonly idle: () => Promise<void>;
  /** Gives back what is in hand and not being sent; `idle` waits for it. */
  readonly drop: () => void;
}

export function createDispatcher(parts: DispatcherParts): Dispatcher {
  const { ledger, contacts, codes, channels, receipts, heartbeats, clock, meters, log } = parts;
  const slots = createSlots(sendsAtOnce);
  const underWay = new Set<Promise<void>>();
  /** In hand, and not yet being sent. */
  let waiting = 0;

  const handle = async (doc: NoticeDoc): Promise<void> => {
    const { contact, code } = await lookUp(doc);
    const isItsTurn = await slots.take();
    waiting -= 1;
    if (!isItsTurn) return ledger.release(doc);
    const tried = await attempt(doc, contact, code).finally(slots.free);
    if (tried !== undefined) await settle(doc, tried);
  };

  const lookUp = async (doc: NoticeDoc) => {
    try {
      const code = tellsCode(doc) ? await codes.find(doc) : undefined;
      return { code, contact: await contacts.find(doc.subject.cardRef, code?.addressee) };
    } catch (error) {
      waiting -= 1;
      throw error;
    }
  };

  /** Undefined when it was given back. */
  const attempt = async (
    doc: NoticeDoc,
    contact: KnownContact,
    code: KnownCode | undefined,
  ): Promise<Tried | undefined> => {
    const policy = noticePolicyOf(doc.policy, doc.terms);
    const progress = progressOf(doc);
    const now = clock.now();
    const end = (reason: NoticeEnd): Tried => ({
      result: { at: now, channel: noChannel, outcome: 'FAILED', reason },
      step: calledOff(progress, reason, now),
    });
    if (doc.moot !== undefined) return end(doc.moot as MootReason);
    if (hasEnded(progress, now, policy)) return end('expired');
    if (hasGoneStale(progress, now, policy)) return end('stale');
    const allowedAt = soonest(now, policy);
    if (allowedAt > now) return void (await ledger.postpone(doc, allowedAt));
    if (tellsCode(doc) && code === undefined) return end('no-code');
    const routes = routesFor(contact, channels, policy.channels);
    const names = routes.map((route) => route.name);
    const name = nextChannel(progress, names, now, policy);
    const channel = routes.find((route) => route.name === name);
    if (channel === undefined) {
      const reason = names.length > 0 ? 'refused' : contact.fields.size > 0 ? 'no-channel' : 'no-contact';
      return {
        result: { at: now, channel: noChannel, outcome: 'FAILED', reason },
        step: withoutChannel(progress, reason, now),
      };
    }
    const leasedUntil = doc.lease?.until.getTime() ?? 0;
    const isOurs = heartbeats.stillHolds(leasedUntil - leaseMs) && now + sendTimeoutMs <= leasedUntil;
    if (!isOurs) return void (await ledger.release(doc));
    const answer = await send(channel, contact, code, doc, parts);
    const result: RecordedAttempt = {
      at: clock.now(),
      channel: channel.name,
      outcome: answer.outcome,
      ...('reason' in answer && { reason: answer.reason }),
      ...('retryAfterMs' in answer && { retryAfter: answer.retryAfterMs }),
      ...('providerReference' in answer && { providerReference: answer.providerReference }),
    };
    return { result, step: afterAttempt(progress, result, names, policy) };
  };

  const settle = async (doc: NoticeDoc, { result, step }: Tried): Promise<void> => {
    meters.attempt(result);
    const kept = await ledger.record(doc, result, step);
    const about = { noticeId: doc._id, channel: result.channel, reason: result.reason };
    if (kept === undefined) {
      meters.leaseLost();
      log.error(about, 'A notice was handled after its lease had gone to another instance; it may go out twice');
      if (doc.published) await ledger.markPublished([doc._id]);
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

  const accept = (claimed: readonly NoticeDoc[]): void => {
    for (const doc of claimed) {
      waiting += 1;
      const done = handle(doc)
        .catch((error: unknown) => {
          log.error({ err: error, noticeId: doc._id }, 'A notice was not handled; its lease runs out');
        })
        .finally(() => underWay.delete(done));
      underWay.add(done);
    }
  };

  return {
    room: () => (heartbeats.isFresh() ? Math.max(0, mostInHand - waiting) : 0),
    accept,
    take: async () => {
      if (!heartbeats.isFresh()) return { taken: 0, more: false };
      const { claimed, more } = await ledger.claim(mostInHand - waiting, clock.now());
      accept(claimed);
      return { taken: claimed.length, more };
    },
    hasRoom: () => waiting < sendsAtOnce,
    nextDone: async () => {
      if (underWay.size > 0) await Promise.race(underWay);
    },
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
      await receipts.idle();
    },
    drop: slots.close,
  };
}

/** An attempt, and what follows from it. */
interface Tried {
  readonly result: RecordedAttempt;
  readonly step: NoticeStep;
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
  const giveUp = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<ChannelAnswer>((resolve) => {
    timer = setTimeout(() => {
      giveUp.abort();
      resolve({ outcome: 'FAILED', reason: 'timeout' });
    }, sendTimeoutMs);
  });
  try {
    return await Promise.race([channel.send(delivery, giveUp.signal), timeout]);
  } catch (error) {
    log.error({ noticeId: doc._id, channel: channel.name, error: (error as Error).name }, 'A channel threw');
    return { outcome: 'FAILED', reason: 'channel-error' };
  } finally {
    clearTimeout(timer);
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
