import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completionPolicy } from './policy.js';
import { retryPause, unitHash } from './retry.js';

const { first, longest, longestWhenLate } = completionPolicy.retry;
const minute = 60_000;

describe('the pause before another attempt', () => {
  it('doubles up to a minute, half of it jitter', () => {
    const pauses = [1, 2, 3, 4, 5, 6].map((n) => retryPause(completionPolicy, 'completion-a', n, 29 * minute));
    pauses.forEach((pause, i) => {
      const full = Math.min(longest, first * 2 ** i);
      expect(pause).toBeGreaterThanOrEqual(full / 2);
      expect(pause).toBeLessThanOrEqual(full);
    });
  });

  it('is the same for the same attempt, and differs between notices, so that they do not return as one crowd', () => {
    const pauseOf = (id: string) => retryPause(completionPolicy, id, 4, 20 * minute);
    expect(pauseOf('completion-a')).toBe(pauseOf('completion-a'));
    const spread = new Set(Array.from({ length: 200 }, (_, i) => pauseOf(`completion-${i}`)));
    expect(spread.size).toBeGreaterThan(190);
  });

  it('never outlasts the time left, and never the cap', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: first + 1, max: 30 * minute }),
        fc.nat({ max: 10 ** 9 }),
        (id, failures, timeLeft, asked) => {
          const pause = retryPause(completionPolicy, id, failures, timeLeft, asked);
          expect(pause).toBeGreaterThan(0);
          expect(pause).toBeLessThan(timeLeft);
          expect(pause).toBeLessThanOrEqual(longest);
          const late = retryPause(completionPolicy, id, failures, -timeLeft, asked);
          expect(late).toBeLessThanOrEqual(longestWhenLate);
        },
      ),
    );
  });

  it('is that of a late notice from the deadline on', () => {
    expect(retryPause(completionPolicy, 'completion-a', 20, 1)).toBeLessThanOrEqual(longest);
    expect(retryPause(completionPolicy, 'completion-a', 20, 0)).toBeGreaterThan(longest);
  });

  it('waits as long as the channel asks, where that fits', () => {
    expect(retryPause(completionPolicy, 'completion-a', 1, 20 * minute, 30_000)).toBe(30_000);
    expect(retryPause(completionPolicy, 'completion-a', 1, 20 * minute, 3_600_000)).toBe(longest);
  });
});

it('the hash behind the jitter is the same in every release: a restart changes no pause', () => {
  expect(unitHash('')).toBeCloseTo(0.6689221884589642, 12);
  expect(unitHash('completion-a#1')).toBeCloseTo(0.9936919107567519, 12);
  expect(unitHash('é')).toBeCloseTo(0.7303403860423714, 12);
});

it('the hash behind the jitter spreads evenly over 0 to 1', () => {
  const buckets = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 10_000; i++) {
    const at = Math.floor(unitHash(`completion-token-${i}#1`) * 10);
    buckets[at] = (buckets[at] as number) + 1;
  }
  for (const count of buckets) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});
