import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asUtc, type ClockTime } from '../time.js';
import type { EhiContext } from './message.js';
import { instantOf, parseDe07, parseLocalTime } from './time.js';

const hour = 3_600_000;

/** London in 2030: forward on 31 March at 01:00 UTC, back on 27 October at 01:00 UTC. */
const london: EhiContext = {
  localInstants: (local) => {
    const summer = (instant: number) => instant >= Date.UTC(2030, 2, 31, 1) && instant < Date.UTC(2030, 9, 27, 1);
    const wall = asUtc(local);
    return [wall - hour, wall].filter((instant) => instant + (summer(instant) ? hour : 0) === wall);
  },
};

function local(text: string): ClockTime {
  const parsed = parseLocalTime(text);
  if (parsed === undefined) throw new Error(`${text} does not exist`);
  return parsed;
}

function iso(instant: number | undefined): string | undefined {
  return instant === undefined ? undefined : new Date(instant).toISOString();
}

describe('a local stamp', () => {
  it('is read with and without a fraction of a second', () => {
    expect(local('2030-01-15 10:00:00.1').millisecond).toBe(100);
    expect(local('2030-01-15T10:00:00').millisecond).toBe(0);
    expect(local('2030-01-15 10:00:00.1239').millisecond).toBe(123);
  });

  it('is an hour ahead of UTC in summer', () => {
    expect(iso(instantOf(local('2030-06-15 11:00:00.000'), london))).toBe('2030-06-15T10:00:00.000Z');
  });

  it.each([
    ['1027003000', '2030-10-27T00:30:00.500Z'],
    ['1027013000', '2030-10-27T01:30:00.500Z'],
  ])('in the hour autumn repeats is the one nearer to DE 07 %s', (de07, expected) => {
    const stamp = local('2030-10-27 01:30:00.500');
    expect(iso(instantOf(stamp, london, parseDe07(de07, asUtc(stamp))))).toBe(expected);
  });

  it('in the hour autumn repeats, with nothing to tell, is the earlier', () => {
    expect(iso(instantOf(local('2030-10-27 01:30:00.000'), london))).toBe('2030-10-27T00:30:00.000Z');
  });

  it('is the earlier of the two where DE 07 is as near to both', () => {
    expect(iso(instantOf(local('2030-10-27 01:30:00.000'), london, Date.UTC(2030, 9, 27, 1)))).toBe(
      '2030-10-27T00:30:00.000Z',
    );
  });

  it('on the day Samoa skipped is what its clocks would have shown', () => {
    const skipped = [Date.UTC(2011, 11, 30), Date.UTC(2011, 11, 31)] as const;
    const samoa: EhiContext = {
      localInstants: (shown) => {
        const wall = asUtc(shown);
        return wall < skipped[0] ? [wall + 10 * hour] : wall < skipped[1] ? [] : [wall - 14 * hour];
      },
    };
    expect(iso(instantOf(local('2011-12-30 05:00:00'), samoa))).toBe('2011-12-30T15:00:00.000Z');
  });

  it('is looked for among those of two days, no further: a zone that shows none is a bug', () => {
    const stopped: EhiContext = { localInstants: (shown) => (asUtc(shown) <= 0 ? [asUtc(shown)] : []) };
    expect(instantOf(local('1970-01-03 00:00:00'), stopped)).toBe(48 * hour);
    expect(() => instantOf(local('1970-01-03 01:00:00'), stopped)).toThrow('no time within two days');
  });

  it('in the hour spring skips is moved forward', () => {
    expect(iso(instantOf(local('2030-03-31 01:30:00.000'), london))).toBe('2030-03-31T01:30:00.000Z');
  });

  it.each([
    '2030-02-30 10:00:00',
    '2030-00-10 10:00:00',
    '2030-04-31 10:00:00',
    '2030-01-15 25:00:00',
    '2030-1-15 10:00:00',
    '0000-01-01 00:00:00',
    'x2030-01-15 10:00:00',
    '2030-01-15 10:00:00.1x',
    '2030-01-15 10:00:00.1234567890',
  ])('%s does not exist', (text) => {
    expect(parseLocalTime(text)).toBeUndefined();
  });
});

describe('DE 07', () => {
  it.each([
    ['1231235959', '2031-01-01T00:00:00Z', '2030-12-31T23:59:59.000Z'],
    ['0101000001', '2030-12-31T23:59:59Z', '2031-01-01T00:00:01.000Z'],
    ['0229120000', '2028-03-01T00:00:00Z', '2028-02-29T12:00:00.000Z'],
  ])('%s near %s is %s', (text, near, expected) => {
    expect(iso(parseDe07(text, Date.parse(near)))).toBe(expected);
  });

  it.each(['', '011510000', '01151000000', 'x0115100000', '0115100060'])('is not "%s"', (text) => {
    expect(parseDe07(text, Date.UTC(2030, 0, 15))).toBeUndefined();
  });

  it('is the instant it was made of, whenever that is within half a year', () => {
    const day = 24 * hour;
    const moments = fc.date({ min: new Date('2001-01-01'), max: new Date('2098-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(moments, fc.integer({ min: -182 * day, max: 182 * day }), (date, away) => {
        const instant = Math.floor(date.getTime() / 1_000) * 1_000;
        const text = new Date(instant).toISOString().replaceAll(/\D/g, '').slice(4, 14);
        expect(parseDe07(text, instant + away)).toBe(instant);
      }),
    );
  });

  it('has no 29 February where no year around is a leap year', () => {
    expect(parseDe07('0229120000', Date.UTC(2030, 1, 28))).toBeUndefined();
  });
});
