/**
 * Deadlines: by when something should have happened to a token, and the fact that says that the time has passed.
 *
 *   purpose                  waits for                      since        over once the token is
 *   PROVISIONING_UNFINISHED  an end of the provisioning     its request  complete, declined, given up or deleted
 *   TOKEN_ABANDONED          the same; then it is given up  its request  the same
 *   TOKEN_UNUSED             the first purchase             completion   used or deleted
 *
 * A token's deadlines follow from its facts and the rules. One is spent once a DEADLINE_PASSED fact of its purpose, as long after the beginning, is
 * among them: a late fact may move the beginning, and nobody is reminded of one thing twice. Facts of before this release carry no deadline and
 * spend none.
 */
import type { Deadline, DeadlinePurpose, TokenFact } from '../generated/records.js';
import type { FoldedState } from './fold.js';

/** So long after the waiting began, a deadline of this purpose passes. */
export interface DeadlineRule {
  readonly purpose: Exclude<DeadlinePurpose, 'UNKNOWN'>;
  readonly afterMs: number;
}

/** What rules may depend on. */
export type RuledToken = Pick<FoldedState, 'network' | 'tokenType' | 'wallet'>;

/** The rules for a token; the same for the same token. */
export type DeadlineRules = (token: RuledToken) => readonly DeadlineRule[];

const hour = 3_600_000;
const day = 24 * hour;

/**
 * Reminders after 24 h and 7 d without an end, and after 7 and 14 days without a purchase: the schedule one processor runs
 * (visa-vts-and-thredd-ehi.md 7). Given up after 30 d: then MDES drops the token and tells nobody (mastercard-mdes.md 2).
 */
export const standardDeadlines: readonly DeadlineRule[] = [
  { purpose: 'PROVISIONING_UNFINISHED', afterMs: day },
  { purpose: 'PROVISIONING_UNFINISHED', afterMs: 7 * day },
  { purpose: 'TOKEN_UNUSED', afterMs: 7 * day },
  { purpose: 'TOKEN_UNUSED', afterMs: 14 * day },
  { purpose: 'TOKEN_ABANDONED', afterMs: 30 * day },
];

/** The standard ones, for every token. */
export const standardDeadlineRules: DeadlineRules = () => standardDeadlines;

/** What the deadlines of a token follow from. */
export interface Waiting {
  readonly state: FoldedState;
  readonly facts: readonly TokenFact[];
}

/** The earliest deadline that is not spent; undefined when the token waits for nothing. Of two at one instant, the one whose rule comes first. */
export function nextDeadline({ state, facts }: Waiting, rules: DeadlineRules): Deadline | undefined {
  let next: Deadline | undefined;
  for (const { purpose, afterMs } of rules(state)) {
    const since = waitingSince(state, purpose);
    if (since === undefined) continue;
    const deadline = { purpose, since, dueAt: since + afterMs };
    if ((next === undefined || deadline.dueAt < next.dueAt) && !isSpent(facts, deadline)) next = deadline;
  }
  return next;
}

/** Whether facts say that this deadline has passed, whatever its beginning was when they were stated. */
export function isSpent(facts: readonly TokenFact[], { purpose, since, dueAt }: Deadline): boolean {
  return facts.some(
    ({ kind, deadline }) =>
      kind === 'DEADLINE_PASSED' && deadline?.purpose === purpose && deadline.dueAt - deadline.since === dueAt - since,
  );
}

/** Whether what a deadline waited for has still not happened. A token that counts as given up has missed it. */
export function isMissed(state: FoldedState, purpose: DeadlinePurpose): boolean {
  if (purpose === 'TOKEN_ABANDONED' && state.provisioning.outcome === 'ABANDONED') return state.status !== 'DELETED';
  return waitingSince(state, purpose) !== undefined;
}

/** Since when a token waits; undefined when it does not. Epoch ms. */
function waitingSince({ status, provisioning, firstUsedAt }: FoldedState, purpose: DeadlinePurpose) {
  if (status === 'DELETED') return undefined;
  const { outcome, requestedAt, completedAt } = provisioning;
  switch (purpose) {
    case 'PROVISIONING_UNFINISHED':
    case 'TOKEN_ABANDONED':
      return outcome !== undefined && unfinished.includes(outcome) ? requestedAt : undefined;
    case 'TOKEN_UNUSED':
      // Held down, it cannot be paid with: nobody is to be told that it was not.
      return firstUsedAt === undefined && status === 'ACTIVE' ? completedAt : undefined;
    case 'UNKNOWN':
      return undefined;
  }
}

const unfinished: readonly string[] = ['REQUESTED', 'AWAITING_AUTHENTICATION', 'AUTHENTICATED', 'FAILED'];

/**
 * The fact that a deadline of a token has passed, to be written under it. It happened when it was due and is received `now`, epoch ms. Its id follows
 * from token and deadline: whoever states it again states the same fact.
 */
export function deadlineFact(
  { tokenId, network }: Pick<FoldedState, 'tokenId' | 'network'>,
  deadline: Deadline,
  now: number,
): TokenFact {
  const factId = `deadline:${tokenId}:${deadline.purpose}:${deadline.dueAt}`;
  return {
    factId,
    tokenId,
    network: network ?? 'UNKNOWN',
    kind: 'DEADLINE_PASSED',
    occurredAt: deadline.dueAt,
    occurredAtSource: 'SOURCE',
    receivedAt: now,
    source: 'lifecycle',
    sourceMessageId: factId,
    actor: 'TOKENLINE',
    aliases: [],
    deadline,
  };
}
