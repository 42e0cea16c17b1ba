/** Times at the door: ISO 8601 in, UTC with milliseconds out. */
import { badParameters } from './refusal.js';

const form = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;
const days = /^(\d{4})-(\d{2})-(\d{2})/;

/**
 * The instant a parameter names: a date (its start in UTC) or a time with its zone. Undefined when the parameter is absent.
 * Throws Refused naming the parameter when it is neither, or no day of the calendar.
 */
export function instant(parameter: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  // A plus sign in a query string means a blank: nobody means a blank before a zone.
  const spelled = text.replace(/ (\d{2}:\d{2})$/, '+$1');
  const date = new Date(spelled);
  if (form.test(spelled) && !Number.isNaN(date.getTime()) && isDay(spelled)) return date;
  throw badParameters([
    { path: parameter, message: 'must be an ISO 8601 date, or a time with its zone such as 2026-11-01T09:30:00Z' },
  ]);
}

/** JavaScript reads 31 February as 3 March. */
function isDay(text: string): boolean {
  const [, year, month, day] = days.exec(text) as unknown as [string, string, string, string];
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1;
}

/** A filter for from ≤ time < to; undefined when neither is given. Throws Refused when the range is the wrong way round. */
export function range(
  [fromName, from]: readonly [name: string, text: string | undefined],
  [toName, to]: readonly [name: string, text: string | undefined],
): { readonly $gte?: Date; readonly $lt?: Date } | undefined {
  const $gte = instant(fromName, from);
  const $lt = instant(toName, to);
  if ($gte === undefined && $lt === undefined) return undefined;
  if ($gte !== undefined && $lt !== undefined && $lt < $gte) {
    throw badParameters([{ path: toName, message: `must not be before ${fromName}` }]);
  }
  return { ...($gte && { $gte }), ...($lt && { $lt }) };
}

export function iso(date: Date): string {
  return date.toISOString();
}

/** `{name: iso}` when there is a date, else nothing: for spreading. */
export function isoFields<K extends string>(dates: { readonly [N in K]: Date | undefined }): { [N in K]?: string } {
  const out: { [N in K]?: string } = {};
  for (const [name, date] of Object.entries(dates) as [K, Date | undefined][]) {
    if (date !== undefined) out[name] = iso(date);
  }
  return out;
}
