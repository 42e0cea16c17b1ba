/** Versions of a mapper by the date they hold from: networks change what a code means on a date, and old messages keep their old meaning. */

export interface Dated<T> {
  /** First instant it holds, epoch ms. */
  readonly validFrom: number;
  /** First instant it no longer holds, epoch ms. */
  readonly validTo?: number;
  readonly value: T;
}

/** The entry that holds at `instant`. Throws when none does: a table must cover all of time. */
export function validAt<T>(table: readonly Dated<T>[], instant: number): T {
  const found = table.find((d) => d.validFrom <= instant && (d.validTo === undefined || instant < d.validTo));
  if (found === undefined) throw new Error(`No version of the mapper is valid at ${new Date(instant).toISOString()}.`);
  return found.value;
}
