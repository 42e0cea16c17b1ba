/**
 * The words of notices.
 *
 *   notice     what the cardholder is told once, for one cause
 *   entry      the notice as it begins its life in the ledger
 *   due        when the cause happened; a notice goes out as soon as it is known
 *   deadline   when it must have gone out
 *   attempt    one hand-over to one channel, and what the channel answered
 *   outcome    MET when it went out by the deadline, BREACHED when not; decided once, never changed
 *   alarm      said once, so long after the cause, while nothing has gone out
 *   moot       what a later event makes a notice that still waits; it is called off then
 *   stale      what a cause is that becomes known too long after it happened; nothing is sent then
 *   code       what an ACTIVATION_CODE notice tells; it is in no entry, only in the vault (libs/store), sealed
 *
 * Times are epoch milliseconds, UTC. Nothing here reads a clock.
 */
import type { NoticeKind } from './kinds.js';
import type { NoticeTerms } from './policy.js';

export const noticeStates = ['PENDING', 'SENT', 'DELIVERED', 'FAILED', 'CANCELLED'] as const;
export type NoticeState = (typeof noticeStates)[number];

export type NoticeOutcome = 'MET' | 'BREACHED';

/** What the text of a notice names. No contact detail. */
export interface NoticeSubject {
  readonly network?: string;
  readonly wallet?: string;
  readonly deviceName?: string;
  readonly deviceType?: string;
  /** By this the contact is found, at the moment of sending. */
  readonly cardRef?: string;
  readonly cardLast4?: string;
}

/** A notice as decided: a pure function of its cause, so that the same cause always gives the same entry. */
export interface NoticeEntry {
  readonly noticeId: string;
  readonly tokenId: string;
  readonly kind: NoticeKind;
  /** The lifecycle event that caused it. */
  readonly causeEventId: string;
  /** Version of the token's state that event belongs to: what comes later has a higher one. */
  readonly causeVersion: number;
  /** Id of the policy applied, and what it said. */
  readonly policy: string;
  readonly terms: NoticeTerms;
  readonly dueAt: number;
  readonly deadlineAt?: number;
  readonly subject: NoticeSubject;
  /** ACTIVATION_CODE only. */
  readonly activation?: NoticeActivation;
}

/** What an entry knows of a code. Not the code. */
export interface NoticeActivation {
  /** How the cardholder chose to get it: SMS, EMAIL, APP … */
  readonly method?: string;
  /** When it lapses, where its source says so. */
  readonly expiresAt?: number;
}

const idPrefixes: ReadonlyMap<NoticeKind, string> = new Map([['PROVISIONING_COMPLETED', 'completion']]);

/**
 * The id of the one notice of a kind there is for a cause: `completion-<tokenId>`, `activation-code-<factId>`, `token-suspended-<factId>`,
 * `token-unused-<tokenId>-<due, epoch ms>`. It serves as a ledger key, a
 * Message-ID, an HTTP header and a file name, so whatever is not a letter, a digit, `_` or `-` in the cause's id is written as
 * `~<code point, hex>~`: no two causes share an id.
 */
export function noticeIdOf(kind: NoticeKind, causeId: string): string {
  const prefix = idPrefixes.get(kind) ?? kind.toLowerCase().replaceAll('_', '-');
  return `${prefix}-${causeId.replace(/[^A-Za-z0-9_-]/gu, (c) => `~${(c.codePointAt(0) as number).toString(16)}~`)}`;
}
