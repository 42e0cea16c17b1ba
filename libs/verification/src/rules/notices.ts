/**
 * Whom a notice is due for, and by when.
 *
 * - Without a policy of the issuer's, as the sources oblige: a completion notice 30 minutes after provisioning and activation for a token on a device,
 *   none for one on file or in a browser (visa-vts-and-thredd-ehi.md 5.4 and 7, mastercard-mdes.md 7). A kind nobody reported counts as a device.
 *   A test compares this with the policy built into the notifier. A notice is due for every activation code too, one for each fact that tells of it.
 * - Where rules of the issuer's own may decide, as these say. Which programme a card belongs to is not known here: where that decides, both are right.
 * - An entry is held to the terms it carries. One made under a policy of another version is not judged by today's.
 */
import {
  builtinRules,
  type NoticeKind,
  type NoticeRules,
  noticeIdOf,
  rulesWhateverProgramme,
  type TokenType,
} from '@tokenline/domain';
import type { LedgerEntry } from '../documents.js';
import type { Announcement } from '../log/view.js';

export const completionDeadlineMs = 30 * 60 * 1000;
const staleAfterMs = 24 * 60 * 60 * 1000;
export const completionNotice = 'PROVISIONING_COMPLETED';
export const codeNotice = 'ACTIVATION_CODE';

/** Type of the event each other kind of notice follows from. */
export const causesOfOthers: ReadonlyMap<string, string> = new Map<NoticeKind, string>([
  ['TOKEN_SUSPENDED', 'TokenChanged'],
  ['TOKEN_RESUMED', 'TokenChanged'],
  ['TOKEN_DELETED', 'TokenChanged'],
  ['PROVISIONING_UNFINISHED', 'DeadlinePassed'],
  ['TOKEN_UNUSED', 'DeadlinePassed'],
]);

/** The notice that is due for the code a fact tells of. */
export function codeNoticeId(factId: string): string {
  return noticeIdOf(codeNotice, factId);
}

export function isNoticeDue(tokenType: TokenType | undefined): boolean {
  return tokenType === undefined || !['CARD_ON_FILE', 'BROWSER', 'OTHER'].includes(tokenType);
}

/** Whether a completion notice is due under the rules in force; undefined where they may say both. */
export function isCompletionNoticeDue(
  announced: Pick<Announcement, 'tokenType' | 'wallet' | 'network'>,
  rules: NoticeRules,
): boolean | undefined {
  const deciding = rulesWhateverProgramme(completionNotice, announced, rules);
  const answers = deciding.map((rule) =>
    builtinRules.rules.includes(rule) ? isNoticeDue(announced.tokenType) : rule.terms !== undefined,
  );
  return answers.every((answer) => answer === answers[0]) ? answers[0] : undefined;
}

/** Whether every code is told, whoever's it is. */
export function isEveryCodeDue({ rules }: NoticeRules): boolean {
  return rules.every((rule) => rule.kind !== codeNotice || rule.terms !== undefined);
}

/** Whether an entry was made under one of the policies in force. */
export function isUnder({ policy, terms }: Pick<LedgerEntry, 'policy' | 'terms'>, { versions }: NoticeRules): boolean {
  return terms === undefined || versions.includes(policy?.split('/')[0] ?? '');
}

/** Whether an entry called off as old news was: too old when it became known, or left lying until nobody tries any more. */
export function wasStale({ dueAt, createdAt, endedAt, terms }: LedgerEntry): boolean {
  const lay = (endedAt ?? createdAt) - createdAt;
  return createdAt - dueAt > (terms?.staleAfter ?? staleAfterMs) || lay > (terms?.giveUpAfter ?? staleAfterMs);
}
