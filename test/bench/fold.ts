/**
 * The fold: facts through the pure core (`decide`) against a hand-written reducer that comes to the same decisions (reducer.ts). No Kafka,
 * no MongoDB, no encoding: a loop in this process. In order, and with each token's facts shuffled.
 *
 * Once a run both are asked to agree: same events, same versions, same changes, same final states, for every token of the load.
 */

import { deepStrictEqual } from 'node:assert/strict';
import { decide, type LogPosition, type TokenFact } from '@tokenline/domain';
import { benchFacts, factsPerToken } from './facts.js';
import { reduce } from './reducer.js';
import { type Compared, compare, type Go } from './rounds.js';
import type { Say } from './say.js';

export async function measureFold(
  options: { readonly count: number; readonly rounds: number },
  say: Say,
): Promise<readonly Compared[]> {
  const tokens = Math.ceil(options.count / factsPerToken / window) * window;
  const inOrder = [...benchFacts(0, tokens, Date.UTC(2030, 0, 15), window)].map(([, fact]) => fact);
  const results: Compared[] = [];
  for (const [bench, facts] of [
    ['fold', inOrder],
    ['fold shuffled', shuffled(inOrder)],
  ] as const) {
    expectAgreement(facts);
    results.push(
      await compare(
        {
          bench,
          unit: 'facts',
          rounds: options.rounds,
          product: { process: 'bench', go: async () => timed(facts, decide) },
          baseline: { process: 'bench', go: async () => timed(facts, reduce) },
        },
        say,
      ),
    );
  }
  return results;
}

function timed<M, D extends Decided<M>>(facts: readonly TokenFact[], step: Decide<M, D>): Go {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const events = run(step, facts);
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  // Counted, so that no compiler can find the work unnecessary.
  if (events < facts.length) throw new Error('A fact left no trace.');
  return { count: facts.length, seconds, cpuMs: { bench: (user + system) / 1_000 } };
}

/** Tokens of one window (a multiple of the three lives) meet; nothing is remembered from one window to the next, as a service remembers objects only within a batch. */
const window = 600;

interface Decided<M> {
  readonly memory: M;
  readonly events: readonly unknown[];
  readonly published?: unknown;
}
type Decide<M, D extends Decided<M>> = (memory: M | undefined, fact: TokenFact, cause: LogPosition) => D;

/** Decides every fact with a memory for each token; gives the number of events for want of a log. */
function run<M, D extends Decided<M>>(
  step: Decide<M, D>,
  facts: readonly TokenFact[],
  told: (decision: D) => void = () => undefined,
): number {
  const memories = new Map<string, M>();
  let events = 0;
  for (const [offset, fact] of facts.entries()) {
    if (offset % (window * factsPerToken) === 0) memories.clear();
    const decision = step(memories.get(fact.tokenId), fact, { topic: 'token.facts', partition: 0, offset });
    memories.set(fact.tokenId, decision.memory);
    events += decision.events.length;
    told(decision);
  }
  return events;
}

function expectAgreement(facts: readonly TokenFact[]): void {
  const core: unknown[] = [];
  const reduced: unknown[] = [];
  run(decide, facts, ({ events, published }) => core.push([events, published]));
  run(reduce, facts, ({ events, published }) => reduced.push([events, published]));
  // What is undefined and what is absent are the same in the log.
  for (const [n, expected] of core.entries()) deepStrictEqual(plain(reduced[n]), plain(expected));
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

/** Each token's facts in another order, their places in the list kept: the same every time. */
function shuffled(facts: readonly TokenFact[]): readonly TokenFact[] {
  const byToken = new Map<string, TokenFact[]>();
  for (const fact of facts) byToken.set(fact.tokenId, [...(byToken.get(fact.tokenId) ?? []), fact]);
  let seed = 20_261_121;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed % below;
  };
  for (const list of byToken.values())
    for (let n = list.length - 1; n > 0; n--) {
      const other = random(n + 1);
      [list[n], list[other]] = [list[other] as TokenFact, list[n] as TokenFact];
    }
  return facts.map((fact) => byToken.get(fact.tokenId)?.shift() as TokenFact);
}
