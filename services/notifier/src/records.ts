/** The records the notifier writes, made from the ledger, so that a repeat says the same under the same id. */
import type { Codec } from '@tokenline/contracts';
import { type CardholderMessage, type DeliveryOutcome, type DeliveryReceipt, durationText } from '@tokenline/domain';
import type { NoticeDoc } from '@tokenline/store';
import { eventHeaders, type OutRecord } from '@tokenline/streams';
import { noChannel } from './entry.js';

/** The event that a notice is to be told. Readers know repeats by its messageId. */
export function messageRecord(codec: Codec, doc: NoticeDoc, traceparent?: string): OutRecord {
  const { wallet, deviceName, deviceType, cardRef, cardLast4 } = doc.subject;
  const message: CardholderMessage = {
    messageId: `message-${doc._id}`,
    noticeId: doc._id,
    tokenId: doc.tokenId,
    kind: doc.kind,
    causeEventId: doc.causeEventId,
    dueAt: doc.dueAt.getTime(),
    deadlineAt: doc.deadlineAt?.getTime(),
    wallet,
    device: deviceName === undefined && deviceType === undefined ? undefined : { name: deviceName, type: deviceType },
    card: cardRef === undefined ? undefined : { ref: cardRef, last4: cardLast4 },
    createdAt: doc.createdAt.getTime(),
  };
  return {
    topic: 'cardholder.messages',
    key: doc.tokenId,
    value: codec.encode('tokenline.cardholder.CardholderMessage', message),
    headers: eventHeaders({
      id: message.messageId,
      type: 'tokenline.cardholder.CardholderMessage',
      source: 'notifier',
      time: message.createdAt,
      subject: doc.tokenId,
      traceparent,
    }),
  };
}

/** Which receipts of an entry are meant. */
export interface ReceiptsWanted {
  /** Attempts from this number (counting from 1) on; none when left out. */
  readonly attemptsFrom?: number;
  /** The last so many alarms. */
  readonly alarms?: number;
  readonly breach?: boolean;
}

/** Receipts of attempts, of alarms, and of the breach. */
export function receiptRecords(codec: Codec, doc: NoticeDoc, wanted: ReceiptsWanted): readonly OutRecord[] {
  const { attemptsFrom = doc.attempts.length + 1, alarms = 0, breach = false } = wanted;
  const told = doc.attempts.map((attempt, i) => ({
    receiptId: `${doc._id}:${i + 1}`,
    channel: attempt.channel,
    attempt: i + 1,
    outcome: attempt.outcome as DeliveryOutcome,
    reason: attempt.reason,
    providerReference: attempt.providerReference,
    at: attempt.at.getTime(),
  }));
  const alarmed = (doc.alarms ?? []).map(({ after, at }) => ({
    receiptId: `${doc._id}:alarm-${durationText(after)}`,
    channel: noChannel,
    attempt: 0,
    outcome: 'ALARMED' as const,
    reason: `unsent-after-${durationText(after)}`,
    at: at.getTime(),
  }));
  const late = {
    receiptId: `${doc._id}:breach`,
    channel: noChannel,
    attempt: 0,
    outcome: 'BREACHED',
    at: (doc.deadlineAt ?? doc.dueAt).getTime(),
  } as const;
  return [...told.slice(attemptsFrom - 1), ...alarmed.slice(alarmed.length - alarms), ...(breach ? [late] : [])].map(
    (one) => receiptRecord(codec, doc, one),
  );
}

function receiptRecord(
  codec: Codec,
  doc: NoticeDoc,
  told: Omit<DeliveryReceipt, 'noticeId' | 'tokenId' | 'kind'>,
): OutRecord {
  const receipt: DeliveryReceipt = { ...told, noticeId: doc._id, tokenId: doc.tokenId, kind: doc.kind };
  return {
    topic: 'cardholder.receipts',
    key: doc.tokenId,
    value: codec.encode('tokenline.cardholder.DeliveryReceipt', receipt),
    headers: eventHeaders({
      id: receipt.receiptId,
      type: 'tokenline.cardholder.DeliveryReceipt',
      source: 'notifier',
      time: receipt.at,
      subject: doc.tokenId,
    }),
  };
}
