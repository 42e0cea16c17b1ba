/**
 * What lies on token.state and lifecycle.store, compared with what the facts make of every token.
 *
 *   facts up to what the service has committed ▸ recompute ▸ read both topics ▸ read the facts on
 *
 * While the service runs, tokens with facts beyond the committed ones are moving: what stands on the topics may be newer than what was recomputed, so
 * they are left out.
 */
import { isDeepStrictEqual } from 'node:util';
import type { TopicName } from '@tokenline/contracts';
import type { LogServers } from '../servers.js';
import { createRecomputing, decodedValue, type Recomputed } from './recompute.js';

export type Wrong = 'missing' | 'differs' | 'no-such-token';

export interface Difference {
  readonly topic: 'token.state' | 'lifecycle.store';
  readonly tokenId: string;
  readonly wrong: Wrong;
}

export interface Differences {
  readonly facts: number;
  readonly tokens: number;
  /** Tokens left out because facts of theirs are on the way. */
  readonly moving: number;
  readonly differences: readonly Difference[];
  /** What the facts make of every token compared. */
  readonly recomputed: ReadonlyMap<string, Recomputed>;
}

export async function findDifferences(
  { log, codec }: Pick<LogServers, 'log' | 'codec'>,
  onFacts: (count: number) => void,
): Promise<Differences> {
  const running = (await log.members('lifecycle')) > 0;
  const committed = await log.committed('lifecycle', 'token.facts');
  const recomputing = createRecomputing(codec);
  const moving = new Set<string>();
  const ends = await log.scanFrom('token.facts', new Map(), async (record) => {
    if (record.offset < (committed.get(record.partition) ?? 0)) await recomputing.take(record);
    else if (running) moving.add(record.key);
    onFacts(recomputing.counts().facts);
  });
  const states = await latest(log, 'token.state');
  const stores = await latest(log, 'lifecycle.store');
  if (running) await log.scanFrom('token.facts', ends, ({ key }) => void moving.add(key));

  const recomputed = new Map([...recomputing.tokens].filter(([tokenId]) => !moving.has(tokenId)));
  const differences: Difference[] = [];
  const compare = async (topic: Difference['topic'], found: ReadonlyMap<string, Buffer | null>) => {
    const expected = (one: Recomputed) => (topic === 'token.state' ? one.state : one.stored);
    for (const [tokenId, one] of recomputed) {
      const wrong = await wrongOf(
        await decodedValue(codec, expected(one)),
        await decodedValue(codec, found.get(tokenId)),
      );
      if (wrong !== undefined) differences.push({ topic, tokenId, wrong });
    }
    for (const [tokenId, bytes] of found) {
      if (bytes !== null && !recomputing.tokens.has(tokenId) && !moving.has(tokenId))
        differences.push({ topic, tokenId, wrong: 'no-such-token' });
    }
  };
  await compare('token.state', states);
  await compare('lifecycle.store', stores);
  return {
    facts: recomputing.counts().facts,
    tokens: recomputing.tokens.size,
    moving: moving.size,
    differences,
    recomputed,
  };
}

function wrongOf(expected: unknown, found: unknown): Wrong | undefined {
  if (isDeepStrictEqual(expected, found)) return undefined;
  return found === undefined ? 'missing' : 'differs';
}

async function latest(log: LogServers['log'], topic: TopicName): Promise<ReadonlyMap<string, Buffer | null>> {
  const values = new Map<string, Buffer | null>();
  await log.scanFrom(topic, new Map(), ({ key, value }) => {
    values.set(key, value === null ? null : Buffer.from(value));
  });
  return values;
}
