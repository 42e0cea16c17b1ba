/** From a lifecycle event to a notice, or to none. A completion is read from ProvisioningCompleted only, never from a source's message. */
import type { ActivationCodeIssued, ProvisioningCompleted } from '../generated/records.js';
import { codeHeldUntil } from './code.js';
import { type NoticeEntry, type NoticeSubject, noticeIdOf } from './notice.js';
import { activationCodePolicy, type CompletionRule, completionRuleFor, completionRules } from './policy.js';

export type NoticeDecision =
  | { readonly decided: 'notice'; readonly entry: NoticeEntry }
  | { readonly decided: 'none'; readonly because: string }
  /** The event cannot be right. `field` is at fault. */
  | { readonly decided: 'invalid'; readonly field: string; readonly message: string };

/** The last moment a date can name (ECMA-262, time values). */
const lastMoment = 8.64e15;

/** The completion notice a completed provisioning obliges us to send. */
export function decideCompletionNotice(
  event: ProvisioningCompleted,
  rules: readonly CompletionRule[] = completionRules,
): NoticeDecision {
  if (event.tokenId === '') return { decided: 'invalid', field: 'tokenId', message: 'is empty' };
  const rule = completionRuleFor(event, rules);
  if (rule?.policy === undefined) return { decided: 'none', because: rule?.because ?? 'No rule asks for one.' };
  const dueAt = event.completedAt;
  const deadlineAt = dueAt + rule.policy.deadlineAfter;
  if (!(dueAt >= 0 && deadlineAt <= lastMoment)) {
    return { decided: 'invalid', field: 'completedAt', message: 'is not a moment a calendar knows' };
  }
  return {
    decided: 'notice',
    entry: {
      noticeId: noticeIdOf('PROVISIONING_COMPLETED', event.tokenId),
      tokenId: event.tokenId,
      kind: 'PROVISIONING_COMPLETED',
      causeEventId: event.eventId,
      policy: rule.policy.id,
      dueAt,
      deadlineAt,
      subject: subjectOf(event),
    },
  };
}

/** The notice that tells an activation code: for every token, since the cardholder asked for it and waits. */
export function decideActivationCodeNotice(event: ActivationCodeIssued): NoticeDecision {
  const { tokenId, factId, method, expiresAt } = event;
  if (tokenId === '') return { decided: 'invalid', field: 'tokenId', message: 'is empty' };
  if (factId === '') return { decided: 'invalid', field: 'factId', message: 'is empty' };
  const dueAt = event.occurredAt;
  const deadlineAt = codeHeldUntil(dueAt, event.recordedAt, expiresAt);
  for (const [field, at] of [
    ['occurredAt', dueAt],
    ['expiresAt', expiresAt ?? 0],
    ['recordedAt', deadlineAt],
  ] as const) {
    if (!(at >= 0 && at <= lastMoment))
      return { decided: 'invalid', field, message: 'is not a moment a calendar knows' };
  }
  return {
    decided: 'notice',
    entry: {
      noticeId: noticeIdOf('ACTIVATION_CODE', factId),
      tokenId,
      kind: 'ACTIVATION_CODE',
      causeEventId: event.eventId,
      policy: activationCodePolicy.id,
      dueAt,
      deadlineAt,
      subject: subjectOf(event),
      activation: { ...(method !== undefined && { method }), ...(expiresAt !== undefined && { expiresAt }) },
    },
  };
}

function subjectOf(event: ProvisioningCompleted | ActivationCodeIssued): NoticeSubject {
  const { network, wallet, device, card } = event;
  return {
    ...(network !== undefined && network !== 'UNKNOWN' && { network }),
    ...(wallet !== undefined && { wallet }),
    ...(device?.name !== undefined && { deviceName: device.name }),
    ...(device?.type !== undefined && { deviceType: device.type }),
    ...(card !== undefined && { cardRef: card.ref }),
    ...(card?.last4 !== undefined && { cardLast4: card.last4 }),
  };
}
