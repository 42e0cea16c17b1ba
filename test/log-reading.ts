/** Reading the log directly, beside the services: raw bytes, or decoded records. */
import { createCodec, type TopicName } from '@tokenline/contracts';
import { createLogger } from '@tokenline/runtime';
import { createLog, type InRecord } from '@tokenline/streams';
import type { System } from './system.js';

const silent = createLogger('test', 'silent');

/** Every committed record of a topic up to its present end. */
export async function readTopic({ config }: System, topic: TopicName): Promise<InRecord[]> {
  const records: InRecord[] = [];
  await createLog(config.kafka, config.prefix, silent, 'test').scan(topic, (record) => void records.push(record));
  return records;
}

/** Every decoded record of a topic, tombstones left out. Throws when one cannot be decoded. */
export async function readDecoded(system: System, topic: TopicName) {
  const codec = await createCodec(system.config.schemaRegistryUrl, system.config.prefix);
  const records = (await readTopic(system, topic)).filter((record) => record.value !== null);
  return Promise.all(
    records.map(async (record) => {
      const decoded = await codec.decode(record.value as Buffer);
      if (!decoded.ok) throw new Error(`${topic} ${record.partition}/${record.offset}: ${decoded.reason}`);
      return decoded;
    }),
  );
}

/** How often each token's completion was announced: once, or something is wrong. */
export async function completionsByToken(system: System): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const record of await readDecoded(system, 'token.lifecycle')) {
    if (record.type !== 'tokenline.lifecycle.ProvisioningCompleted') continue;
    counts.set(record.value.tokenId, (counts.get(record.value.tokenId) ?? 0) + 1);
  }
  return counts;
}
