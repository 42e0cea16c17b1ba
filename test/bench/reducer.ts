/**
 * The baseline of the fold: a reducer written out by hand, as one would write it who needs neither a machine that documents itself nor every
 * kind of fact. It knows what the lives of facts.ts use and comes to the same events, versions, changes and states there (fold.ts asks);
 * it is no second implementation of the rules. Late facts are inserted and everything is folded anew.
 */
import type { FieldChange, LogPosition, Party, TokenFact, TokenState } from '@tokenline/domain';

/** A fact has moved the token, told something, or was not legal. */
type Outcome = 'moved' | 'told' | 'illegal';

/** A token's state, changed in place. */
interface Work {
  status: TokenState['status'];
  outcome: TokenState['provisioning']['outcome'];
  path: TokenState['provisioning']['path'];
  requestedAt: number | undefined;
  onDeviceAt: number | undefined;
  activatedAt: number | undefined;
  completedAt: number | undefined;
  suspendedBy: Party[];
  network: TokenFact['network'];
  tokenType: TokenFact['tokenType'];
  wallet: string | undefined;
  device: TokenFact['device'];
  card: TokenFact['card'];
  tokenExpiry: string | undefined;
  aliases: Map<string, TokenFact['aliases'][number]>;
  updatedAt: number;
  refused: Map<string, string>;
}

export interface Memory {
  readonly facts: readonly TokenFact[];
  readonly ids: Set<string>;
  readonly work: Work;
  readonly state: TokenState;
  readonly flat: Flat;
  readonly announced: boolean;
}

export interface Decision {
  readonly events: readonly { readonly type: string; readonly value: object }[];
  readonly memory: Memory;
  readonly published?: TokenState;
}

/** What follows from one more fact. */
export function reduce(memory: Memory | undefined, fact: TokenFact, cause: LogPosition): Decision {
  if (memory?.ids.has(fact.factId)) {
    const explanation = 'The fact is already known.';
    const value = { reason: 'REPEAT', explanation, ...traceOf(fact, cause, memory.state.version, 0) };
    return { events: [{ type: 'tokenline.lifecycle.FactIgnored', value }], memory };
  }
  const known = memory?.facts ?? [];
  let place = known.length;
  while (place > 0 && isAfter(known[place - 1] as TokenFact, fact)) place -= 1;
  const late = place < known.length;
  const facts = late ? known.toSpliced(place, 0, fact) : [...known, fact];
  let work: Work;
  if (late || memory === undefined) {
    work = empty(facts);
    for (const one of facts) apply(work, one);
  } else {
    work = memory.work;
    apply(work, fact);
  }
  const flat = flatten(work);
  const changes = changesOf(memory, flat, work.updatedAt);
  const version = (memory?.state.version ?? 0) + (changes.length > 0 ? 1 : 0);
  const state = changes.length > 0 || memory === undefined ? stateOf(fact.tokenId, work, version) : memory.state;
  const events: { type: string; value: object }[] = [];
  const refusal = work.refused.get(fact.factId);
  if (refusal !== undefined) {
    const value = { reason: 'ILLEGAL', explanation: refusal, ...traceOf(fact, cause, memory?.state.version ?? 0, 0) };
    events.push({ type: 'tokenline.lifecycle.FactIgnored', value });
  }
  if (changes.length > 0) {
    const value = { late, changes, state, ...traceOf(fact, cause, version, events.length) };
    events.push({ type: 'tokenline.lifecycle.TokenChanged', value });
  } else if (refusal === undefined) {
    const value = { late, ...traceOf(fact, cause, version, 0) };
    events.push({ type: 'tokenline.lifecycle.FactNoted', value });
  }
  const announce = work.completedAt !== undefined && memory?.announced !== true;
  if (announce) {
    const { network, tokenType, wallet, device, card, provisioning } = state;
    const { path, completedAt } = provisioning;
    const about = { network, tokenType, wallet, device, card, path, completedAt };
    const value = Object.assign(traceOf(fact, cause, version, events.length), about);
    events.push({ type: 'tokenline.lifecycle.ProvisioningCompleted', value });
  }
  const ids = memory?.ids ?? new Set();
  ids.add(fact.factId);
  return {
    events,
    memory: { facts, ids, work, state, flat, announced: memory?.announced === true || announce },
    ...(changes.length > 0 && { published: state }),
  };
}

const rank: Readonly<Record<string, number>> = {
  PROVISIONING_REQUESTED: 0,
  TOKEN_CREATED: 1,
  ACTIVATION_CODE_ISSUED: 2,
  DEVICE_PROVISIONED: 3,
  AUTHENTICATION_SUCCEEDED: 5,
  TOKEN_RESUMED: 14,
  TOKEN_SUSPENDED: 15,
  TOKEN_DELETED: 16,
};

