import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationOf, durationText } from './duration.js';

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
  ])('%s is %i ms', (text, ms) => {
    expect(durationOf(text)).toBe(ms);
  });

  it.each(['', '30', 'm', '0m', '-5m', '1.5h', '30 m', '30min', '07d', '36526d', 'P1D'])(
    'is not written %j',
    (text) => {
      expect(durationOf(text)).toBeUndefined();
    },
  );

  it('is written in the largest unit that fits', () => {
    expect([90_000, 600_000, 3_600_000, 86_400_000, 604_800_000, 1].map(durationText)).toEqual([
      '90s',
      '10m',
      '1h',
      '1d',
      '7d',
      '1s',
    ]);
  });

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 9 }), (seconds) => {
        expect(durationOf(durationText(seconds * 1_000))).toBe(seconds * 1_000);
      }),
    );
  });
});
