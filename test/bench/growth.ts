/**
 * Growth: what a fact costs the lifecycle service, and what memory it holds, as the tokens it knows become more. At each size the same number of
 * facts arrives for tokens spread over all there are. Its state lies on disk (LMDB), so the files' share of memory is left out.
 */
import type { TokenFact } from '@tokenline/domain';
import { anonymousMiB } from './cpu.js';
import { benchFact, factRecord } from './facts.js';
import type { Say } from './say.js';
import { heapMiB } from './servers.js';
import { openStage } from './stage.js';
import { spreadOf } from './stats.js';

export interface Grown {
  readonly tokens: number;
  /** Processor time of the lifecycle service for one fact, ms: median of the rounds. */
  readonly cpuMs: number;
  /** The same against the first size. */
  readonly cpuRatio: number;
  readonly perSecond: number;
  /** All memory of the process that is not a file's. */
  readonly anonymousMiB: number;
  readonly heapMiB: number;
}

export interface GrowthOptions {
  /** Ascending. */
  readonly sizes: readonly number[];
  /** Facts of a round. */
  readonly count: number;
  readonly rounds: number;
}

const start = Date.UTC(2030, 0, 15);
/** What is written at once: the release of it has to fit into a minute. */
const portion = 30_000;

export async function measureGrowth({ sizes, count, rounds }: GrowthOptions, say: Say): Promise<readonly Grown[]> {
  const stage = await openStage(['lifecycle']);
  const { system, codec } = stage;
  try {
    const { pid } = system.instance('lifecycle').process;
    const decide = (facts: readonly (readonly [token: number, fact: TokenFact])[]) =>
      stage.throughGroup({
        topic: 'token.facts',
        group: 'lifecycle',
        records: facts.map(([token, fact]) => factRecord(codec, token, fact)),
        process: 'lifecycle',
        pid,
      });
    const rows: Grown[] = [];
    let known = 0;
    let step = 1;
    for (const size of sizes) {
      for (; known < size; known = Math.min(size, known + portion)) {
        const more = Math.min(portion, size - known);
        await decide(Array.from({ length: more }, (_, n) => [known + n, requested(known + n)] as const));
        say(`growth: ${known + more} of ${size} tokens`);
      }
      const gos = [];
      for (let round = 0; round <= rounds; round++, step++) {
        // An odd stride meets tokens all over. Every round meets the same ones: what they remember grows alike at each size.
        const stride = Math.max(1, Math.floor(size / count)) | 1;
        const go = await decide(
          Array.from({ length: count }, (_, n) => (n * stride) % size).map(
            (token) => [token, noted(token, step)] as const,
          ),
        );
        if (round > 0) gos.push(go);
      }
      const cpuMs = spreadOf(gos.map((go) => (go.cpuMs.lifecycle ?? 0) / go.count)).median;
      const row: Grown = {
        tokens: size,
        cpuMs,
        cpuRatio: cpuMs / (rows[0]?.cpuMs ?? cpuMs),
        perSecond: spreadOf(gos.map((go) => go.count / go.seconds)).median,
        anonymousMiB: anonymousMiB(pid),
        heapMiB: await heapMiB(system.urls.lifecycle),
      };
      say(
        `growth: ${size} tokens: ${row.cpuMs.toFixed(3)} ms of CPU a fact (${row.cpuRatio.toFixed(2)} of the first), ${row.anonymousMiB.toFixed(0)} MiB`,
      );
      rows.push(row);
    }
    return rows;
  } finally {
    await stage.close();
  }
}

function requested(token: number): TokenFact {
  return benchFact(token, 0, start, { kind: 'PROVISIONING_REQUESTED', decision: 'APPROVED' });
}

/** Changes nothing but what is remembered: a token's memory is read, grows by a fact, and is written. */
function noted(token: number, step: number): TokenFact {
  return benchFact(token, step, start + step * 1_000, { kind: 'NOTED' });
}
