/** What the benches of single stages share: one service by itself, a way to fill its topic, and a process beside it as its baseline. */
import { type Codec, createCodec, type TopicName } from '@tokenline/contracts';
import type { ServiceName } from '@tokenline/runtime';
import { type System, startSystem } from '../system.js';
import { type Child, startChild } from './child.js';
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
  /** Until what `process` left to be done afterwards is done: it counts as processor time, not by the clock. */
  readonly settled?: () => Promise<void>;
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
      throughGroup: async ({ topic, group, records, process, pid, settled }) => {
        let cpu: () => Record<string, number> = () => ({});
        const { at, target } = await releaser.release(named(topic), records, () => {
          cpu = measureCpu({ [process]: pid, ...serversOf(system) });
        });
        await watcher.reached(named(group), named(topic), target);
        const seconds = (now() - at) / 1_000;
        await settled?.();
        return { count: records.length, seconds, cpuMs: cpu() };
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

/** What `make` makes on a stage, which is closed when that fails. */
export async function orClosed<T>(stage: Stage, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    await stage.close();
    throw error;
  }
}

export interface BesideLoop {
  readonly bench: string;
  readonly unit: string;
  /** Of each launch. */
  readonly rounds: number;
  /** How often service and loop start anew, each time on topics of their own; once by default. */
  readonly launches?: number;
  /** Makes the stage of a launch, the service running. It is closed when the launch is over. */
  readonly open: () => Promise<Stage>;
  /** The service, the group it reads as and the topic it reads. */
  readonly service: ServiceName;
  readonly group: string;
  readonly input: TopicName;
  /** Until what it leaves to be done afterwards is done (Through). */
  readonly settled?: (stage: Stage) => Promise<void>;
  readonly loop: Pick<LoopArgs, 'transactions' | 'maxRecords'>;
  /** The load of a round; both sides get the same. */
  readonly records: (round: number, stage: Stage) => readonly RawRecord[];
}

/** Compares a service with a raw loop that reads the same bytes from a topic of its own. */
export async function compareWithLoop(options: BesideLoop, say: Say): Promise<Compared> {
  const { bench, unit, rounds, launches = 1, service, group, input, settled, records } = options;
  let launched: Launched | undefined;
  const product: Side = {
    process: service,
    go: (round) => {
      const { stage } = launched as Launched;
      const { pid } = stage.system.instance(service).process;
      const load = { topic: input, group, records: records(round, stage) };
      return stage.throughGroup({ ...load, process: service, pid, settled: async () => settled?.(stage) });
    },
  };
  const baseline: Side = {
    process: 'loop',
    go: (round) => {
      const { stage, loop } = launched as Launched;
      const load = { topic: `raw.${input}`, group: 'raw', records: records(round, stage) };
      return stage.throughGroup({ ...load, process: 'loop', pid: loop.pid });
    },
  };
  const launch = async (): Promise<void> => {
    await launched?.stop();
    launched = undefined;
    launched = await launchBeside(options);
  };
  try {
    return await compare({ bench, unit, rounds, launches, launch, product, baseline }, say);
  } finally {
    await launched?.stop();
  }
}

interface Launched {
  readonly stage: Stage;
  readonly loop: Child<object, { joined: true }>;
  readonly stop: () => Promise<void>;
}

async function launchBeside({ open, input, loop: how }: BesideLoop): Promise<Launched> {
  const stage = await open();
  return orClosed(stage, async () => {
    const { named, system } = stage;
    const [rawInput, rawOutput] = [`raw.${input}`, `raw.${input}.out`];
    await stage.makeTopics(rawInput, rawOutput);
    const loop = startChild<object, { joined: true }>('raw/loop', {
      brokers: system.config.kafka.brokers,
      group: named('raw'),
      input: named(rawInput),
      output: named(rawOutput),
      ...how,
    } satisfies LoopArgs);
    await loop.next();
    return {
      stage,
      loop,
      stop: async () => {
        await loop.stop();
        await stage.close();
      },
    };
  });
}
