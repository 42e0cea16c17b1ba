/** How far a consumer group has come, by its own committed word. */
import type { Kafka } from 'kafkajs';
import { withAdmin } from './admin.js';

/** Committed offsets by partition, names with prefix; partitions without one, and groups nobody knows, are left out. */
export async function committedOffsets(
  client: Kafka,
  groupId: string,
  topic: string,
): Promise<ReadonlyMap<number, number>> {
  const found = await withAdmin(client, (admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
  const offsets = found.flatMap(({ partitions }) => partitions.map((p) => [p.partition, Number(p.offset)] as const));
  return new Map(offsets.filter(([, offset]) => offset >= 0));
}

/** How many members a consumer group has now; none when nobody knows it. */
export async function membersOf(client: Kafka, groupId: string): Promise<number> {
  const { groups } = await withAdmin(client, (admin) => admin.describeGroups([groupId]));
  return groups.reduce((sum, group) => sum + group.members.length, 0);
}
