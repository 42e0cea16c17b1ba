import type { ClockTime } from '@tokenline/domain';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { zoneContext } from './zone.js';

const clock = (month: number, day: number, hour: number): ClockTime => ({
  year: 2030,
  month,
  day,
  hour,
  minute: 30,
  second: 1,
  millisecond: 2,
});
const london = zoneContext('Europe/London');
const iso = (instants: readonly number[]) => instants.map((instant) => new Date(instant).toISOString());

describe('the clocks of London', () => {
  it('show a time once in winter and in summer', () => {
    expect(iso(london.localInstants(clock(1, 15, 10)))).toEqual(['2030-01-15T10:30:01.002Z']);
    expect(iso(london.localInstants(clock(6, 15, 10)))).toEqual(['2030-06-15T09:30:01.002Z']);
  });

  it('show no time in the hour spring skips', () => {
    expect(london.localInstants(clock(3, 31, 1))).toEqual([]);
  });

  it('show a time twice in the hour autumn repeats', () => {
    expect(iso(london.localInstants(clock(10, 27, 1)))).toEqual([
      '2030-10-27T00:30:01.002Z',
      '2030-10-27T01:30:01.002Z',
    ]);
  });
});

it('UTC shows every time once', () => {
  expect(zoneContext('UTC').localInstants(clock(3, 31, 1))).toHaveLength(1);
});

it('every instant is among those of the time its zone shows then', () => {
  const zones = ['Europe/London', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia', 'UTC'];
  const contexts = new Map(zones.map((zone) => [zone, zoneContext(zone)]));
  const anyTime = fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2045, 0) });
  fc.assert(
    fc.property(fc.constantFrom(...zones), anyTime, (zone, instant) => {
      const { year, month, day, hour, minute, second, millisecond } = DateTime.fromMillis(instant, { zone });
      const local = { year, month, day, hour, minute, second, millisecond };
      expect(contexts.get(zone)?.localInstants(local)).toContain(instant);
    }),
    { numRuns: 2_000 },
  );
});

it('is refused when there is no such zone', () => {
  expect(() => zoneContext('Europe/Atlantis')).toThrow('Europe/Atlantis');
});
