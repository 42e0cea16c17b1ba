import { describe, expect, it } from 'vitest';
import { parseDate } from './time.js';

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