function isAfter(a: TokenFact, b: TokenFact): boolean {
  if (a.occurredAt !== b.occurredAt) return a.occurredAt > b.occurredAt;
  const [x, y] = [rank[a.kind] ?? 0, rank[b.kind] ?? 0];
  return x === y ? a.factId > b.factId : x > y;
}

function empty(facts: readonly TokenFact[]): Work {
  return {
    status: 'INACTIVE',
    outcome: undefined,
    path: undefined,
    requestedAt: undefined,
    onDeviceAt: undefined,
    activatedAt: undefined,
    completedAt: undefined,
    suspendedBy: [],
    network: 'VTS',
    tokenType: facts.find(({ tokenType }) => tokenType !== undefined)?.tokenType,
    wallet: undefined,
    device: undefined,
    card: undefined,
    tokenExpiry: undefined,
    aliases: new Map(),
    updatedAt: facts[0]?.occurredAt ?? 0,
    refused: new Map(),
  };
}

function apply(work: Work, fact: TokenFact): void {
  const outcome = move(work, fact);
  const told = tell(work, fact, outcome !== 'illegal');
  if (outcome === 'moved' || told) work.updatedAt = fact.occurredAt;
  if (outcome !== 'illegal') return;
  const claim = fact.reportedStatus === undefined ? fact.kind : `${fact.kind} (${fact.reportedStatus})`;
  const stand = work.outcome === undefined ? work.status : `${work.status}, ${work.outcome}`;
  work.refused.set(fact.factId, `${claim} is not legal for a token that is ${stand}.`);
}

function move(work: Work, fact: TokenFact): Outcome {
  const at = fact.occurredAt;
  const open = work.status !== 'DELETED' && work.outcome !== 'DECLINED';
  const before = `${work.status} ${work.outcome} ${work.path} ${work.suspendedBy} ${work.onDeviceAt} ${work.activatedAt}`;
  const changed = (legal: boolean): Outcome => {
    complete(work, at);
    const after = `${work.status} ${work.outcome} ${work.path} ${work.suspendedBy} ${work.onDeviceAt} ${work.activatedAt}`;
    return before !== after ? 'moved' : legal ? 'told' : 'illegal';
  };
  switch (fact.kind) {
    case 'PROVISIONING_REQUESTED': {
      const early =
        work.outcome === undefined || work.outcome === 'REQUESTED' || work.outcome === 'AWAITING_AUTHENTICATION';
      if (!open || !early) return 'illegal';
      work.requestedAt ??= at;
      work.outcome = fact.decision === 'APPROVED' ? 'REQUESTED' : 'AWAITING_AUTHENTICATION';
      work.path = fact.decision === 'APPROVED' ? 'GREEN' : 'YELLOW';
      return changed(true);
    }
    case 'ACTIVATION_CODE_ISSUED':
      if (!open) return 'illegal';
      work.path ??= 'YELLOW';
      if (work.outcome === undefined) work.outcome = 'AWAITING_AUTHENTICATION';
      return changed(true);
    case 'AUTHENTICATION_SUCCEEDED':
      if (!open) return 'illegal';
      work.path ??= 'YELLOW';
      if (work.outcome !== 'COMPLETED') work.outcome = 'AUTHENTICATED';
      report(work, fact);
      return changed(true);
    case 'DEVICE_PROVISIONED':
      if (!open) return 'illegal';
      work.onDeviceAt ??= at;
      report(work, fact);
      return changed(true);
    case 'TOKEN_CREATED':
      if (!open || (work.status !== 'INACTIVE' && fact.reportedStatus === 'INACTIVE')) return 'illegal';
      report(work, fact);
      return changed(true);
    case 'TOKEN_SUSPENDED':
      if (!open) return 'illegal';
      work.status = 'SUSPENDED';
      if (!work.suspendedBy.includes(fact.actor)) work.suspendedBy = [...work.suspendedBy, fact.actor].sort();
      return changed(true);
    case 'TOKEN_RESUMED':
      if (work.status !== 'SUSPENDED' || work.suspendedBy.some((party) => party === fact.actor) === false) {
        return work.status === 'SUSPENDED' && work.suspendedBy.length === 0 ? changed(true) : 'illegal';
      }
      work.suspendedBy = work.suspendedBy.filter((party) => party !== fact.actor);
      if (work.suspendedBy.length === 0) activate(work, at);
      return changed(true);
    case 'TOKEN_DELETED':
      if (!open) return 'illegal';
      work.status = 'DELETED';
      work.suspendedBy = [];
      return changed(true);
    default:
      return 'told';
  }
}

