/**
 * The scheduler: a deadline that has passed is stated as a fact in token.facts, and only then acted on, by the fold like any other.
 *
 *   each second, for each open partition:
 *     what is due in the state's index ─▶ is something of the partition still unread? ── yes ──▶ next second
 *                                                          └── no ──▶ state and rules looked at ──▶ the fact written
 *                                                                            └── nothing due after all: the index corrected
 *
 * - Whoever has a partition open fires its deadlines. An instance that has lost it without knowing fires what the new owner fires: the fact's id
 *   follows from token and deadline, so the second is a repeat.
 * - A partition that is behind waits: the completion may be among what is unread, and the fact would be for nothing. No more than that: the fact lies behind
 *   all that is unread, so by the time it is folded the completion is known, and it is only noted.
 * - Written at least once, acknowledged by all replicas; not again while its fold is awaited. A write that failed is tried again the next second.
 */
import type { Codec } from '@tokenline/contracts';
import { type Deadline, type DeadlineRules, deadlineFact, nextDeadline, type TokenFact } from '@tokenline/domain';
import type { Logger } from '@tokenline/runtime';
import { eventHeaders, type LogWriter, type OpenPartition, type OutRecord, type Processor } from '@tokenline/streams';
import type { PartitionDeadlines } from './metrics.js';
import { rememberedToken } from './partition.js';

export interface SchedulerParts {
  readonly processor: Pick<Processor, 'open' | 'caughtUp'>;
  readonly writer: Pick<LogWriter, 'write'>;
  readonly codec: Codec;
  readonly rules: DeadlineRules;
  readonly log: Logger;
  /** Epoch ms, UTC. */
  readonly now: () => number;
  /** Told of each fact that is in the log. */
  readonly fired: (deadline: Deadline) => void;
  /** Between rounds; a second by default. */
  readonly intervalMs?: number;
}

export interface Scheduler {
  /** Undefined while rounds succeed, else what is wrong. */
  readonly problem: () => string | undefined;
  readonly waiting: () => readonly PartitionDeadlines[];
  /** Fires nothing more, and waits for the round under way. */
  readonly stop: () => Promise<void>;
}

/** Most deadlines of a partition looked at in one round. */
const mostAtOnce = 500;

export function startScheduler(parts: SchedulerParts): Scheduler {
  const { processor, log, now, intervalMs = 1_000 } = parts;
  const round = createRound(parts);
  let stopping = false;
  let trouble: string | undefined;
  let wake: () => void = () => undefined;

  const running = (async () => {
    while (!stopping) {
      try {
        await round();
        trouble = undefined;
      } catch (error) {
        if (trouble === undefined) log.warn({ err: error }, 'Deadlines cannot be fired; trying on');
        trouble = `Deadlines cannot be fired: ${(error as Error).message}`;
      }
      if (stopping) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, intervalMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();

  return {
    problem: () => trouble,
    waiting: () =>
      processor.open().map(({ partition, store }) => {
        const [first] = store.due(now(), 1);
        // What is due at 0 is not known yet to be due at all.
        const lagMs = first === undefined || first.due === 0 ? 0 : now() - first.due;
        return { partition, tokens: store.waiting(), lagMs };
      }),
    stop: async () => {
      stopping = true;
      wake();
      await running;
    },
  };
}

/** One look at every open partition. Throws when the log cannot be asked or written. */
export function createRound({ processor, writer, codec, rules, now, fired }: SchedulerParts): () => Promise<void> {
  /** Of each token whose fact is written and not folded yet, when it was due. Forgotten when the partition is opened anew. */
  const awaited = new WeakMap<OpenPartition, Map<string, number>>();

  const dueIn = (part: OpenPartition, at: number) => {
    const before = awaited.get(part);
    const all = part.store.due(at, mostAtOnce + (before?.size ?? 0));
    const still = new Map(all.filter(({ key, due }) => before?.get(key) === due).map(({ key, due }) => [key, due]));
    awaited.set(part, still);
    return { part, still, keys: all.filter(({ key }) => !still.has(key)).slice(0, mostAtOnce) };
  };

  return async () => {
    const at = now();
    const due = processor
      .open()
      .map((part) => dueIn(part, at))
      .filter(({ keys }) => keys.length > 0);
    if (due.length === 0) return;
    const caughtUp = await processor.caughtUp();
    for (const { part, still, keys } of due) {
      if (!caughtUp.has(part.partition)) continue;
      const facts: { readonly fact: TokenFact; readonly deadline: Deadline }[] = [];
      const corrections: Parameters<OpenPartition['store']['setDue']>[0][number][] = [];
      for (const { key, due: indexed } of keys) {
        const value = part.store.get(key);
        const memory = await rememberedToken(codec, value);
        if (value === undefined || memory === undefined) continue;
        const { state } = memory.folded;
        const deadline = nextDeadline({ state, facts: memory.stored.facts }, rules);
        if (deadline !== undefined && deadline.dueAt <= at)
          facts.push({ fact: deadlineFact(state, deadline, at), deadline });
        // Rules that have changed since, or a record from before there were deadlines.
        if (deadline?.dueAt !== indexed) corrections.push({ key, value, due: deadline?.dueAt });
      }
      if (corrections.length > 0) await part.store.setDue(corrections);
      await writer.write(facts.map(({ fact }) => factRecord(codec, part.partition, fact)));
      for (const { fact, deadline } of facts) {
        still.set(fact.tokenId, deadline.dueAt);
        fired(deadline);
      }
    }
  };
}

function factRecord(codec: Codec, partition: number, fact: TokenFact): OutRecord {
  const type = 'tokenline.facts.TokenFact';
  const { factId, tokenId, occurredAt } = fact;
  return {
    topic: 'token.facts',
    partition,
    key: tokenId,
    value: codec.encode(type, fact),
    headers: eventHeaders({ id: factId, type, source: 'lifecycle', time: occurredAt, subject: tokenId }),
  };
}
