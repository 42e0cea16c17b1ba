/** The cardholder's side: whom a notice was due for, whether it stands in the ledger in time, and whether the log tells of it. */
import { durationText, type NoticeRules } from '@tokenline/domain';
import type { DocumentsFound, LedgerEntry } from '../documents.js';
import { placeText } from '../log/place.js';
import { retentionOf } from '../log/read.js';
import type { Announcement } from '../log/view.js';
import {
  causesOfOthers,
  codeNotice,
  completionDeadlineMs,
  completionNotice,
  isCompletionNoticeDue,
  isEveryCodeDue,
  isUnder,
  wasStale,
} from '../rules/notices.js';
import type { Look } from './look.js';

/** Judges the ledger against what was announced, the policy in force and the cardholder topics. */
export function judgeNotices(look: Look, { ledger }: DocumentsFound, rules: NoticeRules): void {
  const completions = new Map<string, LedgerEntry[]>();
  const codes = new Map<string, LedgerEntry>();
  for (const entry of ledger) {
    if (entry.kind === completionNotice)
      completions.set(entry.tokenId, [...(completions.get(entry.tokenId) ?? []), entry]);
    if (entry.kind === codeNotice) codes.set(entry.noticeId, entry);
  }
  judgeDue(look, completions, rules);
  judgeCodesDue(look, codes, rules);
  for (const entry of ledger) {
    if (entry.kind === completionNotice) judgeDeadline(look, entry);
    else judgeMet(look, entry);
    if (causesOfOthers.has(entry.kind)) judgeCause(look, entry);
    if (entry.reason === 'stale') judgeStale(look, entry);
    judgeTold(look, entry);
  }
}

function judgeCodesDue(look: Look, codes: ReadonlyMap<string, LedgerEntry>, rules: NoticeRules): void {
  const { view, tallies } = look;
  const all = isEveryCodeDue(rules);
  const tally = tallies.of('NOTICES_DUE');
  for (const [noticeId, { first, eventIds }] of view.codes) {
    tally.check();
    const fail = (what: string): void =>
      tally.fail({ where: placeText('token.lifecycle', first), tokenId: first.tokenId, what });
    const entry = codes.get(noticeId);
    if (entry === undefined) {
      const putAside = view.letters.has('token.lifecycle', first, 'NOTIFIER');
      if (all && !putAside && look.overdue('notifier', first) === 'lost')
        fail('has an activation code, and the ledger has no notice of it');
    } else if (!eventIds.has(entry.causeEventId)) fail(`the notice ${noticeId} is for another event than its code`);
  }
  for (const { noticeId, tokenId } of codes.values()) {
    if (!view.codes.has(noticeId)) tally.fail({ tokenId, what: `the notice ${noticeId} is for no code announced` });
  }
}

function judgeDue(look: Look, completions: ReadonlyMap<string, readonly LedgerEntry[]>, rules: NoticeRules): void {
  const { view, tallies } = look;
  const tally = tallies.of('NOTICES_DUE');
  for (const { tokenId, announced } of view.tokens.values()) {
    if (announced === undefined) continue;
    tally.check();
    const what = wrongDue(look, announced, completions.get(tokenId) ?? [], rules);
    if (what !== undefined) tally.fail({ where: placeText('token.lifecycle', announced), tokenId, what });
  }
  for (const tokenId of completions.keys()) {
    if (view.tokens.get(tokenId)?.announced === undefined)
      tally.fail({ tokenId, what: 'has a completion notice, and no completion was announced' });
  }
}

function wrongDue(
  look: Look,
  announced: Announcement,
  entries: readonly LedgerEntry[],
  rules: NoticeRules,
): string | undefined {
  const [entry, ...more] = entries;
  const due = isCompletionNoticeDue(announced, rules);
  if (due === false && entry !== undefined && isUnder(entry, rules))
    return `has a completion notice, and is a ${announced.tokenType} token`;
  if (entry === undefined) {
    if (due !== true) return undefined;
    const putAside = look.view.letters.has('token.lifecycle', announced, 'NOTIFIER');
    const lost = !putAside && look.overdue('notifier', announced) === 'lost';
    return lost ? 'is complete, and the ledger has no notice' : undefined;
  }
  if (more.length > 0) return `has ${entries.length} completion notices`;
  return entry.causeEventId === announced.eventId ? undefined : 'has a notice for another event than its completion';
}

