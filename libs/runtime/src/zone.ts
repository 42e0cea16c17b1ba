/**
 * Local times of a zone as instants: the part of the EHI mapper's context that needs a time zone database.
 *
 * The offsets a day before and a day after are the only ones a clock can have shown in between; each gives a candidate, and a candidate
 * counts when the zone has that offset at that very instant. Asking the database takes 30 µs and every message asks four times:
 * answers are kept for each quarter of an hour, on whose boundaries all zones have changed their offsets since 1970.
 */
import type { ClockTime, EhiContext } from '@tokenline/domain';
import { IANAZone } from 'luxon';

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;
const dayMs = 24 * 60 * minuteMs;
/** Quarters kept: some 100 days of them. */
const mostKept = 10_000;

/** `zone` is an IANA name such as Europe/London. Throws when it is none. */
export function zoneContext(zone: string): EhiContext {
  const database = IANAZone.create(zone);
  if (!database.isValid) throw new Error(`${zone} is not a time zone.`);
  const kept = new Map<number, number>();
  const offsetAt = (instant: number): number => {
    const quarter = Math.floor(instant / quarterMs);
    const known = kept.get(quarter);
    if (known !== undefined) return known;
    if (kept.size >= mostKept) kept.clear();
    const offset = database.offset(quarter * quarterMs) * minuteMs;
    kept.set(quarter, offset);
    return offset;
  };
  return {
    localInstants: (local) => {
      const wall = wallTime(local);
      const [before, after] = [offsetAt(wall - dayMs), offsetAt(wall + dayMs)];
      return (before === after ? [before] : [before, after])
        .map((offset) => wall - offset)
        .filter((instant) => instant + offsetAt(instant) === wall)
        .sort((a, b) => a - b);
    },
  };
}

function wallTime(t: ClockTime): number {
  return Date.UTC(t.year, t.month - 1, t.day, t.hour, t.minute, t.second, t.millisecond);
}
