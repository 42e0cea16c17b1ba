/**
 * Which published state may follow which. Written by hand from what the networks allow (mastercard-mdes.md 2.2, visa-vts-and-thredd-ehi.md 5.4 and 8,
 * architecture.md "lifecycle"), not drawn from the machine: a machine that has gone wrong must not vouch for itself.
 *
 * A state is a fold of everything known. A fact that comes last in time can only move a token on. A late fact, or one that says what kind of token
 * this is, tells the past anew; then steps may be skipped or taken back, but a token still never falls back to INACTIVE, unless its request
 * turns out to have been declined.
 */
import type { ProvisioningOutcome, TokenState, TokenStatus } from '@tokenline/domain';

const statusMoves: Readonly<Record<TokenStatus, readonly TokenStatus[]>> = {
  INACTIVE: ['INACTIVE', 'ACTIVE', 'SUSPENDED', 'DELETED'],
  ACTIVE: ['ACTIVE', 'SUSPENDED', 'DELETED'],
  SUSPENDED: ['SUSPENDED', 'ACTIVE', 'DELETED'],
  DELETED: ['DELETED'],
  UNKNOWN: ['UNKNOWN', 'INACTIVE', 'ACTIVE', 'SUSPENDED', 'DELETED'],
};

type Outcome = ProvisioningOutcome | 'NONE';

const anyOutcome: readonly Outcome[] = [
  'NONE',
  'UNKNOWN',
  'REQUESTED',
  'AWAITING_AUTHENTICATION',
  'AUTHENTICATED',
  'FAILED',
  'ABANDONED',
  'COMPLETED',
  'DECLINED',
];
const afterRequest: readonly Outcome[] = anyOutcome.filter((outcome) => outcome !== 'NONE');

const outcomeMoves: Readonly<Record<Outcome, readonly Outcome[]>> = {
  NONE: anyOutcome,
  UNKNOWN: anyOutcome,
  REQUESTED: afterRequest,
  AWAITING_AUTHENTICATION: afterRequest,
  AUTHENTICATED: ['AUTHENTICATED', 'ABANDONED', 'COMPLETED', 'UNKNOWN'],
  FAILED: afterRequest,
  ABANDONED: ['ABANDONED', 'REQUESTED', 'AWAITING_AUTHENTICATION', 'AUTHENTICATED', 'COMPLETED', 'UNKNOWN'],
  COMPLETED: ['COMPLETED'],
  DECLINED: ['DECLINED'],
};

/** Times that, once told, stay. */
const lasting = ['requestedAt', 'onDeviceAt', 'activatedAt', 'completedAt'] as const;

/** Why `after` may not follow `before` (undefined: nothing was published yet), or undefined when it may. `late`: the cause was a late fact. */
export function illegalMove(before: TokenState | undefined, after: TokenState, late: boolean): string | undefined {
  const wrong = illegalState(after);
  if (wrong !== undefined) return wrong;
  const from = before?.status ?? 'INACTIVE';
  const declined = after.provisioning.outcome === 'DECLINED';
  if (!statusMoves[from].includes(after.status) && !(late && declined && after.status === 'INACTIVE')) {
    return `status goes from ${from} to ${after.status}${late ? ' by a late fact' : ''}`;
  }
  const retold = late || (before !== undefined && before.tokenType !== after.tokenType);
  if (before === undefined || retold) return undefined;
  const outcomes = [before.provisioning.outcome ?? 'NONE', after.provisioning.outcome ?? 'NONE'] as const;
  if (!outcomeMoves[outcomes[0]].includes(outcomes[1])) {
    return `provisioning goes from ${outcomes[0]} to ${outcomes[1]} by a fact that is not late`;
  }
  if (outcomes[0] === 'DECLINED' && after.status !== before.status) return 'a declined token changes its status';
  const moved = lasting.find(
    (name) => before.provisioning[name] !== undefined && before.provisioning[name] !== after.provisioning[name],
  );
  return moved === undefined ? undefined : `provisioning.${moved} changes by a fact that is not late`;
}

/** Why no token can be in this state, whatever came before. */
function illegalState({ status, provisioning }: TokenState): string | undefined {
  const { outcome, completedAt, activatedAt } = provisioning;
  if ((outcome === 'COMPLETED') !== (completedAt !== undefined)) return 'COMPLETED and completedAt do not go together';
  if (outcome === 'COMPLETED' && activatedAt === undefined) return 'complete without ever having been active';
  if (outcome === 'COMPLETED' && status === 'INACTIVE') return 'complete and INACTIVE at once';
  if (outcome === 'DECLINED' && status !== 'INACTIVE') return `declined and ${status} at once`;
  if (status === 'ACTIVE' && activatedAt === undefined) return 'ACTIVE without a time of activation';
  return undefined;
}
