/** Composed lifecycle events and dead letters for the tests. */
import type {
  DeadLetter,
  DeadLetterRedriven,
  Deadline,
  TokenChanged,
  TokenMerged,
  TokenState,
} from '@tokenline/domain';
import type { DeadLetterRecord } from './dead-letters.js';
import type { LifecycleEvent } from './tokens.js';

export const noon = Date.UTC(2026, 10, 1, 12);

export function state(tokenId: string, version: number, more: Partial<TokenState> = {}): TokenState {
  return {
    tokenId,
    network: 'MDES',
    status: 'ACTIVE',
    suspendedBy: [],
    provisioning: { outcome: 'COMPLETED', path: 'GREEN', requestedAt: noon, completedAt: noon + 2_000 },
    bindings: [],
    aliases: [{ kind: 'threddPaymentTokenId', value: '70000001' }],
    version,
    updatedAt: noon + version,
    ...more,
  };
}

function common(tokenId: string, version: number, id: string) {
  return {
    eventId: `event-${tokenId}-${id}`,
    tokenId,
    version,
    occurredAt: noon + version,
    recordedAt: noon + version + 500,
    factId: `fact-${tokenId}-${id}`,
    factKind: 'STATUS_REPORTED',
    source: 'thredd-ehi',
    actor: 'NETWORK',
    cause: { topic: 'token.facts', partition: 0, offset: version },
  } as const;
}

export function changed(tokenId: string, version: number, more: Partial<TokenState> = {}): LifecycleEvent {
  const value = {
    ...common(tokenId, version, `changed-${version}`),
    late: false,
    changes: [{ field: 'status', to: more.status ?? 'ACTIVE' }],
    state: state(tokenId, version, more),
  } as TokenChanged;
  return { type: 'tokenline.lifecycle.TokenChanged', value };
}

export function merged(tokenId: string, intoTokenId: string, version: number): LifecycleEvent {
  const value = { ...common(tokenId, version, 'merged'), intoTokenId } as TokenMerged;
  return { type: 'tokenline.lifecycle.TokenMerged', value };
}

export function deadlinePassed(tokenId: string, version: number, deadline: Deadline): LifecycleEvent {
  const value = { ...common(tokenId, version, 'passed'), factKind: 'DEADLINE_PASSED', deadline } as const;
  return { type: 'tokenline.lifecycle.DeadlinePassed', value };
}

export function ignored(tokenId: string, version: number, id: string): LifecycleEvent {
  return {
    type: 'tokenline.lifecycle.FactIgnored',
    value: {
      ...common(tokenId, version, id),
      factKind: 'UNKNOWN',
      reason: 'ILLEGAL',
      explanation: 'A deleted token stays deleted.',
    },
  };
}

export function deadLetter(deadLetterId: string, failedAt: number, more: Partial<DeadLetter> = {}): DeadLetterRecord {
  const value: DeadLetter = {
    deadLetterId,
    stage: 'EDGE',
    source: 'thredd-ehi',
    operation: 'GetTransaction',
    reasonCode: 'FIELD_INVALID',
    explanation: 'Txn_GPS_Date is not a date.',
    errors: [{ path: 'Txn_GPS_Date', message: 'is not a date' }],
    receivedAt: noon,
    failedAt,
    headers: {},
    original: 'sealed.value.of.the.original',
    ...more,
  };
  return { type: 'tokenline.deadletters.DeadLetter', value };
}

export function redriven(deadLetterId: string, redrivenAt: number, accepted: boolean): DeadLetterRecord {
  const value: DeadLetterRedriven = {
    deadLetterId,
    redrivenAt,
    accepted,
    ...(!accepted && { reasonCode: 'FIELD_INVALID' }),
  };
  return { type: 'tokenline.deadletters.DeadLetterRedriven', value };
}
