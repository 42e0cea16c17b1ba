/**
 * The fold: a token's state as a pure function of the set of facts known about it. The facts are sorted and run through the machine from the
 * start, so any order of arrival and any number of repeats end in the same state. Nothing here reads a clock, a random number or a store.
 */
import type {
  Alias,
  Card,
  Device,
  ProvisioningOutcome,
  TokenFact,
  TokenState,
  TokenStatus,
} from '../generated/records.js';
import { lifeEvents } from './events.js';
import { begin, step } from './step.js';

/** A token's state before it is published under a version. */
export type FoldedState = Omit<TokenState, 'version'>;

export interface Folded {
  readonly state: FoldedState;
  /** For each fact that was not legal where it stands: why, as a sentence. */
  readonly refused: ReadonlyMap<string, string>;
}

/** Folds facts already sorted by compareFacts, without repeats. */
export function fold(tokenId: string, facts: readonly TokenFact[]): Folded {
  const tokenType = lastDefined(facts, (fact) => fact.tokenType);
  const refused = new Map<string, string>();
  let snapshot = begin({ tokenType });
  let updatedAt = facts[0]?.occurredAt ?? 0;
  const heard: TokenFact[] = [];
  for (const fact of facts) {
    // The type may be told by another message than the one in hand.
    const events = lifeEvents(fact.tokenType === undefined && tokenType !== undefined ? { ...fact, tokenType } : fact);
    const before = snapshot;
    for (const event of events) snapshot = step(snapshot, event);
    if (events.length > 0 && snapshot === before) {
      refused.set(fact.factId, refusal(fact, statusOf(before.value.status), outcomeOf(before.value.provisioning)));
    } else {
      heard.push(fact);
      updatedAt = Math.max(updatedAt, fact.occurredAt);
    }
  }
  const { context, value } = snapshot;
  const outcome = outcomeOf(value.provisioning);
  const device = mergedDevice(heard);
  const card = mergedCard(heard);
  return {
    refused,
    state: {
      tokenId,
      network: lastDefined(facts, (fact) => (fact.network === 'UNKNOWN' ? undefined : fact.network)),
      status: statusOf(value.status),
      suspendedBy: value.status === 'suspended' ? [...context.suspendedBy].sort() : [],
      provisioning: {
        outcome,
        path: context.path,
        requestedAt: context.requestedAt,
        onDeviceAt: context.onDeviceAt,
        activatedAt: context.activatedAt,
        completedAt: context.completedAt,
      },
      tokenType,
      wallet: lastDefined(heard, (fact) => fact.wallet),
      tokenRequestorId: lastDefined(heard, (fact) => fact.tokenRequestorId),
      device,
      card,
      aliases: unionOfAliases(facts),
      tokenExpiry: lastDefined(heard, (fact) => fact.tokenExpiry),
      updatedAt,
    },
  };
}

const statuses = {
  inactive: 'INACTIVE',
  active: 'ACTIVE',
  suspended: 'SUSPENDED',
  deleted: 'DELETED',
} as const satisfies Record<string, TokenStatus>;

function statusOf(value: keyof typeof statuses): TokenStatus {
  return statuses[value];
}

const outcomes = {
  unknown: undefined,
  requested: 'REQUESTED',
  awaitingAuthentication: 'AWAITING_AUTHENTICATION',
  authenticated: 'AUTHENTICATED',
  completed: 'COMPLETED',
  declined: 'DECLINED',
  failed: 'FAILED',
  abandoned: 'ABANDONED',
} as const satisfies Record<string, ProvisioningOutcome | undefined>;

function outcomeOf(value: keyof typeof outcomes): ProvisioningOutcome | undefined {
  return outcomes[value];
}

function refusal(fact: TokenFact, status: TokenStatus, outcome: ProvisioningOutcome | undefined): string {
  const claim = fact.reportedStatus === undefined ? fact.kind : `${fact.kind} (${fact.reportedStatus})`;
  const stand = outcome === undefined ? status : `${status}, ${outcome}`;
  return `${claim} is not legal for a token that is ${stand}.`;
}

function lastDefined<T>(facts: readonly TokenFact[], pick: (fact: TokenFact) => T | undefined): T | undefined {
  for (let i = facts.length - 1; i >= 0; i--) {
    const value = pick(facts[i] as TokenFact);
    if (value !== undefined) return value;
  }
  return undefined;
}

function mergedDevice(facts: readonly TokenFact[]): Device | undefined {
  const device = {
    id: lastDefined(facts, (fact) => fact.device?.id),
    name: lastDefined(facts, (fact) => fact.device?.name),
    type: lastDefined(facts, (fact) => fact.device?.type),
  };
  return device.id === undefined && device.name === undefined && device.type === undefined ? undefined : device;
}

function mergedCard(facts: readonly TokenFact[]): Card | undefined {
  const ref = lastDefined(facts, (fact) => fact.card?.ref);
  return ref === undefined ? undefined : { ref, last4: lastDefined(facts, (fact) => fact.card?.last4) };
}

function unionOfAliases(facts: readonly TokenFact[]): Alias[] {
  const seen = new Map<string, Alias>();
  for (const fact of facts) for (const alias of fact.aliases) seen.set(`${alias.kind}:${alias.value}`, alias);
  return [...seen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, alias]) => alias);
}
