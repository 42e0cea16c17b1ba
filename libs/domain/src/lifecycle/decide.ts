/**
 * What follows from one more fact about a token: the events to publish, and what to remember.
 *
 * Each fact leaves a trace: TokenChanged when the published state differs, FactNoted when it does not, FactIgnored when the fact is a repeat,
 * is not legal where it stands, or came for a token that has merged. ProvisioningCompleted is published once and never taken back.
 * ActivationCodeIssued is published whatever a code does to the state, and so in any order of arrival: the network waits for it to be delivered.
 * A fact keeps its `activation` until it has been told; what is remembered, and what a merge hands over from there, has none and tells nothing.
 *
 * DeadlinePassed is published for a DEADLINE_PASSED fact that names its deadline, if what was waited for has not happened as far as the facts folded
 * until then say: once for each deadline of a token, and never taken back. So it depends on what had arrived; the state does not. A merge hands over
 * a deadline that was weighed already with `otherTokenId`, where that was: it counts as spent there, and is not told again.
 *
 * TOKEN_USED: adapters may report every purchase, and facts must stay few. Remembered is the earliest only, whatever the order they come in; the others
 * are noted and tell nothing.
 *
 * Where an object takes over another's fields, these come last: V8 11 (Node 20) takes a microsecond or two for each field behind them.
 *
 * Merging: TOKENS_MERGED on the younger token sends all its facts, and those that still come, to the survivor. FACTS_ABSORBED goes first and says
 * whether the completion was already announced, so that the survivor does not announce it again. Other facts can be faster than these: so the
 * survivor hears of a merge at once, by a FACTS_ABSORBED that does not say it (identity/merge-fact.ts), and announces nothing until one does.
 * Two tokens that both were complete before the log showed them to be one have both been announced.
 */
import { withoutCode } from '../facts/sealed.js';
import type {
  ActivationCodeIssued,
  DeadlinePassed,
  FactIgnored,
  FactNoted,
  LogPosition,
  ProvisioningCompleted,
  StoredToken,
  TokenChanged,
  TokenFact,
  TokenMerged,
  TokenState,
} from '../generated/records.js';
import { isMissed, isSpent } from './deadlines.js';
import { difference } from './difference.js';
import { type Folded, fold } from './fold.js';
import { compareFacts, placeOf } from './order.js';

export type LifecycleRecord =
  | { readonly type: 'tokenline.lifecycle.TokenChanged'; readonly value: TokenChanged }
  | { readonly type: 'tokenline.lifecycle.FactNoted'; readonly value: FactNoted }
  | { readonly type: 'tokenline.lifecycle.FactIgnored'; readonly value: FactIgnored }
  | { readonly type: 'tokenline.lifecycle.ProvisioningCompleted'; readonly value: ProvisioningCompleted }
  | { readonly type: 'tokenline.lifecycle.ActivationCodeIssued'; readonly value: ActivationCodeIssued }
  | { readonly type: 'tokenline.lifecycle.DeadlinePassed'; readonly value: DeadlinePassed }
  | { readonly type: 'tokenline.lifecycle.TokenMerged'; readonly value: TokenMerged };

/** What is remembered of a token, with the fold of it. */
export interface TokenMemory {
  readonly stored: StoredToken;
  readonly folded: Folded;
}

export interface Consequence {
  readonly events: readonly LifecycleRecord[];
  readonly memory: TokenMemory;
  /** Whether the memory differs from before. */
  readonly changed: boolean;
  /** Facts that belong to another token, to be written under its id, in this order. */
  readonly forwarded: readonly TokenFact[];
  /** The state to publish, or null to withdraw it; left out when it stands. */
  readonly published?: TokenState | null;
}

/** The memory of a token from what was stored. */
export function recall(stored: StoredToken): TokenMemory {
  return { stored, folded: fold(stored.tokenId, stored.facts) };
}

