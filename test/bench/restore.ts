/**
 * How soon the lifecycle service works again after a restart, by the number of tokens: from its local state, and from an empty disk, where it
 * has to read the compacted changelog. Measured beside it, in the same run: reading the changelog's bytes alone.
 *
 *   facts in ─▶ stop ─▶ some more facts for each partition ─▶ start ─▶ all of them decided      (warm)
 *            ─▶ stop, state away ─▶ some more … ─▶ start ─▶ all of them decided                 (empty disk)
 *
 * Stopped, not killed: a killed member stays in its group until the session times out (10 s unless configured), and that wait, which has
 * nothing to do with the state, would hide it.
 * Both copies of the state are compared with the changelog, value by value; memory is read from the running process.
 */
import { renameSync, rmSync } from 'node:fs';
import { createCodec, type TopicName } from '@tokenline/contracts';
import type { FactKind, TokenFact } from '@tokenline/domain';
import { createLogger } from '@tokenline/runtime';
import { createLog, type Log, type LogWriter, type OutRecord, openStateCopies } from '@tokenline/streams';
import { type System, startSystem } from '../system.js';
import { until } from '../wait.js';
import { anonymousMiB } from './cpu.js';
import type { Say } from './say.js';
import { heapMiB } from './servers.js';

export interface Restored {
  readonly tokens: number;
  readonly facts: number;
  readonly warmSeconds: number;
  readonly emptyDiskSeconds: number;
  /** Reading every record of the changelog and doing nothing with it. */
  readonly bytesAloneSeconds: number;
  /** What the process holds after the restore from an empty disk, MiB: its JavaScript heap, and all memory that is not a file's. */
  readonly heapMiB: number;
  readonly anonymousMiB: number;
}

const partitions = 6;
/** Facts in memory at once. */
const portion = 20_000;
const day = Date.UTC(2030, 0, 15);
const life: readonly Partial<TokenFact>[] = [
  { kind: 'PROVISIONING_REQUESTED', decision: 'APPROVED' },
  { kind: 'TOKEN_CREATED', reportedStatus: 'ACTIVE' },
  { kind: 'DEVICE_PROVISIONED', reportedStatus: 'ACTIVE' },
];

/** Measures with so many tokens of three facts each. Throws when a copy of the state differs from the changelog. */
export async function measureRestore(tokens: number, say: Say): Promise<Restored> {
  const system = await startSystem({ services: ['lifecycle'] });
  try {
    const log = createLog(system.config.kafka, system.config.prefix, createLogger('bench', 'silent'), 'bench');
    const writer = log.writer({ timeoutMs: 60_000, maxRecords: 2_000 });
    const send = await sender(system, writer);

    say(`${tokens} tokens: writing ${tokens * life.length} facts`);
    for (const [step, more] of life.entries()) {
      for (let at = 0; at < tokens; at += portion)
        await send(range(Math.min(portion, tokens - at)).map((n) => factOf(at + n, step, more)));
      await untilDecided(log, say);
    }
    let probes = 0;
    const restarted = async (how: string): Promise<number> => {
      probes += 1;
      // Every partition gets some of these: a partition is opened when there is something to decide.
      await send(range(partitions * 20).map((n) => factOf(n, life.length + probes, { kind: 'NOTED' as FactKind })));
      say(`${tokens} tokens: starting ${how}`);
      const started = performance.now();
      system.spawn('lifecycle');
      await untilDecided(log, say);
      return (performance.now() - started) / 1_000;
    };

    await system.kill('lifecycle', 'SIGTERM');
    const warmSeconds = await restarted('with the local state');
    await system.kill('lifecycle', 'SIGTERM');
    const { stateDirectory } = system.config;
    const [warm, empty] = [`${stateDirectory}-warm`, stateDirectory];
    renameSync(stateDirectory, warm);
    const emptyDiskSeconds = await restarted('from an empty disk');
    const memory = {
      heapMiB: await heapMiB(system.urls.lifecycle),
      anonymousMiB: anonymousMiB(system.instance('lifecycle').process.pid),
    };
    await system.kill('lifecycle', 'SIGTERM');

    say(`${tokens} tokens: comparing both copies of the state with the changelog`);
    const started = performance.now();
    const last = new Map<string, Buffer | null>();
    await log.scan('lifecycle.store', () => undefined);
    const bytesAloneSeconds = (performance.now() - started) / 1_000;
    await log.scan('lifecycle.store', ({ key, value }) => void last.set(key, value));
    await expectEqual(system, empty, last, tokens);
    // The copy put aside has not seen the last probes.
    await expectEqual(system, warm, last, tokens, partitions * 20);
    await writer.close();
    rmSync(warm, { recursive: true });
    return { tokens, facts: tokens * life.length, warmSeconds, emptyDiskSeconds, bytesAloneSeconds, ...memory };
  } finally {
    await system.stop();
  }
}

