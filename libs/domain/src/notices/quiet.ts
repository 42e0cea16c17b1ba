/**
 * Quiet hours: a time of day in which a notice waits, by the clock on the wall of a zone.
 *
 * The window runs from `from` up to, not including, `to`; over midnight where `to` is the earlier. It is judged by what the clock shows: an hour
 * that a change to winter time shows twice is quiet twice, one that a change to summer time leaves out ends the window when the clock jumps
 * past its end. Pure; zones and their changes are those of the runtime (Intl).
 */

export interface QuietHours {
  /** HH:MM, 24 hours. */
  readonly from: string;
  readonly to: string;
  /** IANA zone. */
  readonly zone: string;
}

const minute = 60_000;
const day = 24 * 60;

/** The end of the quiet hours that `at` lies in; undefined when it lies in none. Epoch milliseconds. Throws RangeError for a zone nobody knows. */
export function quietUntil(at: number, { from, to, zone }: QuietHours): number | undefined {
  const [start, end] = [minuteOfDay(from), minuteOfDay(to)];
  const isQuiet = (instant: number): boolean => {
    const now = shownAt(instant, zone);
    return start < end ? now >= start && now < end : now >= start || now < end;
  };
  if (!isQuiet(at)) return undefined;
  const begun = at - (at % minute);
  const until = begun + ((end - shownAt(at, zone) + day) % day) * minute;
  if (shownAt(until, zone) === end) return until;
  // The clock is changed meanwhile: that happens in two nights of a year, and on whole minutes.
  let next = begun + minute;
  while (isQuiet(next)) next += minute;
  return next;
}

/** Minutes since midnight; undefined when the text is no HH:MM. */
export function timeOfDay(text: string): number | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * 60 + Number(match[2]);
}

/** Whether the runtime knows the zone. */
export function isZone(zone: string): boolean {
  try {
    clockOf(zone);
    return true;
  } catch {
    return false;
  }
}

function minuteOfDay(text: string): number {
  const time = timeOfDay(text);
  if (time === undefined) throw new RangeError('Quiet hours begin and end at a time of day, HH:MM.');
  return time;
}

/** Minutes since midnight that a clock in `zone` shows. */
function shownAt(instant: number, zone: string): number {
  const shown = clockOf(zone).format(instant);
  return Number(shown.slice(0, 2)) * 60 + Number(shown.slice(3, 5));
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const clock = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: zone,
  });
  clocks.set(zone, clock);
  return clock;
}
