/** Builders for tests: facts of a token with only what matters to the case spelled out. */
import type { Alias, LogPosition, TokenFact } from '../generated/records.js';
import { decide, type LifecycleRecord, type TokenMemory } from './decide.js';

export const noon = Date.UTC(2030, 0, 15, 12);

let serial = 0;

/** A fact `seconds` after noon. Ids count up, so two calls give two facts. */
export function fact(kind: TokenFact['kind'], seconds: number, extra: Partial<TokenFact> = {}): TokenFact {
  serial += 1;
  const at = noon + seconds * 1_000;
  return {
    factId: `f${serial}`,
    tokenId: 't1',
    network: 'VTS',
    kind,
    occurredAt: at,
    occurredAtSource: 'SOURCE',
    receivedAt: at + 500,
    source: 'test',
    sourceMessageId: String(serial),
    actor: 'NETWORK',
    tokenType: 'SECURE_ELEMENT',
    aliases: [] as Alias[],
    ...extra,
  };
}

/** Delivers facts in the given order, as the lifecycle service does; facts sent to another token are delivered after the rest. */
export function deliver(facts: readonly TokenFact[], tokens = new Map<string, TokenMemory>()) {
  const events: LifecycleRecord[] = [];
  const queue = [...facts];
  for (let offset = 0; queue.length > 0; offset += 1) {
    if (offset > 10_000) throw new Error('The facts go round in circles.');
    const next = queue.shift() as TokenFact;
    const cause: LogPosition = { topic: 'token.facts', partition: 0, offset };
    const consequence = decide(tokens.get(next.tokenId), next, cause);
    tokens.set(next.tokenId, consequence.memory);
    events.push(...consequence.events);
    queue.push(...consequence.forwarded);
  }
  return { tokens, events, state: (id = 't1') => tokens.get(id)?.folded.state };
}