function judgeDeadline({ view, tallies }: Look, entry: LedgerEntry): void {
  const announced = view.tokens.get(entry.tokenId)?.announced;
  if (announced === undefined) return;
  const tally = tallies.of('NOTICES_IN_TIME');
  tally.check();
  const what = wrongDeadline(entry, announced.completedAt);
  if (what !== undefined) tally.fail({ where: placeText('token.lifecycle', announced), tokenId: entry.tokenId, what });
}

function wrongDeadline({ deadlineAt, sentAt, outcome, terms }: LedgerEntry, completedAt: number): string | undefined {
  const after = terms?.deadlineAfter ?? completionDeadlineMs;
  if (after > completionDeadlineMs) return 'has been given more than 30 minutes';
  if (deadlineAt !== completedAt + after)
    return `has a deadline that is not ${durationText(after).replace(/m$/, ' minutes')} after completion`;
  return wronglyMet({ deadlineAt, sentAt, outcome });
}

function judgeMet({ tallies }: Look, entry: LedgerEntry): void {
  const tally = tallies.of('NOTICES_IN_TIME');
  tally.check();
  const what = wronglyMet(entry);
  if (what !== undefined) tally.fail({ tokenId: entry.tokenId, what: `the notice ${entry.noticeId} ${what}` });
}

/** Nothing is told that did not happen. */
function judgeCause({ view, tallies }: Look, { noticeId, tokenId, kind, causeEventId }: LedgerEntry): void {
  const tally = tallies.of('NOTICES_DUE');
  tally.check();
  const cause = view.events.get(causeEventId)?.type;
  if (cause === undefined) tally.fail({ tokenId, what: `the notice ${noticeId} is for no event in the log` });
  else if (cause !== causesOfOthers.get(kind))
    tally.fail({ tokenId, what: `the notice ${noticeId} is for an event ${cause}` });
}

function judgeStale({ tallies }: Look, entry: LedgerEntry): void {
  if (!wasStale(entry))
    tallies.of('NOTICES_IN_TIME').fail({
      tokenId: entry.tokenId,
      what: `the notice ${entry.noticeId} was called off as old news, and was none`,
    });
}

function wronglyMet({
  deadlineAt,
  sentAt,
  outcome,
}: Pick<LedgerEntry, 'deadlineAt' | 'sentAt' | 'outcome'>): string | undefined {
  if (outcome !== 'MET') return undefined;
  const inTime = sentAt !== undefined && deadlineAt !== undefined && sentAt <= deadlineAt;
  return inTime ? undefined : 'is called met, and did not go out in time';
}

function judgeTold({ view, tallies, startedAt, owes }: Look, entry: LedgerEntry): void {
  const tally = tallies.of('NOTICES_TOLD');
  tally.check();
  const { noticeId, tokenId, state, sentAt, createdAt } = entry;
  // Nobody is asked to tell old news.
  const asked = entry.reason !== 'stale';
  if (asked && createdAt > startedAt - retentionOf('cardholder.messages') && !view.told.has(noticeId)) {
    if (entry.published) tally.fail({ tokenId, what: `the notice ${noticeId} has no message on the log` });
    else owes('notifier', `the message of ${noticeId}`);
  }
  const wentOut = state === 'SENT' || state === 'DELIVERED';
  const kept = (sentAt ?? createdAt) > startedAt - retentionOf('cardholder.receipts');
  if (wentOut && kept && !view.receipted.has(noticeId)) {
    if (entry.owesReceipt) owes('notifier', `the receipt of ${noticeId}`);
    else tally.fail({ tokenId, what: `the notice ${noticeId} went out, and the log has no receipt` });
  }
}
