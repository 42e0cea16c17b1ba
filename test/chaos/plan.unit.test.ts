/** The plan: from one seed always the same, and fair to every fault. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cards, isServer } from './cards.js';
import { planRounds } from './plan.js';
import { pointNames } from './points.js';

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

function timesEach(seed: number, rounds: number): number[] {
  const dealt = planRounds({ seed, rounds }).flatMap(({ faults }) => faults.map(({ card }) => card.id));
  return cards.map(({ id }) => dealt.filter((each) => each === id).length);
}

describe('a plan', () => {
  it('is the same for the same seed, and another for another', () => {
    const plan = (seed: number) => planRounds({ seed, rounds: 60 });
    expect(plan(7)).toEqual(plan(7));
    expect(plan(7)).not.toEqual(plan(8));
  });

  it('begins alike however many rounds it has', () => {
    expect(planRounds({ seed: 7, rounds: 60 }).slice(0, 20)).toEqual(planRounds({ seed: 7, rounds: 20 }));
  });

  it('brings every fault as often as any other, give or take one', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 400 }), (seed, rounds) => {
        const times = timesEach(seed, rounds);
        expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 100 },
    );
  });

  it('brings every fault four times in 200 rounds', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(Math.min(...timesEach(seed, 200))).toBeGreaterThanOrEqual(4);
      }),
    );
  });

  it('strikes twice only where one does not wait for the other', () => {
    const pairs = planRounds({ seed: 7, rounds: 600 }).filter(({ faults }) => faults.length > 1);
    expect(pairs.length).toBeGreaterThan(50);
    for (const { faults } of pairs) {
      const targets = faults.map(({ card }) => card.target);
      expect(new Set(targets).size).toBe(2);
      expect(targets.filter(isServer).length).toBeLessThan(2);
    }
  });

  it('keeps to the faults and the target asked for', () => {
    const faultsOf = (only: readonly string[] | undefined, target?: string) =>
      new Set(planRounds({ seed: 7, rounds: 100, only, target }).flatMap(({ faults }) => faults.map((f) => f.card.id)));
    expect(faultsOf(['zombie', 'restart:kafka'], 'kafka')).toEqual(
      new Set(['restart:kafka:SIGKILL', 'restart:kafka:SIGTERM']),
    );
    expect(() => faultsOf(['flood'])).toThrow('No fault is called flood');
  });
});

describe('the deck', () => {
  it('has one card for every named point, and no two alike', () => {
    const ids = cards.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const point of pointNames) expect(ids).toContain(`point:${point}`);
  });
});
