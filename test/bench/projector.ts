/**
 * The projector: token.lifecycle → all read models, against a bare bulkWrite of the documents it wrote, into collections with the same indexes,
 * in portions of 500 events of one partition, three partitions at once.
 */
import type { Codec, RecordName } from '@tokenline/contracts';
import { decide, type TokenMemory } from '@tokenline/domain';
import { eventHeaders } from '@tokenline/streams';
import { startChild } from './child.js';
import { measureCpu } from './cpu.js';
import { benchFacts, benchTokenId, factsPerToken, partitionOf } from './facts.js';
import type { BulkArgs, BulkSays, Prepare, Write } from './raw/bulk.js';
import type { RawRecord } from './raw/release.js';
import { type Compared, compare, type Go } from './rounds.js';
import type { Say } from './say.js';
import { serversOf } from './servers.js';
import { openStage } from './stage.js';

export async function measureProjector(
  options: { readonly count: number; readonly rounds: number },
  say: Say,
): Promise<Compared> {
  const stage = await openStage(['projector']);
  const { system, codec } = stage;
  try {
    const { mongodbUri, databaseName } = system.config;
    const bulk = startChild<Prepare | Write, BulkSays>('raw/bulk', { mongodbUri, databaseName } satisfies BulkArgs);
    const { pid } = system.instance('projector').process;
    const lifecycle = decided(codec);
    // Some 1.3 events for each fact: completions beside changes.
    const tokens = Math.ceil(options.count / factsPerToken / 1.2);
    let written = 0;
    const project = (round: number): Promise<Go> => {
      const records = lifecycle(round * tokens, tokens);
      written = Math.max(written, round);
      const topic = 'token.lifecycle';
      return stage.throughGroup({ topic, group: 'projector.read-models', records, process: 'projector', pid });
    };
    const write = async (round: number): Promise<Go> => {
      bulk.send({ prepare: { from: benchTokenId(round * tokens), to: benchTokenId((round + 1) * tokens) } });
      await bulk.next();
      const cpu = measureCpu({ bulk: bulk.pid, ...serversOf(system) });
      bulk.send({ write: true });
      const says = await bulk.next();
      if (!('events' in says)) throw new Error('The baseline lost its thread.');
      return { count: says.events, seconds: says.seconds, cpuMs: cpu() };
    };
    // The baseline writes what the product wrote, so it can only come after it: where it is its turn to be first, it writes the round before.
    const compared = await compare(
      {
        bench: 'projector',
        unit: 'events',
        rounds: options.rounds,
        warmUps: 2,
        product: { process: 'projector', go: project },
        baseline: { process: 'bulk', go: (round) => write(Math.min(round, written)) },
      },
      say,
    );
    await bulk.stop();
    return compared;
  } finally {
    await stage.close();
  }
}

/** Makes the lifecycle events of tokens, through the pure core, as records of token.lifecycle. Called with ever new tokens. */
function decided(codec: Codec): (first: number, tokens: number) => RawRecord[] {
  const offsets = new Map<number, number>();
  return (first, tokens) => {
    const memories = new Map<number, TokenMemory>();
    const records: RawRecord[] = [];
    for (const [token, fact] of benchFacts(first, tokens, Date.UTC(2030, 0, 15))) {
      const partition = partitionOf(token);
      const offset = offsets.get(partition) ?? 0;
      offsets.set(partition, offset + 1);
      const { events, memory } = decide(memories.get(token), fact, { topic: 'token.facts', partition, offset });
      memories.set(token, memory);
      for (const { type, value } of events) {
        const { eventId: id, occurredAt: time, tokenId: subject } = value;
        records.push({
          partition,
          key: subject,
          value: codec.encode(type as RecordName, value),
          headers: eventHeaders({ id, type, source: 'lifecycle', time, subject }),
        });
      }
    }
    return records;
  };
}
