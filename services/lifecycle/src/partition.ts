/**
 * One partition of token.facts: what is remembered of its tokens, and what a batch of facts leads to.
 * The memory is the partition's state store, a copy of lifecycle.store as of the last committed transaction; that of the tokens last worked on is
 * kept as it was folded, since the facts of a flow come within minutes. When a transaction fails, all of this is thrown away and made anew.
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
import { dueText, eventHeaders, type InRecord, type OutRecord, type PartitionLogic } from '@tokenline/streams';
import type { Counted } from './metrics.js';

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

export function createPartition({ partition, codec, putAside, count, rules }: PartitionParts): PartitionLogic {
  const recent = new Map<string, TokenMemory>();
  return async (records, state) => {
    const touched = new Map<string, TokenMemory>();
    const published = new Map<string, TokenState | null>();
    const outputs: OutRecord[] = [];
    for (const record of records) {
      const fact = await read(record);
      if (typeof fact === 'string') {
        outputs.push(await putAside(record, fact));
        continue;
      }
      if (fact === undefined) continue;
      const before =
        touched.get(fact.tokenId) ??
        recent.get(fact.tokenId) ??
        (await rememberedToken(codec, state.get(fact.tokenId)));
      try {
        const consequence = decide(before, fact, { topic: record.topic, partition, offset: record.offset });
        outputs.push(
          ...consequence.events.map((event) => lifecycleRecord(event, record)),
          ...consequence.forwarded.map((forwarded) => factRecord(forwarded, record)),
        );
        if (consequence.changed) touched.set(fact.tokenId, consequence.memory);
        if (consequence.published !== undefined) published.set(fact.tokenId, consequence.published);
        count(consequence.events);
      } catch (error) {
        // A fact our own rules trip over is a bug of ours. It must not stop the facts behind it.
        outputs.push(await putAside(record, `The fact cannot be folded: ${(error as Error).message}`, 'INTERNAL'));
      }
    }
    // Of a compacted topic only the last record counts: one for each token of the batch.
    for (const [tokenId, tokenState] of published) outputs.push(stateRecord(tokenId, tokenState));
    for (const [tokenId, { stored, folded }] of touched) {
      const value = codec.encode('tokenline.lifecyclestore.StoredToken', stored);
      const next = nextDeadline({ state: folded.state, facts: stored.facts }, rules);
      const headers = { [deadlineHeader]: dueText(next?.dueAt) };
      outputs.push({ topic: 'lifecycle.store', partition, key: tokenId, value, headers });
    }
    keep(touched);
    return outputs;
  };

  function keep(touched: ReadonlyMap<string, TokenMemory>): void {
    for (const [tokenId, memory] of touched) {
      recent.delete(tokenId);
      recent.set(tokenId, memory);
    }
    for (const tokenId of recent.keys()) {
      if (recent.size <= mostRecent) break;
      recent.delete(tokenId);
    }
  }

  /** The fact, undefined for a record type we do not know, or why it cannot be read. */
  async function read(record: InRecord): Promise<TokenFact | undefined | string> {
    if (record.value === null) return 'A record of token.facts has no value.';
    const decoded = await codec.decode(record.value);
    if (!decoded.ok) return decoded.reason === 'unknown-type' ? undefined : decoded.message;
    if (decoded.type !== 'tokenline.facts.TokenFact') return undefined;
    if (decoded.value.tokenId !== record.key) return `The record's key is not the fact's tokenId.`;
    if (record.key.length > longestTokenId) return `The tokenId is longer than ${longestTokenId} characters.`;
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

/** The memory of a token from the bytes in a state store. Throws when they are something else. */
export async function rememberedToken(codec: Codec, value: Buffer | undefined): Promise<TokenMemory | undefined> {
  if (value === undefined) return undefined;
  const decoded = await codec.decode(value);
  if (decoded.ok && decoded.type === 'tokenline.lifecyclestore.StoredToken') return recall(decoded.value);
  throw new Error('lifecycle.store holds a record that is no StoredToken.');
}
