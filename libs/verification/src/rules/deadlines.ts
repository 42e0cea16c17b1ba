/**
 * When a deadline may be told to have passed, by hand from what it waits for: reminders while a provisioning has come to no end, giving up after them,
 * and a completed token nobody has paid with (visa-vts-and-thredd-ehi.md 7, mastercard-mdes.md 2).
 */
import type { DeadlinePassed, DeadlinePurpose, TokenState } from '@tokenline/domain';

/** Tells deadlines of one token apart. */
export function deadlineKey({ purpose, dueAt }: DeadlinePassed['deadline']): string {
  return `${purpose} ${dueAt}`;
}

/** What is wrong with telling it of a token in this state, the last that was published; undefined when nothing is. */
export function wrongDeadline(
  state: TokenState | undefined,
  { deadline, occurredAt, factKind, version }: DeadlinePassed,
): string | undefined {
  const { purpose, since, dueAt } = deadline;
  if (factKind !== 'DEADLINE_PASSED') return `a deadline is told because of ${factKind}`;
  if (occurredAt !== dueAt) return 'a deadline is told for another time than it passed at';
  if (dueAt < since) return 'a deadline passed before its time began';
  if (state?.version !== version) return 'a deadline is told under a version that was not published';
  const over = whyOver(state, purpose);
  return over === undefined ? undefined : `${purpose} is told of a token that is ${over}`;
}

function whyOver({ status, provisioning, firstUsedAt }: TokenState, purpose: DeadlinePurpose): string | undefined {
  const { outcome, completedAt } = provisioning;
  if (status === 'DELETED') return status;
  if (purpose === 'TOKEN_UNUSED') {
    if (firstUsedAt !== undefined) return 'used';
    if (status === 'SUSPENDED') return 'held down';
    return completedAt === undefined ? 'not complete' : undefined;
  }
  if (outcome === undefined) return 'not known to be requested';
  const ended = purpose === 'TOKEN_ABANDONED' ? ['COMPLETED', 'DECLINED'] : ['COMPLETED', 'DECLINED', 'ABANDONED'];
  return ended.includes(outcome) ? outcome : undefined;
}
