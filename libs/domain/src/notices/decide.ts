/**
 * From a lifecycle event to a notice, or to none. What is told is what the fold made of the facts, never a source's message.
 *
 *   PROVISIONING_COMPLETED    ProvisioningCompleted                   one for each token
 *   ACTIVATION_CODE           ActivationCodeIssued                    one for each fact of a code
 *   TOKEN_SUSPENDED           TokenChanged, ACTIVE to SUSPENDED       one for each fact that changed it
 *   TOKEN_RESUMED             TokenChanged, SUSPENDED to ACTIVE, of a token that was active before
 *   TOKEN_DELETED             TokenChanged, ACTIVE or SUSPENDED to DELETED
 *   PROVISIONING_UNFINISHED,  DeadlinePassed of that purpose          one for each token, purpose and due time
 *   TOKEN_UNUSED
 *
 * A late fact that changes the status changes it now, and is told; one that turns out to have changed nothing, a resumption that was faster than
 * its suspension, say, leaves no change of status and is not. A fact that goes to another token by a merge keeps its id, and so its notice.
 */
import type {
  ActivationCodeIssued,
  DeadlinePassed,
  ProvisioningCompleted,
  TokenChanged,
  TokenState,
} from '../generated/records.js';
import { codeHeldUntil } from './code.js';
import type { NoticeKind } from './kinds.js';
import { type NoticeEntry, type NoticeSubject, noticeIdOf } from './notice.js';
import { type NoticeRules, type NoticeTerms, ruleFor } from './policy.js';
import { builtinRules } from './policy-builtin.js';

export type NoticeDecision =
  | { readonly decided: 'notice'; readonly entry: NoticeEntry }
  | { readonly decided: 'none'; readonly because: string }
  /** The event cannot be right. `field` is at fault. */
  | { readonly decided: 'invalid'; readonly field: string; readonly message: string };

/** The last moment a date can name (ECMA-262, time values). */
const lastMoment = 8.64e15;

/** What an event says of the token it is about. */
type About = Pick<TokenState, 'network' | 'tokenType' | 'wallet' | 'device' | 'card'>;

/** The completion notice a completed provisioning obliges us to send. `programme` is that of its card, where rules ask for it. */
export function decideCompletionNotice(
  event: ProvisioningCompleted,
  rules: NoticeRules = builtinRules,
  programme?: string,
): NoticeDecision {
  const { tokenId, completedAt } = event;
  return decided('PROVISIONING_COMPLETED', event, event, rules, programme, (terms) =>
    timed(terms, tokenId, 'completedAt', completedAt),
  );
}

/** The notice that tells an activation code. */
export function decideActivationCodeNotice(
  event: ActivationCodeIssued,
  rules: NoticeRules = builtinRules,
  programme?: string,
): NoticeDecision {
  const { factId, method, expiresAt, occurredAt: dueAt } = event;
  return decided('ACTIVATION_CODE', event, event, rules, programme, () => {
    if (factId === '') return invalid('factId', 'is empty');
    const deadlineAt = codeHeldUntil(dueAt, event.recordedAt, expiresAt);
    return (
      invalidMoment('occurredAt', dueAt) ??
      invalidMoment('expiresAt', expiresAt ?? 0) ??
      invalidMoment('recordedAt', deadlineAt) ?? {
        causeId: factId,
        dueAt,
        deadlineAt,
        activation: { ...(method !== undefined && { method }), ...(expiresAt !== undefined && { expiresAt }) },
      }
    );
  });
}

/** The notice of a change of status; undefined when the event has none that a notice tells of. */
export function decideStatusNotice(
  event: TokenChanged,
  rules: NoticeRules = builtinRules,
  programme?: string,
): NoticeDecision | undefined {
  const kind = statusNoticeOf(event);
  if (kind === undefined) return undefined;
  const { factId, occurredAt, state } = event;
  return decided(kind, event, state, rules, programme, (terms) =>
    factId === '' ? invalid('factId', 'is empty') : timed(terms, factId, 'occurredAt', occurredAt),
  );
}

