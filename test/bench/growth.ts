/**
 * Growth: what a fact costs the lifecycle service, and what memory it holds, as the tokens it knows become more. For each size a service of its own,
 * all running at once; rounds of the same number of facts go round them turn about. Two loads:
 *
 *   at rest    facts for the tokens known, from one to the next until all had one: a service that knows few has all of them at hand, and one that
 *              knows many has none. They are first purchases, each earlier than the one told before: each changes the token's state and takes the
 *              place of the one before, so a token remembers three facts however long this goes on, as many as a fact of facts.ts meets on average
 *   under way  the provisioning of further tokens, side by side as traffic brings them; measured last, as it adds to what is known
 *
 * Of eighteen facts of the lives in facts.ts eleven are of a provisioning and seven come later, to a token at rest: weighed so, they are the cost of a
 * fact. The state lies on disk (LMDB), so the files' share of memory is left out.
 */
import type { TokenFact } from '@tokenline/domain';
import { anonymousMiB } from './cpu.js';
import { approved, benchFact, created, factRecord, onDevice, type Said, sideBySide } from './facts.js';
import type { Say } from './say.js';
import { heapMiB, stateWritten } from './servers.js';
import { openStage, orClosed, type Stage } from './stage.js';
import { type Spread, spreadOf } from './stats.js';

export interface Grown {
  readonly tokens: number;
  /** Processor time of the lifecycle service for one fact, both loads weighed, ms. */
  readonly cpuMs: Spread;
  /** The same against the first size, round by round. */
  readonly cpuRatio: Spread;
  readonly underWay: Load;
  readonly atRest: Load;
  /** All memory of the process that is not a file's. */
  readonly anonymousMiB: number;
  readonly heapMiB: number;
}

export interface Load {
  readonly cpuMs: Spread;
  readonly cpuRatio: Spread;
}

export interface GrowthOptions {
  /** The first is what the others are compared with. */
  readonly sizes: readonly number[];
  /** Facts of a round: some seconds' worth, so that each has its share of what the collector of garbage does now and then. */
  readonly count: number;
  readonly rounds: number;
}

const start = Date.UTC(2030, 0, 15);
const hour = 3_600_000;
const used: Said = { kind: 'TOKEN_USED' };
const provisioning = [approved, created, onDevice];
/** What a token at rest remembers. */
const remembered = [approved, onDevice, used];
/** Of the lives in facts.ts. */
const share = { underWay: 11 / 18, atRest: 7 / 18 };
/** What is written at once: the release of it has to fit into a minute. */
const portion = 10_000;
/** From one token to the next. A prime, so that tokens are all different, and of all partitions. */
const stride = 7_919;
const warmUps = 2;

export async function measureGrowth({ sizes, count, rounds }: GrowthOptions, say: Say): Promise<readonly Grown[]> {
  const grown: Size[] = [];
  try {
    // The largest first, which takes minutes: a service that rests so long is slow at first.
    for (const tokens of sizes.toReversed()) grown.unshift(await openSize(tokens, count, say));
    for (const load of ['atRest', 'underWay'] as const)
      for (let round = 0; round < warmUps + rounds; round++) {
        const counted = round >= warmUps;
        // Whoever comes first one time comes last the next.
        for (const size of round % 2 === 0 ? grown : grown.toReversed()) {
          const cost = await size.go[load](round);
          if (counted) size.costs[load].push(cost);
          const name = counted ? `round ${round + 1 - warmUps}/${rounds}` : 'warm-up';
          say(`growth: ${load}, ${name}, ${size.tokens} tokens: ${(1_000 * cost).toFixed(0)} µs of CPU a fact`);
        }
      }
    return await Promise.all(grown.map((size) => rowOf(size, grown[0] ?? size)));
  } finally {
    for (const { stage } of grown) await stage.close();
  }
}

type LoadName = keyof typeof share;

/** A lifecycle service that knows so many tokens. */
interface Size {
  readonly tokens: number;
  readonly stage: Stage;
  /** Puts the facts of a round through, rounds counted from 0; gives the processor time of one, ms. */
  readonly go: Readonly<Record<LoadName, (round: number) => Promise<number>>>;
  /** Of the rounds that count. */
  readonly costs: Readonly<Record<LoadName, number[]>>;
}

async function openSize(tokens: number, count: number, say: Say): Promise<Size> {
  const stage = await openStage(['lifecycle']);
  const { pid } = stage.system.instance('lifecycle').process;
  const decide = async (facts: readonly (readonly [token: number, fact: TokenFact])[]): Promise<number> => {
    const go = await stage.throughGroup({
      topic: 'token.facts',
      group: 'lifecycle',
      records: facts.map(([token, fact]) => factRecord(stage.codec, token, fact)),
      process: 'lifecycle',
      pid,
      settled: () => stateWritten(stage.system.urls.lifecycle),
    });
    return (go.cpuMs.lifecycle ?? 0) / facts.length;
  };
  await orClosed(stage, async () => {
    for (let known = 0; known < tokens; known += portion) {
      const more = Math.min(portion, tokens - known);
      await decide([...factsAbout(known, more, remembered)]);
      say(`growth: ${known + more} of ${tokens} tokens`);
    }
  });
  return {
    tokens,
    stage,
    costs: { atRest: [], underWay: [] },
    go: {
      atRest: (round) =>
        decide(
          Array.from({ length: count }, (_, n) => {
            const met = round * count + n;
            const step = remembered.length + Math.floor(met / tokens);
            const token = (met * stride) % tokens;
            return [token, benchFact(token, step, start + 2 * hour - step * 1_000, used)];
          }),
        ),
      underWay: (round) => {
        const more = Math.floor(count / provisioning.length);
        return decide([...factsAbout(tokens + round * more, more, provisioning)]);
      },
    },
  };
}

/** The same said of so many tokens. */
function factsAbout(first: number, tokens: number, said: readonly Said[]) {
  return sideBySide(first, tokens, (token) =>
    said.map((one, step) => benchFact(token, step, start + step * hour, one)),
  );
}

function loadOf(costs: readonly number[], first: readonly number[]): Load {
  return { cpuMs: spreadOf(costs), cpuRatio: spreadOf(costs.map((cost, round) => cost / (first[round] ?? cost))) };
}

async function rowOf({ tokens, stage, costs }: Size, first: Size): Promise<Grown> {
  const { system } = stage;
  return {
    tokens,
    ...loadOf(weighed(costs), weighed(first.costs)),
    underWay: loadOf(costs.underWay, first.costs.underWay),
    atRest: loadOf(costs.atRest, first.costs.atRest),
    anonymousMiB: anonymousMiB(system.instance('lifecycle').process.pid),
    heapMiB: await heapMiB(system.urls.lifecycle),
  };
}

function weighed({ underWay, atRest }: Size['costs']): readonly number[] {
  return atRest.map((cost, round) => share.atRest * cost + share.underWay * (underWay[round] ?? cost));
}
