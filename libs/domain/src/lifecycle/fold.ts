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
  readonly told: Told;
  /** By kind and value; the same list while no name comes to it. */
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
  let mark = marks.at(-1) ?? start(tokenType);
  for (let at = marks.length; at < facts.length; at++) {
    mark = markAfter(mark, facts[at] as TokenFact, tokenType);
    marks.push(mark);
  }
  const { life, told, aliases, updatedAt } = mark;
  const look = lookOf(life);
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

const noRefusals: Folded['refused'] = new Map();

function refusalsOf(facts: readonly TokenFact[], marks: readonly Mark[]): Folded['refused'] {
  let refused: Map<string, string> | undefined;
  for (let at = 0; at < marks.length; at++) {
    const refusal = marks[at]?.refusal;
    if (refusal === undefined) continue;
    refused ??= new Map();
    refused.set(facts[at]?.factId ?? '', refusal);
  }
  return refused ?? noRefusals;
}

function sharedMarks(facts: readonly TokenFact[], before: Trail): Mark[] {
  const differs = before.facts.findIndex((fact, at) => fact !== facts[at]);
  return before.marks.slice(0, differs === -1 ? undefined : differs);
}

function start(tokenType: TokenFact['tokenType']): Mark {
  return { life: beginLife({ tokenType }), told: nothingTold, aliases: [], updatedAt: undefined, refusal: undefined };
}

function markAfter(before: Mark, fact: TokenFact, tokenType: TokenFact['tokenType']): Mark {
  // Ours, about a merge: its time depends on which message showed the two to be one, so nothing of it may show.
  if (fact.kind === 'FACTS_ABSORBED') return { ...before, refusal: undefined };
  // The type may be told by another message than the one in hand.
  const events = lifeEvents(fact.tokenType === undefined && tokenType !== undefined ? { ...fact, tokenType } : fact);
  let { life } = before;
  for (const event of events) life = moveLife(life, event);
  const refused = events.length > 0 && life === before.life;
  const told = refused ? before.told : tellMore(before.told, fact);
  const aliases = nameMore(before.aliases, fact);
  const moved = told !== before.told || aliases !== before.aliases || looksOther(life, before.life);
  return {
    life,
    told,
    aliases,
    updatedAt: moved ? fact.occurredAt : before.updatedAt,
    refusal: refused ? refusal(fact, lookOf(life)) : undefined,
  };
}

/** The same list when the fact names nothing new. */
function nameMore(names: readonly Alias[], { aliases }: TokenFact): readonly Alias[] {
  let more = names;
  for (const alias of aliases) if (!isAmong(alias, more)) more = withName(more, alias);
  return more;
}

function isAmong({ kind, value }: Alias, names: readonly Alias[]): boolean {
  for (const name of names) if (name.value === value && name.kind === kind) return true;
  return false;
}

/** Put where it belongs in the order of their keys. */
function withName(names: readonly Alias[], alias: Alias): readonly Alias[] {
  const key = aliasKey(alias);
  let place = 0;
  for (; place < names.length; place++) {
    const other = aliasKey(names[place] as Alias);
    if (key === other) return names;
    if (key < other) break;
  }
  return names.toSpliced(place, 0, alias);
}

const nobody: Look['suspendedBy'] = [];

/** What is published of a snapshot of the machine. */
type Look = Pick<FoldedState, 'status' | 'suspendedBy' | 'provisioning'>;

function lookOf(life: Life): Look {
  const { value, path, suspendedBy } = life.shape;
  const { requestedAt, onDeviceAt, activatedAt, completedAt } = timesOf(life);
  return {
    status: statuses[value.status],
    suspendedBy: value.status === 'suspended' ? suspendedBy : nobody,
    provisioning: { outcome: outcomes[value.provisioning], path, requestedAt, onDeviceAt, activatedAt, completedAt },
  };
}

/** Whether another look is published of `a` than of `b`. */
function looksOther(a: Life, b: Life): boolean {
  if (a === b) return false;
  if (a.shape !== b.shape) {
    const [after, before] = [a.shape, b.shape];
    if (after.value.status !== before.value.status) return true;
    if (after.value.provisioning !== before.value.provisioning || after.path !== before.path) return true;
    if (after.value.status === 'suspended' && after.suspendedBy.join() !== before.suspendedBy.join()) return true;
  }
  const [after, before] = [timesOf(a), timesOf(b)];
  return (
    after.requestedAt !== before.requestedAt ||
    after.onDeviceAt !== before.onDeviceAt ||
    after.activatedAt !== before.activatedAt ||
    after.completedAt !== before.completedAt
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
