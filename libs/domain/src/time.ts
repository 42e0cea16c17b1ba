/** Dates and times as they are written: read strictly, against the calendar. */

/** A date and time of day in no stated zone. */
export interface ClockTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

const dateForm = /^(\d{4})-(\d{2})-(\d{2})(?:[ T][\d:.]*)?$/;

/** `YYYY-MM-DD`, with or without a time behind it, as the date alone; undefined when the calendar has no such day. */
export function parseDate(text: string): string | undefined {
  const match = dateForm.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number];
  const midnight = { year, month, day, hour: 0, minute: 0, second: 0, millisecond: 0 };
  return exists(midnight) ? text.slice(0, 10) : undefined;
}

/** The time read as if its zone were UTC, epoch ms. */
export function asUtc(t: ClockTime): number {
  return Date.UTC(t.year, t.month - 1, t.day, t.hour, t.minute, t.second, t.millisecond);
}

/** What a clock set to UTC shows at `instant`, epoch ms. */
export function fromUtc(instant: number): ClockTime {
  const d = new Date(instant);
  return {
    year: d.getUTCFullYear(),
    month: d.getUTCMonth() + 1,
    day: d.getUTCDate(),
    hour: d.getUTCHours(),
    minute: d.getUTCMinutes(),
    second: d.getUTCSeconds(),
    millisecond: d.getUTCMilliseconds(),
  };
}

/** Date.UTC carries what overflows (30 February becomes 1 or 2 March): a time exists when it comes back unchanged. Years before 1970 do not occur. */
export function exists(t: ClockTime): boolean {
  const back = new Date(asUtc(t));
  return (
    t.year >= 1970 &&
    t.year === back.getUTCFullYear() &&
    t.month === back.getUTCMonth() + 1 &&
    t.day === back.getUTCDate() &&
    t.hour === back.getUTCHours() &&
    t.minute === back.getUTCMinutes() &&
    t.second === back.getUTCSeconds() &&
    t.millisecond === back.getUTCMilliseconds()
  );
}

/** The last day of a month, YYYY-MM-DD: to that day a card or token is good. `month` from 1 to 12, `year` of four digits. */
export function lastDayOfMonth(year: number, month: number): string {
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}