/** The reminder a passed deadline asks for; undefined when nobody is reminded of what it waited for. */
export function decideReminder(
  event: DeadlinePassed,
  rules: NoticeRules = builtinRules,
  programme?: string,
): NoticeDecision | undefined {
  const { purpose, since, dueAt } = event.deadline;
  if (purpose === 'UNKNOWN' || purpose === 'TOKEN_ABANDONED') return undefined;
  const rule = ruleFor(purpose, { ...event, programme }, rules);
  if (rule?.after?.includes(dueAt - since) === false)
    return { decided: 'none', because: 'The policy reminds at other times.' };
  return decided(purpose, event, event, rules, programme, (terms) =>
    timed(terms, `${event.tokenId}-${dueAt}`, 'deadline.dueAt', dueAt),
  );
}

/** The kind of notice that tells of a change; undefined when none does. */
export function statusNoticeOf({ changes }: Pick<TokenChanged, 'changes'>): NoticeKind | undefined {
  const status = changes.find(({ field }) => field === 'status');
  const activated = changes.some(({ field }) => field === 'provisioning.activatedAt');
  switch (`${status?.from} ${status?.to}`) {
    case 'ACTIVE SUSPENDED':
      return 'TOKEN_SUSPENDED';
    case 'SUSPENDED ACTIVE':
      return activated ? undefined : 'TOKEN_RESUMED';
    case 'ACTIVE DELETED':
    case 'SUSPENDED DELETED':
      return 'TOKEN_DELETED';
    default:
      return undefined;
  }
}

type Invalid = Extract<NoticeDecision, { readonly decided: 'invalid' }>;
type Particulars = Pick<NoticeEntry, 'dueAt' | 'deadlineAt' | 'activation'> & { readonly causeId: string };

/** What the rules say of a notice, and what `particulars` has to add where they send one. */
function decided(
  kind: NoticeKind,
  { eventId, tokenId, version }: Pick<TokenChanged, 'eventId' | 'tokenId' | 'version'>,
  about: About,
  rules: NoticeRules,
  programme: string | undefined,
  particulars: (terms: NoticeTerms) => Particulars | Invalid,
): NoticeDecision {
  if (tokenId === '') return invalid('tokenId', 'is empty');
  const rule = ruleFor(kind, { ...about, programme }, rules);
  if (rule?.terms === undefined) return { decided: 'none', because: rule?.because ?? 'No rule asks for one.' };
  const found = particulars(rule.terms);
  if ('decided' in found) return found;
  const { causeId, ...fields } = found;
  return {
    decided: 'notice',
    entry: {
      noticeId: noticeIdOf(kind, causeId),
      tokenId,
      kind,
      causeEventId: eventId,
      causeVersion: version,
      policy: rule.id,
      terms: rule.terms,
      ...fields,
      subject: subjectOf(about),
    },
  };
}

/** A notice that is due at the moment `field` gives, with the deadline its terms count from there. */
function timed({ deadlineAfter }: NoticeTerms, causeId: string, field: string, dueAt: number): Particulars | Invalid {
  const deadlineAt = deadlineAfter === undefined ? undefined : dueAt + deadlineAfter;
  return invalidMoment(field, dueAt, deadlineAt) ?? { causeId, dueAt, ...(deadlineAt !== undefined && { deadlineAt }) };
}

function invalid(field: string, message: string): Invalid {
  return { decided: 'invalid', field, message };
}

/** What is wrong with a field that gives these moments; undefined when nothing is. */
function invalidMoment(field: string, ...moments: readonly (number | undefined)[]): Invalid | undefined {
  const known = moments.every((at) => at === undefined || (at >= 0 && at <= lastMoment));
  return known ? undefined : invalid(field, 'is not a moment a calendar knows');
}

function subjectOf({ network, wallet, device, card }: About): NoticeSubject {
  return {
    ...(network !== undefined && network !== 'UNKNOWN' && { network }),
    ...(wallet !== undefined && { wallet }),
    ...(device?.name !== undefined && { deviceName: device.name }),
    ...(device?.type !== undefined && { deviceType: device.type }),
    ...(card !== undefined && { cardRef: card.ref }),
    ...(card?.last4 !== undefined && { cardLast4: card.last4 }),
  };
}
