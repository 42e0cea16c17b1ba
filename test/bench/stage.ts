/** What the benches of single stages share: one service by itself, a way to fill its topic, and a process beside it as its baseline. */
import { type Codec, createCodec, type TopicName } from '@tokenline/contracts';
import type { ServiceName } from '@tokenline/runtime';
import { type System, startSystem } from '../system.js';
import { startChild } from './child.js';
import { now } from './clock.js';
import { measureCpu } from './cpu.js';
import { rawKafka, type Watcher, watchOffsets } from './raw/kafka.js';
import type { LoopArgs } from './raw/loop.js';
import { createReleaser, type RawRecord, type Releaser } from './raw/release.js';
import { type Compared, compare, type Go, type Side } from './rounds.js';
import type { Say } from './say.js';
import { serversOf } from './servers.js';

export interface Stage {
  readonly system: System;
  readonly codec: Codec;
  readonly watcher: Watcher;
  readonly releaser: Releaser;
  /** A topic or group with the prefix. */
  readonly named: (name: string) => string;
  /** A topic as wide as the product's, for a baseline. */
  readonly makeTopics: (...topics: readonly string[]) => Promise<void>;
  /** Makes records visible all at once; resolves with what it took `process` and the servers until `group` had committed them all. */
  readonly throughGroup: (through: Through) => Promise<Go>;
  readonly close: () => Promise<void>;
}

export interface Through {
  readonly topic: string;
  readonly group: string;
  readonly records: readonly RawRecord[];
  readonly process: string;
  readonly pid: number;
}

/** A deployed system with these services, and nobody else's work on its topics. */
export async function openStage(services: readonly ServiceName[]): Promise<Stage> {
  const system = await startSystem({ services, equalPriorities: true, env: { TOKENLINE_LOG_LEVEL: 'warn' } });
  try {
    const { config } = system;
    const kafka = rawKafka(config.kafka, 'bench');
    const watcher = await watchOffsets(kafka);
    const named = (name: string): string => `${config.prefix}${name}`;
    const releaser = await createReleaser(kafka, watcher, named('bench-release'));
    const codec = await createCodec(config.schemaRegistryUrl, config.prefix);
    return {
      system,
      codec,
      watcher,
      releaser,
      named,
      makeTopics: async (...topics) => {
        await watcher.admin.createTopics({
          waitForLeaders: true,
          topics: topics.map((topic) => ({ topic: named(topic), numPartitions: 6, replicationFactor: 1 })),
        });
      },
      throughGroup: async ({ topic, group, records, process, pid }) => {
        let cpu: () => Record<string, number> = () => ({});
        const { at, target } = await releaser.release(named(topic), records, () => {
          cpu = measureCpu({ [process]: pid, ...serversOf(system) });
        });
        await watcher.reached(named(group), named(topic), target);
        return { count: records.length, seconds: (now() - at) / 1_000, cpuMs: cpu() };
      },
      close: async () => {
        await releaser.close();
        await watcher.close();
        await system.stop();
      },
    };
  } catch (error) {
    await system.stop();
    throw error;
  }
}

export interface BesideLoop {
  readonly bench: string;
  readonly unit: string;
  readonly rounds: number;
  /** The service, already running, the group it reads as and the topic it reads. */
  readonly service: ServiceName;
  readonly group: string;
  readonly input: TopicName;
  readonly loop: Pick<LoopArgs, 'transactions' | 'maxRecords'>;
  /** The load of a round; both sides get the same. */
  readonly records: (round: number) => readonly RawRecord[];
}

/** Compares a service with a raw loop that reads the same bytes from a topic of its own. */
export async function compareWithLoop(stage: Stage, options: BesideLoop, say: Say): Promise<Compared> {
  const { bench, unit, rounds, service, group, input, records } = options;
  const { named, system } = stage;
  const [rawInput, rawOutput] = [`raw.${input}`, `raw.${input}.out`];
  await stage.makeTopics(rawInput, rawOutput);
  const args: LoopArgs = {
    brokers: system.config.kafka.brokers,
    group: named('raw'),
    input: named(rawInput),
    output: named(rawOutput),
    ...options.loop,
  };
  const loop = startChild<object, { joined: true }>('raw/loop', args);
  try {
    await loop.next();
    const { pid } = system.instance(service).process;
    const side = (through: Omit<Through, 'records'>): Side => ({
      process: through.process,
      go: (round) => stage.throughGroup({ ...through, records: records(round) }),
    });
    const product = side({ topic: input, group, process: service, pid });
    const baseline = side({ topic: rawInput, group: 'raw', process: 'loop', pid: loop.pid });
    return await compare({ bench, unit, rounds, product, baseline }, say);
  } finally {
    await loop.stop();
  }
}
