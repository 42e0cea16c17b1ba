import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isZone, type QuietHours, quietUntil, timeOfDay } from './quiet.js';

const london: QuietHours = { from: '22:00', to: '07:00', zone: 'Europe/London' };
const minute = 60_000;

const end = (at: string, quiet: QuietHours): string | undefined => {
  const until = quietUntil(Date.parse(at), quiet);
  return until === undefined ? undefined : new Date(until).toISOString();
};

describe('quiet hours', () => {
  it.each([
    ['in the evening', '2030-01-15T22:00:00.000Z', '2030-01-16T07:00:00.000Z'],
    ['after midnight', '2030-01-16T03:12:44.555Z', '2030-01-16T07:00:00.000Z'],
    ['to the last moment', '2030-01-16T06:59:59.999Z', '2030-01-16T07:00:00.000Z'],
    ['not at their end', '2030-01-16T07:00:00.000Z', undefined],
    ['not before they begin', '2030-01-15T21:59:59.999Z', undefined],
    ['by the zone’s summer time', '2030-07-15T21:00:00.000Z', '2030-07-16T06:00:00.000Z'],
  ])('hold %s', (_when, at, until) => {
    expect(end(at, london)).toBe(until);
  });

  it('are shorter by the hour in the night the clock goes forward, longer in the night it goes back', () => {
    expect(end('2030-03-30T23:00:00.000Z', london)).toBe('2030-03-31T06:00:00.000Z');
    expect(end('2030-10-26T22:00:00.000Z', london)).toBe('2030-10-27T07:00:00.000Z');
  });

  it('end when the clock jumps past their end', () => {
    expect(end('2030-03-31T00:10:00.000Z', { ...london, to: '01:30' })).toBe('2030-03-31T01:00:00.000Z');
  });

  it('within one day, and where the offset is no whole hour', () => {
    expect(end('2030-01-15T12:30:00.000Z', { from: '12:00', to: '14:00', zone: 'UTC' })).toBe(
      '2030-01-15T14:00:00.000Z',
    );
    expect(end('2030-01-15T18:00:00.000Z', { ...london, zone: 'Asia/Kathmandu' })).toBe('2030-01-16T01:15:00.000Z');
  });

  it('whatever the window, the zone and the moment: it is quiet from then up to the end given, and no longer', () => {
    const times = fc
      .tuple(fc.nat({ max: 23 }), fc.nat({ max: 59 }))
      .map((parts) => parts.map((n) => String(n).padStart(2, '0')).join(':'));
    const zones = fc.constantFrom(
      'UTC',
      'Europe/London',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'America/St_Johns',
      'Pacific/Apia',
      'Antarctica/Troll',
    );
    // Nights of change are rare among all moments: half of the moments are near one.
    const near = fc
      .tuple(
        fc.constantFrom('2030-03-31', '2030-10-27', '2030-03-10', '2030-11-03', '2030-04-07', '2030-10-06'),
        fc.integer({ min: -36 * 60 * minute, max: 36 * 60 * minute }),
      )
      .map(([date, off]) => Date.parse(date) + off);
    const any = fc.integer({ min: Date.UTC(1985, 0), max: Date.UTC(2060, 0) });
    fc.assert(
      fc.property(times, times, zones, fc.oneof(near, any), (from, to, zone, at) => {
        fc.pre(from !== to);
        const quiet = { from, to, zone };
        const until = quietUntil(at, quiet);
        if (until === undefined) return;
        expect(until).toBeGreaterThan(at);
        // Two days where the clock jumps over all there is between two windows.
        expect(until - at).toBeLessThanOrEqual(50 * 60 * minute);
        expect(quietUntil(until, quiet)).toBeUndefined();
        expect(quietUntil(until - 1, quiet)).toBe(until);
        for (let t = at; t < until; t += 7 * minute) expect(quietUntil(t, quiet)).toBe(until);
      }),
      { numRuns: 400 },
    );
  });

  it('are refused in a zone or at a time nobody knows', () => {
    expect([isZone('Europe/London'), isZone('Europe/Atlantis')]).toEqual([true, false]);
    expect(() => quietUntil(0, { ...london, zone: 'Europe/Atlantis' })).toThrow(RangeError);
    expect(() => quietUntil(0, { ...london, to: '25:00' })).toThrow(RangeError);
    expect(['00:00', '23:59', '24:00', '7:00', '07:60'].map(timeOfDay)).toEqual([
      0,
      1_439,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
