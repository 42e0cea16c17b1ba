/** token.facts and what is downstream of it, in memory: each token a partition of its own, each stage as far as it has come. */
import type { ProvisioningCompleted, TokenFact, TokenState } from '../generated/records.js';
import { decide, type LifecycleRecord, type TokenMemory } from '../lifecycle/decide.js';
import { decideCompletionNotice, type NoticeDecision } from '../notices/decide.js';
import type { Chance } from './random.js';

/** An announced completion with what followed from it. */
export interface Announcement {
  readonly event: ProvisioningCompleted;
  readonly notice: NoticeDecision;
  /** Tokens the announcing one had been told it is one with. */
  readonly knownToBeOne: readonly string[];
}

/** What came of the facts folded so far. */
export interface Downstream {
  /** By tokenId, merged tokens included. */
  readonly memories: ReadonlyMap<string, TokenMemory>;
  /** In order of publication for each token. */
  readonly events: readonly LifecycleRecord[];
  /** Read model `tokens`: the last published state of each token that has not merged. */
  readonly published: ReadonlyMap<string, TokenState>;
  readonly announcements: readonly Announcement[];
  /** Tokens whose facts amounted to a completion at some moment. */
  readonly onceComplete: ReadonlySet<string>;
  /** Facts that left no trace, as sentences. */
  readonly silent: readonly string[];
}

export interface FactLog extends Downstream {
  readonly append: (fact: TokenFact) => void;
  /** How many tokens have facts that are not folded yet. */
  readonly waiting: () => number;
  /** Folds the next fact of a token that has one waiting: which token's, chance decides; without it, the one that has waited longest. */
  readonly foldNext: (chance?: Chance) => void;
}

export function createFactLog(): FactLog {
  const queues = new Map<string, TokenFact[]>();
  const partitions = new Map<string, { readonly number: number; folded: number }>();
  const memories = new Map<string, TokenMemory>();
  const events: LifecycleRecord[] = [];
  const published = new Map<string, TokenState>();
  const announcements: Announcement[] = [];
  const onceComplete = new Set<string>();
  const silent: string[] = [];

  const append = (fact: TokenFact): void => {
    const queue = queues.get(fact.tokenId);
    if (queue === undefined) queues.set(fact.tokenId, [fact]);
    else queue.push(fact);
  };

  const fold = (fact: TokenFact): void => {
    const { tokenId } = fact;
    const partition = partitions.get(tokenId) ?? { number: partitions.size, folded: 0 };
    partitions.set(tokenId, partition);
    const cause = { topic: 'token.facts', partition: partition.number, offset: partition.folded };
    partition.folded += 1;
    const consequence = decide(memories.get(tokenId), fact, cause);
    memories.set(tokenId, consequence.memory);
    for (const forwarded of consequence.forwarded) append(forwarded);
    if (consequence.memory.folded.state.provisioning.completedAt !== undefined) onceComplete.add(tokenId);
    if (consequence.events.length === 0) silent.push(`${tokenId}: ${fact.factId} left no trace.`);
    for (const event of consequence.events) {
      events.push(event);
      if (event.type === 'tokenline.lifecycle.TokenChanged') published.set(tokenId, event.value.state);
      else if (event.type === 'tokenline.lifecycle.TokenMerged') published.delete(tokenId);
      else if (event.type === 'tokenline.lifecycle.ProvisioningCompleted') {
        const knownToBeOne = consequence.memory.stored.facts.flatMap((known) =>
          known.kind === 'FACTS_ABSORBED' ? (known.otherTokenId ?? []) : [],
        );
        announcements.push({ event: event.value, notice: decideCompletionNotice(event.value), knownToBeOne });
      }
    }
  };

  return {
    append,
    waiting: () => queues.size,
    foldNext: (chance) => {
      const tokenIds = [...queues.keys()];
      const tokenId = tokenIds[chance === undefined ? 0 : chance.below(tokenIds.length)];
      const queue = tokenId === undefined ? undefined : queues.get(tokenId);
      const fact = queue?.shift();
      if (tokenId === undefined || queue === undefined || fact === undefined) return;
      if (queue.length === 0) queues.delete(tokenId);
      fold(fact);
    },
    memories,
    events,
    published,
    announcements,
    onceComplete,
    silent,
  };
}