function report(work: Work, { reportedStatus, occurredAt }: TokenFact): void {
  if (reportedStatus === 'ACTIVE' && work.status !== 'ACTIVE') activate(work, occurredAt);
}

function activate(work: Work, at: number): void {
  work.status = 'ACTIVE';
  work.suspendedBy = [];
  work.activatedAt ??= at;
}

function complete(work: Work, at: number): void {
  const ready = work.onDeviceAt !== undefined || work.outcome === 'AUTHENTICATED';
  if (work.status !== 'ACTIVE' || !ready || work.outcome === 'COMPLETED' || work.outcome === 'DECLINED') return;
  work.outcome = 'COMPLETED';
  work.completedAt = at;
  work.path ??= 'GREEN';
}

/** Whether the fact says something new of the token. */
function tell(work: Work, fact: TokenFact, legal: boolean): boolean {
  let told = false;
  for (const alias of fact.aliases) {
    const key = `${alias.kind}:${alias.value}`;
    if (work.aliases.has(key)) continue;
    work.aliases.set(key, alias);
    told = true;
  }
  if (!legal) return told;
  for (const name of ['wallet', 'tokenExpiry'] as const) {
    if (fact[name] === undefined || fact[name] === work[name]) continue;
    work[name] = fact[name];
    told = true;
  }
  if (fact.device !== undefined && (fact.device.id !== work.device?.id || fact.device.name !== work.device?.name)) {
    work.device = fact.device;
    told = true;
  }
  if (fact.card !== undefined && fact.card.ref !== work.card?.ref) {
    work.card = fact.card;
    told = true;
  }
  return told;
}

function stateOf(tokenId: string, work: Work, version: number): TokenState {
  const { status, outcome, path, requestedAt, onDeviceAt, activatedAt, completedAt, network, tokenType } = work;
  const { wallet, device, card, tokenExpiry, updatedAt } = work;
  return {
    tokenId,
    version,
    network,
    status,
    suspendedBy: status === 'SUSPENDED' ? work.suspendedBy : [],
    provisioning: { outcome, path, requestedAt, onDeviceAt, activatedAt, completedAt },
    tokenType,
    wallet,
    device,
    bindings: [],
    card,
    aliases: [...work.aliases.keys()].sort().map((key) => work.aliases.get(key) as TokenFact['aliases'][number]),
    tokenExpiry,
    updatedAt,
  };
}

type Flat = readonly (readonly [field: string, value: string | number | undefined])[];

function flatten(work: Work): Flat {
  return [
    ['network', work.network],
    ['status', work.status],
    ['suspendedBy', work.status === 'SUSPENDED' ? work.suspendedBy.join(' ') || undefined : undefined],
    ['provisioning.outcome', work.outcome],
    ['provisioning.path', work.path],
    ['provisioning.requestedAt', work.requestedAt],
    ['provisioning.onDeviceAt', work.onDeviceAt],
    ['provisioning.activatedAt', work.activatedAt],
    ['provisioning.completedAt', work.completedAt],
    ['tokenType', work.tokenType],
    ['wallet', work.wallet],
    ['device.id', work.device?.id],
    ['device.name', work.device?.name],
    ['device.type', work.device?.type],
    ['card.ref', work.card?.ref],
    ['aliases', namesOf(work.aliases)],
    ['tokenExpiry', work.tokenExpiry],
  ];
}

function namesOf(aliases: ReadonlyMap<string, unknown>): string {
  return [...aliases.keys()].sort().join(' ');
}

function changesOf(memory: Memory | undefined, flat: Flat, updatedAt: number): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const [n, [field, to]] of flat.entries()) {
    const from = memory?.flat[n]?.[1];
    if (from !== to) changes.push({ field, from: text(from), to: text(to) });
  }
  if (changes.length > 0 || memory === undefined || memory.state.updatedAt === updatedAt) return changes;
  return [{ field: 'updatedAt', from: text(memory.state.updatedAt), to: text(updatedAt) }];
}

/** The only numbers among the fields are times. */
function text(value: string | number | undefined): string | undefined {
  return typeof value === 'number' ? new Date(value).toISOString() : value;
}

function traceOf(fact: TokenFact, cause: LogPosition, version: number, index: number) {
  return {
    eventId: `${cause.topic}-${cause.partition}-${cause.offset}-${index}`,
    tokenId: fact.tokenId,
    version,
    occurredAt: fact.occurredAt,
    recordedAt: fact.receivedAt,
    factId: fact.factId,
    factKind: fact.kind,
    source: fact.source,
    actor: fact.actor,
    cause,
  };
}
