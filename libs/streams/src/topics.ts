/** Creating our topics, and saying where an existing one stands otherwise than we state. Nothing existing is ever changed. */
import type { TopicSpec } from '@tokenline/contracts';
import type { Admin, Kafka } from 'kafkajs';
import { withAdmin } from './admin.js';
import { ConfigResourceTypes } from './kafkajs.js';

export interface TopicsReport {
  readonly created: readonly string[];
  /** One sentence for each difference. */
  readonly mismatches: readonly string[];
}

export async function ensureTopics(
  client: Kafka,
  prefix: string,
  specs: readonly TopicSpec[],
  replicationFactor: number,
): Promise<TopicsReport> {
  return withAdmin(client, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = specs.filter((spec) => !existing.has(`${prefix}${spec.name}`));
    if (missing.length > 0) {
      await admin.createTopics({
        waitForLeaders: true,
        topics: missing.map((spec) => ({
          topic: `${prefix}${spec.name}`,
          numPartitions: spec.partitions,
          replicationFactor,
          configEntries: Object.entries(statedConfig(spec)).map(([name, value]) => ({ name, value })),
        })),
      });
    }
    const present = specs.filter((spec) => !missing.includes(spec));
    return {
      created: missing.map((spec) => `${prefix}${spec.name}`),
      mismatches: await compare(admin, prefix, present),
    };
  });
}

function statedConfig(spec: TopicSpec): Record<string, string> {
  return { 'cleanup.policy': spec.cleanup, 'retention.ms': String(spec.retentionMs) };
}

async function compare(admin: Admin, prefix: string, specs: readonly TopicSpec[]): Promise<string[]> {
  if (specs.length === 0) return [];
  const names = specs.map((spec) => `${prefix}${spec.name}`);
  const [metadata, configs] = await Promise.all([
    admin.fetchTopicMetadata({ topics: names }),
    admin.describeConfigs({
      includeSynonyms: false,
      resources: names.map((name) => ({
        type: ConfigResourceTypes.TOPIC,
        name,
        configNames: ['cleanup.policy', 'retention.ms'],
      })),
    }),
  ]);
  const mismatches: string[] = [];
  for (const spec of specs) {
    const name = `${prefix}${spec.name}`;
    const partitions = metadata.topics.find((t) => t.name === name)?.partitions.length;
    if (partitions !== spec.partitions)
      mismatches.push(`Topic ${name} has ${partitions} partitions, stated are ${spec.partitions}.`);
    const entries = configs.resources.find((r) => r.resourceName === name)?.configEntries ?? [];
    for (const [key, stated] of Object.entries(statedConfig(spec))) {
      const found = entries.find((e) => e.configName === key)?.configValue;
      if (found !== stated) mismatches.push(`Topic ${name} has ${key}=${found}, stated is ${stated}.`);
    }
  }
  return mismatches;
}
