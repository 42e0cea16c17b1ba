/**
 * The fold: a token's state as a pure function of the set of facts known about it. The facts are sorted and run through the machine from the
 * start, so any order of arrival and any number of repeats end in the same state. Nothing here reads a clock, a random number or a store.
 */
import type { Alias, ProvisioningOutcome, TokenFact, TokenState, TokenStatus } from '../generated/records.js';
import { aliasKey } from '../identity/alias.js';
import { lifeEvents } from './events.js';
import { begin, type LifeSnapshot, step } from './step.js';

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
  const names = new Map<string, Alias>();
  let life = begin({ tokenType });
  let told = nothingTold;
  let look = lookOf(life);
  let updatedAt = facts[0]?.occurredAt ?? 0;
  for (const fact of facts) {
    // Ours, about a merge: its time depends on which message showed the two to be one, so nothing of it may show.
    if (fact.kind === 'FACTS_ABSORBED') continue;
    const before = { life, told, look, names: names.size };
    // The type may be told by another message than the one in hand.
    const events = lifeEvents(fact.tokenType === undefined && tokenType !== undefined ? { ...fact, tokenType } : fact);
    for (const event of events) life = step(life, event);
    if (events.length > 0 && life === before.life) {
      refused.set(fact.factId, refusal(fact, look));
    } else {
      told = tellMore(told, fact);
      if (life !== before.life) look = lookOf(life);
    }
    for (const alias of fact.aliases) names.set(aliasKey(alias), alias);
    if (told !== before.told || names.size > before.names || isOther(look, before.look)) updatedAt = fact.occurredAt;
  }
  const { deviceId, deviceName, deviceType, cardRef, cardLast4, wallet, tokenRequestorId, tokenExpiry } = told;
  const hasDevice = deviceId !== undefined || deviceName !== undefined || deviceType !== undefined;
  return {
    refused,
    state: {
      tokenId,
      network: lastDefined(facts, (fact) => (fact.network === 'UNKNOWN' ? undefined : fact.network)),
      ...look,
      tokenType,
      wallet,
      tokenRequestorId,
      device: hasDevice ? { id: deviceId, name: deviceName, type: deviceType } : undefined,
      card: cardRef === undefined ? undefined : { ref: cardRef, last4: cardLast4 },
      aliases: [...names].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, alias]) => alias),
      tokenExpiry,
      updatedAt,
    },
  };
}

/** What is published of a snapshot of the machine. */
type Look = Pick<FoldedState, 'status' | 'suspendedBy' | 'provisioning'>;

function lookOf({ value, context }: LifeSnapshot): Look {
  return {
    status: statuses[value.status],
    suspendedBy: value.status === 'suspended' ? [...context.suspendedBy].sort() : [],
    provisioning: {
      outcome: outcomes[value.provisioning],
      path: context.path,
      requestedAt: context.requestedAt,
      onDeviceAt: context.onDeviceAt,
      activatedAt: context.activatedAt,
      completedAt: context.completedAt,
    },
  };
}

function isOther(a: Look, b: Look): boolean {
  return a !== b && JSON.stringify(a) !== JSON.stringify(b);
}

const statuses = {
  inactive: 'INACTIVE',
  active: 'ACTIVE',
  suspended: 'SUSPENDED',
  deleted: 'DELETED',
} as const satisfies Record<string, TokenStatus>;

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

function refusal(fact: TokenFact, { status, provisioning }: Look): string {
  const claim = fact.reportedStatus === undefined ? fact.kind : `${fact.kind} (${fact.reportedStatus})`;
  const stand = provisioning.outcome === undefined ? status : `${status}, ${provisioning.outcome}`;
  return `${claim} is not legal for a token that is ${stand}.`;
}

/** What facts tell of a token beside its life; of each the newest word counts. */
interface Told {
  readonly wallet: string | undefined;
  readonly tokenRequestorId: string | undefined;
  readonly deviceId: string | undefined;
  readonly deviceName: string | undefined;
  readonly deviceType: string | undefined;
  readonly cardRef: string | undefined;
  readonly cardLast4: string | undefined;
  readonly tokenExpiry: string | undefined;
}

const nothingTold: Told = {
  wallet: undefined,
  tokenRequestorId: undefined,
  deviceId: undefined,
  deviceName: undefined,
  deviceType: undefined,
  cardRef: undefined,
  cardLast4: undefined,
  tokenExpiry: undefined,
};

/** The same object when the fact tells nothing new. */
function tellMore(told: Told, fact: TokenFact): Told {
  const more: Told = {
    wallet: fact.wallet ?? told.wallet,
    tokenRequestorId: fact.tokenRequestorId ?? told.tokenRequestorId,
    deviceId: fact.device?.id ?? told.deviceId,
    deviceName: fact.device?.name ?? told.deviceName,
    deviceType: fact.device?.type ?? told.deviceType,
    cardRef: fact.card?.ref ?? told.cardRef,
    cardLast4: fact.card?.last4 ?? told.cardLast4,
    tokenExpiry: fact.tokenExpiry ?? told.tokenExpiry,
  };
  return (Object.keys(more) as (keyof Told)[]).every((name) => more[name] === told[name]) ? told : more;
}

function lastDefined<T>(facts: readonly TokenFact[], pick: (fact: TokenFact) => T | undefined): T | undefined {
  for (let i = facts.length - 1; i >= 0; i--) {
    const value = pick(facts[i] as TokenFact);
    if (value !== undefined) return value;
  }
  return undefined;
}
