/** How far a generation of a projection has come. */
import type { TopicName } from '@tokenline/contracts';
import { type Generation, type ProjectionName, projections } from '@tokenline/store';
import type { Log } from '@tokenline/streams';

export type ReadableLog = Pick<Log, 'committed' | 'ends' | 'scanFrom'>;

export interface Progress {
  /** Places of the log that the group has passed, and all there are; ends of transactions are places too. */
  readonly done: number;
  readonly total: number;
}

/** Cheap and rough: by the group's committed offsets. */
export async function progressOf(log: ReadableLog, name: ProjectionName, { group }: Generation): Promise<Progress> {
  const { topic } = projections[name];
  const [committed, ends] = [await log.committed(group, topic), await log.ends(topic)];
  let done = 0;
  let total = 0;
  for (const [partition, { low, high }] of ends) {
    total += high - low;
    done += Math.max(0, (committed.get(partition) ?? low) - low);
  }
  return { done, total };
}

/** The records a group has not handled, by partition the offset of the last of them: read from the log, up to its end as it is now. */
export interface Missing {
  readonly records: number;
  readonly last: ReadonlyMap<number, number>;
}

export async function missingOf(log: ReadableLog, topic: TopicName, group: string): Promise<Missing> {
  const committed = await log.committed(group, topic);
  const last = new Map<number, number>();
  let records = 0;
  await log.scanFrom(topic, committed, ({ partition, offset }) => {
    records += 1;
    last.set(partition, offset);
  });
  return { records, last };
}

/** Waits until a group has handled everything `missing` names; false when it has not within `ms`. */
export async function hasHandled(
  log: ReadableLog,
  topic: TopicName,
  group: string,
  { last }: Missing,
  ms: number,
): Promise<boolean> {
  const until = performance.now() + ms;
  for (;;) {
    const committed = await log.committed(group, topic);
    if ([...last].every(([partition, offset]) => (committed.get(partition) ?? 0) > offset)) return true;
    if (performance.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
