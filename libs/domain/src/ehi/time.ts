/**
 * EHI's clocks. Txn_GPS_Date is Thredd's local time with milliseconds and no zone; TXN_Time_DE07 is UTC without a year
 * (visa-vts-and-thredd-ehi.md 5.3 and 8). Together they name one instant, also in the hour that autumn repeats.
 */
import { asUtc, type ClockTime, exists, fromUtc, numberAt } from '../time.js';
import type { EhiContext } from './message.js';

const hourMs = 3_600_000;

/** How EHI writes a local date and time, whether the calendar has it or not. */
export const ehiLocalTime = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?$/;
const de07Form = /^\d{10}$/;

/** `YYYY-MM-DD HH:MM:SS.mmm` as a date and time that exist in the calendar, else undefined. */
export function parseLocalTime(text: string): ClockTime | undefined {
  if (!ehiLocalTime.test(text)) return undefined;
  const local: ClockTime = {
    year: numberAt(text, 0, 4),
    month: numberAt(text, 5, 2),
    day: numberAt(text, 8, 2),
    hour: numberAt(text, 11, 2),
    minute: numberAt(text, 14, 2),
    second: numberAt(text, 17, 2),
    millisecond: numberAt(text.slice(20, 23).padEnd(3, '0'), 0, 3),
  };
  return exists(local) ? local : undefined;
}

/** MMDDhhmmss in UTC as epoch ms, in the year that brings it nearest to `near`; undefined when no such time exists in the years around. */
export function parseDe07(text: string, near: number): number | undefined {
  if (!de07Form.test(text)) return undefined;
  const [month, day, hour] = [numberAt(text, 0, 2), numberAt(text, 2, 2), numberAt(text, 4, 2)];
  const [minute, second] = [numberAt(text, 6, 2), numberAt(text, 8, 2)];
  const thisYear = new Date(near).getUTCFullYear();
  let best: number | undefined;
  for (let year = thisYear - 1; year <= thisYear + 1; year++) {
    const time = { year, month, day, hour, minute, second, millisecond: 0 };
    if (exists(time)) best = nearer(best, asUtc(time), near);
  }
  return best;
}

/**
 * The instant of a local time. Of the two in a repeated hour the one nearer to `hint`, without a hint the earlier;
 * in a skipped hour the instant the clocks would have shown it, had they not been put forward.
 */
export function instantOf(local: ClockTime, context: EhiContext, hint?: number): number {
  const candidates = context.localInstants(local);
  const [first] = candidates;
  if (first !== undefined) return nearest(candidates, hint ?? first) as number;
  // In a gap: the same time counted from an earlier hour that the clocks did show. Two days cover every zone there has been.
  for (let back = 1; back <= 48; back++) {
    const earlier = context.localInstants(fromUtc(asUtc(local) - back * hourMs))[0];
    if (earlier !== undefined) return earlier + back * hourMs;
  }
  throw new Error('The zone shows no time within two days.');
}

function nearest(instants: readonly number[], to: number): number | undefined {
  return instants.reduce<number | undefined>((best, instant) => nearer(best, instant, to), undefined);
}

/** Of two instants the one nearer to `to`; the first where both are as near. */
function nearer(first: number | undefined, second: number, to: number): number {
  return first === undefined || Math.abs(second - to) < Math.abs(first - to) ? second : first;
}
