/**
 * The fold: a token's state as a pure function of the set of facts known about it. The facts are sorted and run through the machine from the
 * start, so any order of arrival and any number of repeats end in the same state. Nothing here reads a clock, a random number or a store.
 */
import type {
  Alias,
  DeviceBinding,
  ProvisioningOutcome,
  TokenFact,
  TokenState,
  TokenStatus,
} from '../generated/records.js';
import { aliasKey } from '../identity/alias.js';
import { bindMore, isAboutBinding } from './bindings.js';
import { lifeEvents } from './events.js';
import { beginLife, type Life, moveLife, timesOf } from './moves.js';

/** A token's state before it is published under a version. */
export type FoldedState = Omit<TokenState, 'version'>;

export interface Folded {
  readonly state: FoldedState;
  /** For each fact that was not legal where it stands: why, as a sentence. */
  readonly refused: ReadonlyMap<string, string>;
  /** Where the fold stood after each fact: the next one goes on from there. */
  readonly trail: Trail;
}

interface Trail {
  readonly facts: readonly TokenFact[];
  readonly tokenType: TokenFact['tokenType'];
  readonly marks: readonly Mark[];
}

/** Where the fold stands. */
interface Mark {
  readonly life: Life;
  readonly look: Look;
  readonly told: Told;
  readonly names: ReadonlyMap<string, Alias>;
  /** The names in order; the same list while none comes to them. */
  readonly aliases: readonly Alias[];
  /** Undefined until something is known. */
  readonly updatedAt: number | undefined;
  /** Why the fact was not legal here. */
  readonly refusal: string | undefined;
}

/**
 * Folds facts already sorted by compareFacts, without repeats. `before`, an earlier fold of this token, changes nothing but the time it takes:
 * of the facts that both begin with (the same objects), its result is taken over.
 */
export function fold(tokenId: string, facts: readonly TokenFact[], before?: Folded): Folded {
  const tokenType = lastDefined(facts, (fact) => fact.tokenType);
  const marks = before !== undefined && before.trail.tokenType === tokenType ? sharedMarks(facts, before.trail) : [];
  for (const fact of facts.slice(marks.length))
    marks.push(markAfter(marks.at(-1) ?? start(tokenType), fact, tokenType));
  const { look, told, aliases, updatedAt } = marks.at(-1) ?? start(tokenType);
  const { deviceId, deviceName, deviceType, cardRef, cardLast4, wallet, tokenRequestorId, tokenExpiry } = told;
  const { bindings, removedFromWalletAt, firstUsedAt } = told;
  const hasDevice = deviceId !== undefined || deviceName !== undefined || deviceType !== undefined;
  return {
    trail: { facts, tokenType, marks },
    refused: refusalsOf(facts, marks),
    state: {
      tokenId,
      network: lastDefined(facts, networkOf),
      status: look.status,
      suspendedBy: look.suspendedBy,
      provisioning: look.provisioning,
      tokenType,
      wallet,
      tokenRequestorId,
      device: hasDevice ? { id: deviceId, name: deviceName, type: deviceType } : undefined,
      bindings,
      removedFromWalletAt,
      card: cardRef === undefined ? undefined : { ref: cardRef, last4: cardLast4 },
      aliases,
      tokenExpiry,
      firstUsedAt,
      updatedAt: updatedAt ?? facts[0]?.occurredAt ?? 0,
    },
  };
}

function refusalsOf(facts: readonly TokenFact[], marks: readonly Mark[]): Folded['refused'] {
  const refused = new Map<string, string>();
  for (const [at, { refusal }] of marks.entries())
    if (refusal !== undefined) refused.set(facts[at]?.factId ?? '', refusal);
  return refused;
}

function sharedMarks(facts: readonly TokenFact[], before: Trail): Mark[] {
  const differs = before.facts.findIndex((fact, at) => fact !== facts[at]);
  return before.marks.slice(0, differs === -1 ? undefined : differs);
}

function start(tokenType: TokenFact['tokenType']): Mark {
  const life = beginLife({ tokenType });
  const look = lookOf(life);
  return { life, look, told: nothingTold, names: new Map(), aliases: [], updatedAt: undefined, refusal: undefined };
}

function markAfter(before: Mark, fact: TokenFact, tokenType: TokenFact['tokenType']): Mark {
  // Ours, about a merge: its time depends on which message showed the two to be one, so nothing of it may show.
  if (fact.kind === 'FACTS_ABSORBED') return { ...before, refusal: undefined };
  // The type may be told by another message than the one in hand.
  const events = lifeEvents(fact.tokenType === undefined && tokenType !== undefined ? { ...fact, tokenType } : fact);
  const life = events.reduce(moveLife, before.life);
  const refused = events.length > 0 && life === before.life;
  const look = life === before.life ? before.look : lookOf(life);
  const told = refused ? before.told : tellMore(before.told, fact);
  const names = nameMore(before.names, fact);
  const moved = told !== before.told || names !== before.names || isOther(look, before.look);
  return {
    life,
    look,
    told,
    names,
    aliases: names === before.names ? before.aliases : inOrder(names),
    updatedAt: moved ? fact.occurredAt : before.updatedAt,
    refusal: refused ? refusal(fact, look) : undefined,
  };
}

