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

const dateForm = /^\d{4}-\d{2}-\d{2}(?:[ T][\d:.]*)?$/;

/** `YYYY-MM-DD`, with or without a time behind it, as the date alone; undefined when the calendar has no such day. */
export function parseDate(text: string): string | undefined {
  if (!dateForm.test(text)) return undefined;
  const [year, month, day] = [numberAt(text, 0, 4), numberAt(text, 5, 2), numberAt(text, 8, 2)];
  const midnight = { year, month, day, hour: 0, minute: 0, second: 0, millisecond: 0 };
  return exists(midnight) ? text.slice(0, 10) : undefined;
}

/** The number that `digits` digits at `at` write. */
export function numberAt(text: string, at: number, digits: number): number {
  let number = 0;
  for (let i = at; i < at + digits; i++) number = number * 10 + text.charCodeAt(i) - 0x30;
  return number;
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

/** Whether the calendar has the day and the clock the time. Years before 1970 do not occur. */
export function exists({ year, month, day, hour, minute, second, millisecond }: ClockTime): boolean {
  return (
    year >= 1970 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= lastDay(year, month) &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59 &&
    millisecond <= 999
  );
}

/** The last day of a month, YYYY-MM-DD: to that day a card or token is good. `month` from 1 to 12, `year` of four digits. */
export function lastDayOfMonth(year: number, month: number): string {
  return `${year}-${String(month).padStart(2, '0')}-${lastDay(year, month)}`;
}

/** How many days a month from 1 to 12 has. */
function lastDay(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