function factOf(n: number, step: number, more: Partial<TokenFact>): TokenFact {
  const at = day + step * 1_000;
  return {
    factId: `bench-${n}-${step}`,
    tokenId: `bench-${n}`,
    network: 'VTS',
    kind: 'NOTED',
    occurredAt: at,
    occurredAtSource: 'SOURCE',
    receivedAt: at + 200,
    source: 'bench',
    sourceMessageId: `${n}-${step}`,
    actor: 'NETWORK',
    tokenType: 'SECURE_ELEMENT',
    wallet: 'APPLE',
    device: { id: `04${String(n).padStart(46, 'F')}`, name: 'Test iPhone', type: 'M' },
    aliases: [
      { kind: 'threddPaymentTokenId', value: String(70_000_000 + n) },
      { kind: 'lifecycleTraceId', value: `VIS1-20300115-${String(n).padStart(15, '0')}` },
    ],
    ...more,
  };
}

async function sender(system: System, writer: LogWriter): Promise<(facts: readonly TokenFact[]) => Promise<void>> {
  const codec = await createCodec(system.config.schemaRegistryUrl, system.config.prefix);
  return async (facts) => {
    for (let at = 0; at < facts.length; at += 2_000) {
      const records = facts.slice(at, at + 2_000).map(
        (fact): OutRecord => ({
          topic: 'token.facts',
          key: fact.tokenId,
          value: codec.encode('tokenline.facts.TokenFact', fact),
        }),
      );
      await writer.write(records);
    }
  };
}

/** Until the service has committed every fact there is. */
async function untilDecided(log: Log, say: Say): Promise<void> {
  const topic: TopicName = 'token.facts';
  const ends = await log.ends(topic);
  const left = async (): Promise<number> => {
    const committed = await log.committed('lifecycle', topic);
    return [...ends].reduce(
      (sum, [partition, { high }]) => sum + Math.max(0, high - (committed.get(partition) ?? 0)),
      0,
    );
  };
  let saidAt = performance.now();
  await until(
    'every fact is decided',
    async () => {
      const facts = await left();
      if (facts > 0 && performance.now() - saidAt > 5_000) {
        saidAt = performance.now();
        say(`  ${facts} facts left`);
      }
      return facts === 0;
    },
    3_600_000,
  );
}

/** Throws unless the copy holds what the changelog does; `behind` values may be older. */
async function expectEqual(
  system: System,
  directory: string,
  last: ReadonlyMap<string, Buffer | null>,
  tokens: number,
  behind = 0,
): Promise<void> {
  const changelog = `${system.config.prefix}lifecycle.store`;
  const copies = openStateCopies(directory, changelog, partitions);
  const held = copies.reduce((sum, copy) => sum + copy.size(), 0);
  let different = 0;
  for (const [key, value] of last) {
    if (value === null) continue;
    if (!copies.some((copy) => copy.get(key)?.equals(value))) different += 1;
  }
  await Promise.all(copies.map((copy) => copy.close()));
  if (held !== tokens || different > behind)
    throw new Error(
      `The copy in ${directory} holds ${held} of ${tokens} tokens, ${different} otherwise than the changelog.`,
    );
}

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
