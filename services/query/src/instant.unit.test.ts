import { describe, expect, it } from 'vitest';
import { instant, range } from './instant.js';
import { Refused } from './refusal.js';

describe('instant', () => {
  it.each([
    ['2026-11-01', '2026-11-01T00:00:00.000Z'],
    ['2026-11-01T09:30Z', '2026-11-01T09:30:00.000Z'],
    ['2026-11-01T09:30:00.5+02:00', '2026-11-01T07:30:00.500Z'],
    ['2026-11-01T09:30:00 02:00', '2026-11-01T07:30:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(instant('from', text)?.toISOString()).toBe(expected);
  });

  it.each(['', 'yesterday', '2026-11-05T09:30:00', '2026-02-31', '2026-13-01', '1762000000000', '2026-11-01T25:00Z'])(
    'refuses %j, naming the parameter and not the value',
    (text) => {
      expect(() => instant('from', text)).toThrow(Refused);
      try {
        instant('from', text);
      } catch (error) {
        const errors = (error as Refused).problem.errors;
        expect(errors?.map((e) => e.path)).toEqual(['from']);
        if (text !== '') expect(JSON.stringify(errors)).not.toContain(text);
      }
    },
  );
});

describe('range', () => {
  it('is half open, and absent when neither end is given', () => {
    expect(range(['from', '2026-11-01'], ['to', '2026-11-02'])).toEqual({
      $gte: new Date('2026-11-01'),
      $lt: new Date('2026-11-02'),
    });
    expect(range(['from', undefined], ['to', undefined])).toBeUndefined();
  });

  it('refuses an end before its start', () => {
    expect(() => range(['from', '2026-11-02'], ['to', '2026-11-01'])).toThrow(Refused);
  });
});
