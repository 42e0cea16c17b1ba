import { describe, expect, it } from 'vitest';
import { mediansOf, percentile, slopeOf, spreadOf } from './stats.js';

describe('percentile', () => {
  it('takes the mean of the two middle values of an even number', () => {
    expect(percentile([1, 2, 4, 9], 50)).toBe(3);
    expect(percentile([1, 2, 9], 50)).toBe(2);
  });

  it('names the value that so many do not exceed', () => {
    const hundred = Array.from({ length: 100 }, (_, n) => n + 1);
    expect([percentile(hundred, 99), percentile(hundred, 100), percentile([7], 99)]).toEqual([99, 100, 7]);
  });

  it('refuses nothing at all', () => {
    expect(() => percentile([], 50)).toThrow(/nothing/);
  });
});

it('sums up by median and extremes, whatever the order', () => {
  expect(spreadOf([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5 });
});

it('takes the median of each name, which counts as 0 where a round did not have it', () => {
  expect(mediansOf([{ a: 1, b: 9 }, { a: 5 }, { a: 3, b: 7 }])).toEqual({ a: 3, b: 7 });
  expect(mediansOf([])).toEqual({});
});

it('finds the slope of a line, and none in a single point', () => {
  const line = [1, 2, 3, 4].map((x) => [x, 10 - 2 * x] as const);
  expect(slopeOf(line)).toBeCloseTo(-2);
  expect(slopeOf([[1, 5]])).toBe(0);
});
