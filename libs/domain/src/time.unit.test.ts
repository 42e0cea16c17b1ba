import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asUtc, exists, fromUtc, parseDate } from './time.js';

describe('a date', () => {
  it.each([
    ['2033-01-31', '2033-01-31'],
    ['2033-01-31 00:00:00.000', '2033-01-31'],
    ['2033-01-31T23:59', '2033-01-31'],
    ['2032-02-29', '2032-02-29'],
    ['1970-01-01', '1970-01-01'],
  ])('written %s is %s', (text, date) => {
    expect(parseDate(text)).toBe(date);
  });

  it.each(['2033-02-29', '2033-13-01', '2033-00-10', '2033-04-31', '1969-12-31', '0000-01-01'])(
    'is not %s, which no calendar we keep has',
    (text) => {
      expect(parseDate(text)).toBeUndefined();
    },
  );

  it.each(['', '33-01-31', '2033-1-31', '2033-01-31x', '2033-01-31 noon', 'x2033-01-31', '31-01-2033'])(
    'is not written "%s"',
    (text) => {
      expect(parseDate(text)).toBeUndefined();
    },
  );
});

it('a time exists when a clock set to UTC shows it', () => {
  const time = fc.record({
    year: fc.integer({ min: 0, max: 9_999 }),
    month: fc.integer({ min: 0, max: 13 }),
    day: fc.integer({ min: 0, max: 32 }),
    hour: fc.integer({ min: 0, max: 24 }),
    minute: fc.integer({ min: 0, max: 60 }),
    second: fc.integer({ min: 0, max: 60 }),
    millisecond: fc.integer({ min: 0, max: 1_000 }),
  });
  fc.assert(
    fc.property(time, (t) => {
      const shown = fromUtc(asUtc(t));
      const same = (Object.keys(t) as (keyof typeof t)[]).every((part) => shown[part] === t[part]);
      expect(exists(t)).toBe(t.year >= 1970 && same);
    }),
  );
});