/** The same object when the fact names nothing new. */
function nameMore(names: ReadonlyMap<string, Alias>, { aliases }: TokenFact): ReadonlyMap<string, Alias> {
  let more: Map<string, Alias> | undefined;
  for (const alias of aliases) {
    const key = aliasKey(alias);
    if (names.has(key)) continue;
    more ??= new Map(names);
    more.set(key, alias);
  }
  return more ?? names;
}

function inOrder(names: ReadonlyMap<string, Alias>): readonly Alias[] {
  return [...names].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, alias]) => alias);
}

/** What is published of a snapshot of the machine. */
type Look = Pick<FoldedState, 'status' | 'suspendedBy' | 'provisioning'>;

function lookOf(life: Life): Look {
  const { value, path, suspendedBy } = life.shape;
  const { requestedAt, onDeviceAt, activatedAt, completedAt } = timesOf(life);
  return {
    status: statuses[value.status],
    suspendedBy: value.status === 'suspended' ? suspendedBy : [],
    provisioning: { outcome: outcomes[value.provisioning], path, requestedAt, onDeviceAt, activatedAt, completedAt },
  };
}

function isOther(a: Look, b: Look): boolean {
  if (a === b) return false;
  const [before, after] = [a.provisioning, b.provisioning];
  return (
    a.status !== b.status ||
    a.suspendedBy.join() !== b.suspendedBy.join() ||
    (Object.keys(after) as (keyof Look['provisioning'])[]).some((name) => before[name] !== after[name])
  );
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
  readonly bindings: readonly DeviceBinding[];
  readonly removedFromWalletAt: number | undefined;
  readonly cardRef: string | undefined;
  readonly cardLast4: string | undefined;
  readonly tokenExpiry: string | undefined;
  readonly firstUsedAt: number | undefined;
}

const nothingTold: Told = {
  wallet: undefined,
  tokenRequestorId: undefined,
  deviceId: undefined,
  deviceName: undefined,
  deviceType: undefined,
  bindings: [],
  removedFromWalletAt: undefined,
  cardRef: undefined,
  cardLast4: undefined,
  tokenExpiry: undefined,
  firstUsedAt: undefined,
};

const toldNames = Object.keys(nothingTold) as (keyof Told)[];

/** The same object when the fact tells nothing new. */
function tellMore(told: Told, fact: TokenFact): Told {
  const device = isAboutBinding(fact) ? undefined : fact.device;
  const more: Told = {
    wallet: fact.wallet ?? told.wallet,
    tokenRequestorId: fact.tokenRequestorId ?? told.tokenRequestorId,
    deviceId: device?.id ?? told.deviceId,
    deviceName: device?.name ?? told.deviceName,
    deviceType: device?.type ?? told.deviceType,
    bindings: bindMore(told.bindings, fact),
    removedFromWalletAt: removedSince(told.removedFromWalletAt, fact),
    cardRef: fact.card?.ref ?? told.cardRef,
    cardLast4: fact.card?.last4 ?? told.cardLast4,
    tokenExpiry: fact.tokenExpiry ?? told.tokenExpiry,
    firstUsedAt: told.firstUsedAt ?? (fact.kind === 'TOKEN_USED' ? fact.occurredAt : undefined),
  };
  return toldNames.every((name) => more[name] === told[name]) ? told : more;
}

/** A token removed from its wallet may be put there again, and then reaches its device once more (mastercard-mdes.md 2.2). */
function removedSince(before: number | undefined, fact: TokenFact): number | undefined {
  const removed = fact.removedFromWallet ?? (fact.kind === 'DEVICE_PROVISIONED' ? false : undefined);
  if (removed === undefined) return before;
  return removed ? fact.occurredAt : undefined;
}

/** A deadline repeats the network as it was known when it passed: that is no news, and may be old by now. */
function networkOf({ kind, network }: TokenFact): TokenFact['network'] | undefined {
  return network === 'UNKNOWN' || kind === 'DEADLINE_PASSED' ? undefined : network;
}

function lastDefined<T>(facts: readonly TokenFact[], pick: (fact: TokenFact) => T | undefined): T | undefined {
  for (let i = facts.length - 1; i >= 0; i--) {
    const value = pick(facts[i] as TokenFact);
    if (value !== undefined) return value;
  }
  return undefined;
}
