/** Rounds of the product and its baseline, turn about: what disturbs the machine meets both, so their ratio says more than either number. */
import type { Say } from './say.js';
import { mediansOf, type Spread, spreadOf } from './stats.js';

/** One go of one side. */
export interface Go {
  readonly count: number;
  readonly seconds: number;
  /** Processor time used meanwhile, ms, by process. */
  readonly cpuMs: Readonly<Record<string, number>>;
  /** Whatever else was measured, by name. */
  readonly more?: Readonly<Record<string, number>>;
}

export interface Side {
  /** Name of its own process in `cpuMs`. */
  readonly process: string;
  readonly go: (round: number) => Promise<Go>;
}

export interface SideResult {
  /** Of the rounds, units a second. */
  readonly perSecond: Spread;
  /** Processor time of its own process for one unit, ms. */
  readonly cpuMs: Spread;
  /** Medians of the processor time of every process measured, for one unit, ms. */
  readonly allCpuMs: Readonly<Record<string, number>>;
  /** Medians of whatever else was measured. */
  readonly more?: Readonly<Record<string, number>>;
}

export interface Compared {
  readonly bench: string;
  /** What is counted: facts, messages, events. */
  readonly unit: string;
  readonly rounds: number;
  readonly product: SideResult;
  readonly baseline: SideResult;
  /** Product ÷ baseline by the clock, round by round. */
  readonly ratio: Spread;
  /** The same by the processor time of the two processes: less disturbed by others' work. */
  readonly cpuRatio: Spread;
}

export interface Compare {
  readonly bench: string;
  readonly unit: string;
  /** Of each launch. */
  readonly rounds: number;
  /** Rounds of each launch before these that are not counted; 1 by default. */
  readonly warmUps?: number;
  /** How often both sides start anew, and what starts them: one launch of a process may be a third faster than the next, for as long as it lives. */
  readonly launches?: number;
  readonly launch?: () => Promise<void>;
  readonly product: Side;
  readonly baseline: Side;
}

/** Rounds count from 0, through all launches, those that warm up included. */
export async function compare(
  { bench, unit, rounds, warmUps = 1, launches = 1, launch = async () => undefined, product, baseline }: Compare,
  say: Say,
): Promise<Compared> {
  const pairs: { product: Go; baseline: Go }[] = [];
  const perLaunch = warmUps + rounds;
  for (let round = 0; round < launches * perLaunch; round++) {
    const ofLaunch = round % perLaunch;
    if (ofLaunch === 0) await launch();
    const productFirst = round % 2 === 0;
    const early = productFirst ? undefined : await baseline.go(round);
    const own = await product.go(round);
    const pair = { product: own, baseline: early ?? (await baseline.go(round)) };
    const [ours, raw] = [perSecond(pair.product), perSecond(pair.baseline)];
    const counted = ofLaunch >= warmUps;
    if (counted) pairs.push(pair);
    const name = counted ? `round ${pairs.length}/${launches * rounds}` : 'warm-up';
    say(`${bench}: ${name} ${ours.toFixed(0)} ${unit}/s, baseline ${raw.toFixed(0)}, ratio ${(ours / raw).toFixed(2)}`);
  }
  const ofPairs = (value: (pair: (typeof pairs)[number]) => number): Spread => spreadOf(pairs.map(value));
  return {
    bench,
    unit,
    rounds: pairs.length,
    product: resultOf(
      product,
      pairs.map((pair) => pair.product),
    ),
    baseline: resultOf(
      baseline,
      pairs.map((pair) => pair.baseline),
    ),
    ratio: ofPairs((pair) => perSecond(pair.product) / perSecond(pair.baseline)),
    cpuRatio: ofPairs((pair) => cpuOf(pair.baseline, baseline.process) / cpuOf(pair.product, product.process)),
  };
}

function resultOf({ process }: Side, gos: readonly Go[]): SideResult {
  return {
    perSecond: spreadOf(gos.map(perSecond)),
    cpuMs: spreadOf(gos.map((go) => cpuOf(go, process))),
    allCpuMs: mediansOf(
      gos.map(({ cpuMs, count }) => Object.fromEntries(Object.entries(cpuMs).map(([name, ms]) => [name, ms / count]))),
    ),
    ...(gos[0]?.more !== undefined && { more: mediansOf(gos.map(({ more = {} }) => more)) }),
  };
}

function perSecond({ count, seconds }: Go): number {
  return count / seconds;
}

function cpuOf({ cpuMs, count }: Go, process: string): number {
  return (cpuMs[process] ?? 0) / count;
}
