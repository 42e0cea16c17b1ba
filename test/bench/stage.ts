/** What the benches of single stages share: one service by itself, a way to fill its topic, and a process beside it as its baseline. */
import { type Codec, createCodec } from '@tokenline/contracts';
import type { ServiceName } from '@tokenline/runtime';
import { type System, startSystem } from '../system.js';
import { type Child, startChild } from './child.js';
import { now } from './clock.js';
import { measureCpu } from './cpu.js';
import { rawKafka, type Watcher, watchOffsets } from './raw/kafka.js';
import type { LoopArgs } from './raw/loop.js';
import { createReleaser, type RawRecord, type Releaser } from './raw/release.js';
import type { Go } from './rounds.js';
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
  const system = await startSystem({ services, env: { TOKENLINE_LOG_LEVEL: 'warn' } });
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

/** Starts a raw loop from one topic of the stage to another, both made here; resolves when it has joined its group. */
export async function startLoop(
  stage: Stage,
  { input, output, ...more }: Pick<LoopArgs, 'input' | 'output' | 'transactions' | 'maxRecords'>,
): Promise<Child<object, { joined: true }>> {
  const { named, system } = stage;
  await stage.makeTopics(input, output);
  const args: LoopArgs = {
    brokers: system.config.kafka.brokers,
    group: named('raw'),
    input: named(input),
    output: named(output),
    ...more,
  };
  const child = startChild<object, { joined: true }>('raw/loop', args);
  await child.next();
  return child;
}
