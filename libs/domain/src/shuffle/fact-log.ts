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
  /** Each fact folded, with the events it led to. */
  readonly folded: readonly { readonly fact: TokenFact; readonly events: readonly LifecycleRecord[] }[];
}

export interface FactLog extends Downstream {
  readonly append: (fact: TokenFact) => void;
  /** How many tokens have facts that are not folded yet. */
  readonly waiting: () => number;
  /** Folds the next fact of a token that has one waiting, if any: which token's, chance decides; without it, the one that has waited longest. */
  readonly foldNext: (chance?: Chance) => void;
}

export function createFactLog(): FactLog {
  const queues = new Map<string, [TokenFact, ...TokenFact[]]>();
  const partitions = new Map<string, { readonly number: number; folded: number }>();
  const memories = new Map<string, TokenMemory>();
  const events: LifecycleRecord[] = [];
  const published = new Map<string, TokenState>();
  const announcements: Announcement[] = [];
  const onceComplete = new Set<string>();
  const folded: { fact: TokenFact; events: readonly LifecycleRecord[] }[] = [];

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
    folded.push({ fact, events: consequence.events });
    for (const event of consequence.events) {
      events.push(event);
      if (event.type === 'tokenline.lifecycle.TokenChanged') published.set(tokenId, event.value.state);
      else if (event.type === 'tokenline.lifecycle.TokenMerged') published.delete(tokenId);
      else if (event.type === 'tokenline.lifecycle.ProvisioningCompleted') {
        const knownToBeOne = consequence.memory.stored.facts.flatMap(({ otherTokenId }) => otherTokenId ?? []);
        announcements.push({ event: event.value, notice: decideCompletionNotice(event.value), knownToBeOne });
      }
    }
  };

  return {
    append,
    waiting: () => queues.size,
    foldNext: (chance) => {
      const queue = [...queues.values()][chance?.below(queues.size) ?? 0];
      if (queue === undefined) return;
      const [fact] = queue;
      if (queue.length === 1) queues.delete(fact.tokenId);
      else queue.shift();
      fold(fact);
    },
    memories,
    events,
    published,
    announcements,
    onceComplete,
    folded,
  };
}
