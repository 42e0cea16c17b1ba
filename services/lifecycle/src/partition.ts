/**
 * One partition of token.facts: what is remembered of its tokens, and what a batch of facts leads to.
 * The memory is the partition's state store, a copy of lifecycle.store as of the last committed transaction; that of tokens in the midst of something is
 * kept as it was folded (recent.ts), since the facts of a flow come within minutes. When a transaction fails, all of this is thrown away and made anew.
 */
import type { Codec, RecordName } from '@tokenline/contracts';
import {
  type DeadlineRules,
  decide,
  type LifecycleRecord,
  nextDeadline,
  type ReasonCode,
  recall,
  type TokenFact,
  type TokenMemory,
  type TokenState,
} from '@tokenline/domain';
import {
  dueText,
  eventHeaders,
  type InRecord,
  type OutRecord,
  type PartitionLogic,
  type PartitionState,
} from '@tokenline/streams';
import type { Counted } from './metrics.js';
import { createRecent } from './recent.js';

/** Header of lifecycle.store that says when a token's next deadline passes. */
export const deadlineHeader = 'deadline';

/** A key of the local state store holds at most some 2,000 bytes. */
const longestTokenId = 200;

/** Tokens kept folded, for each partition: some 5 KB each. */
const mostRecent = 2_000;

/** Puts aside a record that is not a fact; gives the dead letter to write in the same transaction. */
export type PutAside = (record: InRecord, why: string, reasonCode?: ReasonCode) => Promise<OutRecord>;

export interface PartitionParts {
  readonly partition: number;
  readonly codec: Codec;
  readonly putAside: PutAside;
  readonly count: Counted;
  readonly rules: DeadlineRules;
}

/** A token while its records of a batch are worked on. */
interface TokenInHand {
  /** As it was before the batch; undefined when it is new, and until its first fact. */
  before?: TokenMemory | undefined;
  memory?: TokenMemory | undefined;
  /** The state to publish, null to withdraw it; undefined while it stands. */
  published?: TokenState | null;
  /** The facts of the batch as they came. */
  readonly came: Map<TokenFact, Buffer>;
}

export function createPartition({ partition, codec, putAside, count, rules }: PartitionParts): PartitionLogic {
  const recent = createRecent<TokenMemory>(mostRecent);
  return async (records, state) => {
    // One token after another, so that what is known of one is let go before the next; what follows is in the order of the records all the same.
    const following = new Array<readonly OutRecord[]>(records.length);
    const states: OutRecord[] = [];
    const stored: OutRecord[] = [];
    for (const [tokenId, numbers] of numbersByKey(records)) {
      const token: TokenInHand = { came: new Map() };
      for (const number of numbers) following[number] = await follow(records[number] as InRecord, token, state);
      const { before, memory, published, came } = token;
      // Of a compacted topic only the last record counts: one for each token of the batch.
      if (published !== undefined) states.push(stateRecord(tokenId, published));
      if (memory === undefined || memory === before) continue;
      stored.push(storedRecord(memory, came));
      recent.put(tokenId, memory, before === undefined);
    }
    return [...following.flat(), ...states, ...stored];
  };

  async function follow(record: InRecord, token: TokenInHand, state: PartitionState): Promise<readonly OutRecord[]> {
    const fact = await read(record, token);
    if (fact === undefined) return [];
    if (typeof fact === 'string') return [await putAside(record, fact)];
    if (token.memory === undefined) {
      token.before = recent.get(fact.tokenId) ?? (await rememberedToken(codec, state.get(fact.tokenId)));
      token.memory = token.before;
    }
    try {
      const consequence = decide(token.memory, fact, { topic: record.topic, partition, offset: record.offset });
      const outputs = [
        ...consequence.events.map((event) => lifecycleRecord(event, record)),
        ...consequence.forwarded.map((forwarded) => factRecord(forwarded, record)),
      ];
      if (consequence.changed) token.memory = consequence.memory;
      if (consequence.published !== undefined) token.published = consequence.published;
      count(consequence.events);
      return outputs;
    } catch (error) {
      // A fact our own rules trip over is a bug of ours. It must not stop the facts behind it.
      return [await putAside(record, `The fact cannot be folded: ${(error as Error).message}`, 'INTERNAL')];
    }
  }

  /** The fact, undefined for a record type we do not know, or why it cannot be read. */
  async function read(record: InRecord, { came }: TokenInHand): Promise<TokenFact | undefined | string> {
    if (record.value === null) return 'A record of token.facts has no value.';
    const decoded = await codec.decode(record.value);
    if (!decoded.ok) return decoded.reason === 'unknown-type' ? undefined : decoded.message;
    if (decoded.type !== 'tokenline.facts.TokenFact') return undefined;
    if (decoded.value.tokenId !== record.key) return `The record's key is not the fact's tokenId.`;
    if (record.key.length > longestTokenId) return `The tokenId is longer than ${longestTokenId} characters.`;
    if (decoded.current) came.set(decoded.value, record.value);
    return decoded.value;
  }

  function lifecycleRecord(event: LifecycleRecord, cause: InRecord): OutRecord {
    return {
      topic: 'token.lifecycle',
      partition,
      key: event.value.tokenId,
      value: codec.encode(event.type as RecordName, event.value),
      headers: headers(event.type, event.value.eventId, event.value.tokenId, event.value.occurredAt, cause),
    };
  }

  /** A fact of a merged token, on its way to the survivor: its key, not our partition, decides where. */
  function factRecord(fact: TokenFact, cause: InRecord): OutRecord {
    const type = 'tokenline.facts.TokenFact';
    return {
      topic: 'token.facts',
      key: fact.tokenId,
      value: codec.encode(type, fact),
      headers: headers(type, fact.factId, fact.tokenId, fact.occurredAt, cause),
    };
  }

  function storedRecord({ stored, folded }: TokenMemory, came: ReadonlyMap<TokenFact, Buffer>): OutRecord {
    const value = codec.encode('tokenline.lifecyclestore.StoredToken', stored, came);
    const next = nextDeadline({ state: folded.state, facts: stored.facts }, rules);
    const headers = { [deadlineHeader]: dueText(next?.dueAt) };
    return { topic: 'lifecycle.store', partition, key: stored.tokenId, value, headers };
  }

  function stateRecord(key: string, state: TokenState | null): OutRecord {
    const type = 'tokenline.state.TokenState';
    return {
      topic: 'token.state',
      partition,
      key,
      value: state === null ? null : codec.encode(type, state),
    };
  }

  function headers(type: string, id: string, subject: string, time: number, cause: InRecord): Record<string, string> {
    return eventHeaders({ id, type, source: 'lifecycle', time, subject, traceparent: cause.headers.traceparent });
  }
}

/** For each key the numbers of its records, in their order. */
function numbersByKey(records: readonly InRecord[]): ReadonlyMap<string, readonly number[]> {
  const numbers = new Map<string, number[]>();
  records.forEach(({ key }, number) => {
    const known = numbers.get(key);
    if (known === undefined) numbers.set(key, [number]);
    else known.push(number);
  });
  return numbers;
}

/** The memory of a token from the bytes in a state store. Throws when they are something else. */
export async function rememberedToken(codec: Codec, value: Buffer | undefined): Promise<TokenMemory | undefined> {
  if (value === undefined) return undefined;
  const decoded = await codec.decode(value);
  if (decoded.ok && decoded.type === 'tokenline.lifecyclestore.StoredToken') return recall(decoded.value);
  throw new Error('lifecycle.store holds a record that is no StoredToken.');
}
