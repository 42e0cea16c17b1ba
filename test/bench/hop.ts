/**
 * The hop: token.facts → token.lifecycle, exactly once, six partitions. The lifecycle service by itself, against a loop that copies the same
 * bytes with one transaction a batch. From the commit that makes the facts visible to the last offset committed.
 */
import { benchFacts, factRecord, factsPerToken } from './facts.js';
import type { RawRecord } from './raw/release.js';
import { type Compared, compare } from './rounds.js';
import type { Say } from './say.js';
import { openStage, startLoop } from './stage.js';

export async function measureHop(
  options: { readonly count: number; readonly rounds: number },
  say: Say,
): Promise<Compared> {
  const stage = await openStage(['lifecycle']);
  try {
    const loop = await startLoop(stage, {
      input: 'raw.facts',
      output: 'raw.lifecycle',
      transactions: true,
      maxRecords: 1_000,
    });
    const tokens = Math.ceil(options.count / factsPerToken);
    const facts = (round: number): RawRecord[] =>
      [...benchFacts(round * tokens, tokens, Date.UTC(2030, 0, 15))].map(([token, fact]) =>
        factRecord(stage.codec, token, fact),
      );
    const pid = stage.system.instance('lifecycle').process.pid;
    const compared = await compare(
      {
        bench: 'hop',
        unit: 'facts',
        rounds: options.rounds,
        product: {
          process: 'lifecycle',
          go: (round) =>
            stage.throughGroup({
              topic: 'token.facts',
              group: 'lifecycle',
              records: facts(round),
              process: 'lifecycle',
              pid,
            }),
        },
        baseline: {
          process: 'loop',
          go: (round) =>
            stage.throughGroup({
              topic: 'raw.facts',
              group: 'raw',
              records: facts(round),
              process: 'loop',
              pid: loop.pid,
            }),
        },
      },
      say,
    );
    await loop.stop();
    return compared;
  } finally {
    await stage.close();
  }
}
