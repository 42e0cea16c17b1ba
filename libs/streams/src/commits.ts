/**
 * Offsets on their way to the group: those of all partitions together, a fifth of a second after the first of them was handled. What a crash
 * keeps from being committed is handled once more.
 */
import type { Logger } from '@tokenline/runtime';
import type { Consumer } from 'kafkajs';

export interface Commits {
  /** Everything of the partition before `offset` has been handled. `topic` with its prefix. */
  readonly reached: (topic: string, partition: number, offset: number) => void;
  /** Commits what is left, and nothing after it. */
  readonly finish: () => Promise<void>;
}

const everyMs = 200;

export function createCommits(consumer: Consumer, log: Logger): Commits {
  let reached = new Map<string, { topic: string; partition: number; offset: string }>();
  let timer: NodeJS.Timeout | undefined;
  let finished = false;

  // After a rebalance a partition may be another's, who has come further: committing now would send it back.
  consumer.on(consumer.events.GROUP_JOIN, () => reached.clear());

  const commit = async (): Promise<void> => {
    timer = undefined;
    const offsets = [...reached.values()];
    reached = new Map();
    if (offsets.length === 0) return;
    try {
      await consumer.commitOffsets(offsets);
    } catch (error) {
      // kafkajs joins again where the group asks for it; whoever has the partition then handles these records once more.
      log.debug({ err: error }, 'Offsets were not committed');
    }
  };

  return {
    reached: (topic, partition, offset) => {
      if (finished) return;
      reached.set(`${topic}-${partition}`, { topic, partition, offset: String(offset) });
      timer ??= setTimeout(() => void commit(), everyMs);
    },
    finish: async () => {
      finished = true;
      clearTimeout(timer);
      await commit();
    },
  };
}
