/**
 * The normalizer: tsp.inbound → token.facts, identity and all, against a loop that copies the same bytes.
 *
 * The messages are real ones: posted at the edge beforehand, sealed and written by it, while the normalizer cannot work for want of a MongoDB;
 * then the group is put to the end of the topic and each round writes its share of them again, to a service that can work.
 */
import { createLogger } from '@tokenline/runtime';
import { createLog } from '@tokenline/streams';
import { startChild } from './child.js';
import { withoutMongo } from './edge.js';
import { messagesPerToken } from './messages.js';
import type { Go, Post, PosterSays } from './poster.js';
import type { RawRecord } from './raw/release.js';
import type { Compared } from './rounds.js';
import type { Say } from './say.js';
import { compareWithLoop, openStage, orClosed, type Stage } from './stage.js';

const group = 'ingest.normalizer';

export async function measureNormalizer(
  options: { readonly count: number; readonly rounds: number },
  say: Say,
): Promise<Compared> {
  let inbound: readonly RawRecord[] = [];
  return await compareWithLoop(
    {
      bench: 'normalizer',
      unit: 'messages',
      rounds: options.rounds,
      open: async () => {
        const stage = await openStage([]);
        return orClosed(stage, async () => {
          const total = options.count * (options.rounds + 1);
          say(`normalizer: posting ${total} messages to have some to normalize`);
          inbound = await sealedMessages(stage, total);
          await stage.system.start('ingest');
          return stage;
        });
      },
      service: 'ingest',
      group,
      input: 'tsp.inbound',
      loop: { transactions: false, maxRecords: 500 },
      records: (round) => inbound.slice(round * options.count, (round + 1) * options.count),
    },
    say,
  );
}

/** What the edge wrote for so many messages, in order; the normalizer has seen none of them and will not. */
async function sealedMessages({ system, watcher, named }: Stage, count: number): Promise<RawRecord[]> {
  await withoutMongo(system).ready();
  const poster = startChild<Post | Go, PosterSays>('poster', {});
  const tokens = Math.ceil(count / messagesPerToken / 4) * 4;
  const { ingest: port } = system.config.ports;
  poster.send({ post: { port, connections: 64, firstToken: 4_000, tokens } });
  await poster.next();
  poster.send({ go: true });
  await poster.next();
  await poster.stop();
  await system.kill('ingest', 'SIGTERM');
  const ends = await watcher.ends(named('tsp.inbound'));
  await watcher.admin.setOffsets({
    groupId: named(group),
    topic: named('tsp.inbound'),
    partitions: [...ends].map(([partition, offset]) => ({ partition, offset: String(offset) })),
  });
  const { config } = system;
  const log = createLog(config.kafka, config.prefix, createLogger('bench', 'silent'), 'bench');
  const records: (RawRecord & { readonly timestamp: number })[] = [];
  await log.scan('tsp.inbound', (record) => void records.push(record));
  // Partitions come one after the other; as they were posted they are mixed.
  return records.sort((a, b) => a.timestamp - b.timestamp);
}