/** `cause` is where the fact lies in token.facts. */
export function decide(memory: TokenMemory | undefined, fact: TokenFact, cause: LogPosition): Consequence {
  const stored: StoredToken = memory?.stored ?? {
    tokenId: fact.tokenId,
    facts: [],
    version: 0,
    completionAnnounced: false,
    lastFact: cause,
  };
  const folded = memory?.folded ?? fold(fact.tokenId, []);
  const trace = tracer(fact, cause);

  const ignored = (reason: FactIgnored['reason'], explanation: string): LifecycleRecord => ({
    type: 'tokenline.lifecycle.FactIgnored',
    value: { reason, explanation, ...trace(stored.version) },
  });

  if (stored.facts.some((known) => known.factId === fact.factId)) {
    return {
      events: [ignored('REPEAT', 'The fact is already known.')],
      memory: { stored, folded },
      changed: false,
      forwarded: [],
    };
  }
  if (stored.mergedInto !== undefined) {
    const sentence = `The token is ${stored.mergedInto}; the fact has gone there.`;
    const forwarded = fact.kind === 'TOKENS_MERGED' ? [] : [rehome(fact, stored.mergedInto)];
    return { events: [ignored('MERGED', sentence)], memory: { stored, folded }, changed: false, forwarded };
  }
  if (fact.kind === 'TOKENS_MERGED' && fact.otherTokenId !== undefined)
    return merge(stored, fact, fact.otherTokenId, cause, trace);

  const late = placeOf(stored.facts, fact) < stored.facts.length;
  const used = fact.kind === 'TOKEN_USED' ? stored.facts.find(({ kind }) => kind === 'TOKEN_USED') : undefined;
  if (used !== undefined && compareFacts(used, fact) < 0) {
    return {
      events: [{ type: 'tokenline.lifecycle.FactNoted', value: { late, ...trace(stored.version) } }],
      memory: { stored, folded },
      changed: false,
      forwarded: [],
    };
  }
  const others = used === undefined ? stored.facts : stored.facts.filter((known) => known !== used);
  const place = placeOf(others, fact);
  const facts = others.toSpliced(place, 0, compact(fact));
  const after = fold(stored.tokenId, facts, memory?.folded);
  const changes = difference(memory === undefined ? undefined : folded.state, after.state);
  const version = changes.length > 0 ? stored.version + 1 : stored.version;
  const state: TokenState = { version, ...after.state };
  const events: LifecycleRecord[] = [];
  const refusal = after.refused.get(fact.factId);
  if (refusal !== undefined) events.push(ignored('ILLEGAL', refusal));
  if (changes.length > 0) {
    events.push({
      type: 'tokenline.lifecycle.TokenChanged',
      value: { late, changes, state, ...trace(version, events.length) },
    });
  } else if (refusal === undefined) {
    events.push({ type: 'tokenline.lifecycle.FactNoted', value: { late, ...trace(version) } });
  }
  const announcedElsewhere = fact.kind === 'FACTS_ABSORBED' && fact.completionAnnounced === true;
  const { completedAt } = after.state.provisioning;
  const announce =
    completedAt !== undefined && !stored.completionAnnounced && !announcedElsewhere && !awaitsOther(facts);
  if (announce) {
    events.push({
      type: 'tokenline.lifecycle.ProvisioningCompleted',
      value: { path: state.provisioning.path, completedAt, ...about(state), ...trace(version, events.length) },
    });
  }
  if (fact.kind === 'ACTIVATION_CODE_ISSUED' && fact.activation !== undefined) {
    const { method, expiresAt } = fact.activation;
    events.push({
      type: 'tokenline.lifecycle.ActivationCodeIssued',
      value: { method, expiresAt, ...about(state), ...trace(version, events.length) },
    });
  }
  const passed = tellableDeadline(fact, stored.facts);
  if (passed !== undefined && isMissed(after.state, passed.purpose)) {
    events.push({
      type: 'tokenline.lifecycle.DeadlinePassed',
      value: { deadline: passed, ...about(state), ...trace(version, events.length) },
    });
  }
  return {
    events,
    memory: {
      stored: {
        ...stored,
        facts,
        version,
        completionAnnounced: stored.completionAnnounced || announcedElsewhere || announce,
        lastFact: cause,
      },
      folded: after,
    },
    changed: true,
    forwarded: [],
    ...(changes.length > 0 && { published: state }),
  };
}

