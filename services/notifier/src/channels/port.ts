/**
 * The channel port: one way to hand a notice to the cardholder or to somebody who will.
 *
 * What every channel owes (conformance.int.test.ts holds each of them to it):
 * - `send` answers, it does not throw: ACCEPTED or DELIVERED; FAILED when another try may succeed; REJECTED when this message will never be
 *   taken there. It gives up when `signal` aborts.
 * - The delivery's idempotency key goes with every try, in the form the far side knows. It is the same for all tries of one notice on one channel,
 *   so a far side that looks at it takes a repeat for a repeat.
 * - What it answers is codes of its own making (`smtp-550 5.1.1`, `http-503`, `timeout`), never the far side's words: servers echo addresses.
 */
import type { Brevity, CodeToTell, NoticeForm, NoticeKind, NoticeSubject, NoticeText } from '@tokenline/domain';

export const channelNames = ['push', 'smtp', 'sms', 'webhook', 'programme-webhook', 'outbox'] as const;
export type ChannelName = (typeof channelNames)[number];

export const contactFields = ['email', 'phone', 'webhook', 'push'] as const;
export type ContactField = (typeof contactFields)[number];

/** Contact values in clear, opened for one send. */
export type Contact = Readonly<Partial<Record<ContactField, string>>>;

export interface Delivery {
  readonly noticeId: string;
  /** `<noticeId>:<channel>`, the same for every try. */
  readonly idempotencyKey: string;
  readonly tokenId: string;
  readonly kind: NoticeKind;
  /** Epoch milliseconds, as `deadlineAt`. */
  readonly dueAt: number;
  readonly deadlineAt?: number | undefined;
  readonly subject: NoticeSubject;
  readonly locale?: string | undefined;
  readonly contact: Contact;
  /** ACTIVATION_CODE only. The code is in clear and must not outlast the send; what is written to a file is not given it. */
  readonly activation?: (CodeToTell & { readonly method?: string | undefined }) | undefined;
  /** Briefer texts say less of names other people chose (libs/domain/src/notices/text.ts). */
  readonly text: (form: NoticeForm, brevity?: Brevity) => NoticeText;
}

export type ChannelAnswer =
  | { readonly outcome: 'ACCEPTED' | 'DELIVERED'; readonly providerReference?: string | undefined }
  | { readonly outcome: 'REJECTED'; readonly reason: string }
  | { readonly outcome: 'FAILED'; readonly reason: string; readonly retryAfterMs?: number | undefined };

export interface Channel {
  readonly name: ChannelName;
  /** Whom it reaches: the cardholder by a contact, the programme in place of the cardholder, or whoever reads the local outbox. */
  readonly reaches: 'cardholder' | 'programme' | 'local';
  /** Contact values it is handed; no other is opened for it. A channel that reaches the cardholder needs them all. */
  readonly uses: readonly ContactField[];
  readonly send: (delivery: Delivery, signal: AbortSignal) => Promise<ChannelAnswer>;
  readonly close: () => Promise<void>;
}

/** A far side's id of the message, where it is safe to keep: short, and nothing in it that looks like an address or a number to call. */
export function safeReference(raw: unknown): string | undefined {
  return typeof raw === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(raw) && !/^\d{9,}$/.test(raw) ? raw : undefined;
}
