/**
 * The hop: token.facts → token.lifecycle, exactly once, six partitions. The lifecycle service by itself, against a loop that copies the same
 * bytes with one transaction a batch. From the commit that makes the facts visible to the last offset committed.
 */
import { benchFacts, factRecord, factsPerToken } from './facts.js';
import type { Compared } from './rounds.js';
import type { Say } from './say.js';
import { stateWritten } from './servers.js';
import { compareWithLoop, openStage } from './stage.js';

export async function measureHop(
  options: { readonly count: number; readonly launches: number; readonly rounds: number },
  say: Say,
): Promise<Compared> {
  const { count, launches, rounds } = options;
  const tokens = Math.ceil(count / factsPerToken);
  return await compareWithLoop(
    {
      bench: 'hop',
      unit: 'facts',
      rounds,
      launches,
      open: () => openStage(['lifecycle']),
      service: 'lifecycle',
      group: 'lifecycle',
      input: 'token.facts',
      settled: ({ system }) => stateWritten(system.urls.lifecycle),
      loop: { transactions: true, maxRecords: 1_000 },
      records: (round, { codec }) =>
        [...benchFacts(round * tokens, tokens, Date.UTC(2030, 0, 15))].map(([token, fact]) =>
          factRecord(codec, token, fact),
        ),
    },
    say,
  );
}