/** What a notice names of the token. */
function about({ network, tokenType, wallet, tokenRequestorId, device, card }: TokenState) {
  return { network, tokenType, wallet, tokenRequestorId, device, card };
}

/** The deadline a fact says has passed, unless that was said or weighed before. */
function tellableDeadline({ kind, deadline, otherTokenId }: TokenFact, known: readonly TokenFact[]) {
  if (kind !== 'DEADLINE_PASSED' || deadline === undefined || otherTokenId !== undefined) return undefined;
  return isSpent(known, deadline) ? undefined : deadline;
}

/** Whether a token that turned out to be this one has yet to say if it announced the completion. */
function awaitsOther(facts: readonly TokenFact[]): boolean {
  const absorbed = facts.filter(isAbsorption);
  const heardFrom = absorbed.filter((fact) => fact.completionAnnounced !== undefined).map((fact) => fact.otherTokenId);
  return absorbed.some((fact) => !heardFrom.includes(fact.otherTokenId));
}

function isAbsorption(fact: TokenFact): boolean {
  return fact.kind === 'FACTS_ABSORBED';
}

function merge(
  stored: StoredToken,
  fact: TokenFact,
  survivor: string,
  cause: LogPosition,
  trace: ReturnType<typeof tracer>,
): Consequence {
  const absorbed: TokenFact = {
    ...fact,
    factId: `absorbed:${stored.tokenId}`,
    tokenId: survivor,
    kind: 'FACTS_ABSORBED',
    otherTokenId: stored.tokenId,
    completionAnnounced: stored.completionAnnounced,
    aliases: [],
  };
  const merged: StoredToken = {
    ...stored,
    facts: [],
    version: stored.version + 1,
    mergedInto: survivor,
    lastFact: cause,
  };
  return {
    events: [{ type: 'tokenline.lifecycle.TokenMerged', value: { intoTokenId: survivor, ...trace(merged.version) } }],
    memory: { stored: merged, folded: fold(stored.tokenId, []) },
    changed: true,
    // What it has absorbed itself first: the survivor must know whom else to wait for before it is told that it need not wait for this one.
    forwarded: [
      ...stored.facts.filter(isAbsorption).map((known) => rehome(known, survivor)),
      absorbed,
      ...stored.facts
        .filter((known) => !isAbsorption(known))
        .map((known) => rehome(known.kind === 'DEADLINE_PASSED' ? weighed(known) : known, survivor)),
    ],
    published: null,
  };
}

/** A deadline that its token has heard of, on its way to another. */
function weighed(fact: TokenFact): TokenFact {
  return { ...fact, otherTokenId: fact.otherTokenId ?? fact.tokenId };
}

function rehome(fact: TokenFact, tokenId: string): TokenFact {
  const { tokenPanSealed: _tokenPanSealed, ...rest } = withoutCode(fact);
  return { ...rest, tokenId };
}

/** A fact without what the fold never reads: sealed values, and what was told of a code. They stay in token.facts. */
function compact(fact: TokenFact): TokenFact {
  if (fact.activation === undefined && fact.tokenPanSealed === undefined) return fact;
  const { activation: _activation, tokenPanSealed: _tokenPanSealed, ...rest } = fact;
  return rest;
}

function tracer(fact: TokenFact, cause: LogPosition) {
  return (version: number, index = 0) => ({
    eventId: `${cause.topic}-${cause.partition}-${cause.offset}-${index}`,
    tokenId: fact.tokenId,
    version,
    occurredAt: fact.occurredAt,
    recordedAt: fact.receivedAt,
    factId: fact.factId,
    factKind: fact.kind,
    source: fact.source,
    actor: fact.actor,
    reasonCode: fact.reasonCode,
    cause,
  });
}
