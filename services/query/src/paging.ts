/**
 * Pages by keyset: a cursor names the last item shown by its sort key and id, and the next page is what comes after it.
 * So items inserted or removed meanwhile neither repeat nor hide others. An item whose sort key changes between two pages may move.
 *
 * Order: by the key in the direction asked for, then by _id in the opposite one (which is how the indexes lie, in either direction).
 * An item without the key stands where MongoDB puts null: first when ascending, last when descending.
 */
import type { Filter, Sort } from 'mongodb';
import { badParameters } from './refusal.js';

export interface Order {
  /** Name of this order, part of every cursor: a cursor serves only the order it was made in. */
  readonly name: string;
  /** Path of the sort key in the document. */
  readonly field: string;
  readonly ascending: boolean;
}

/** Where a page ended. */
export interface Place {
  readonly key: Date | null;
  readonly id: string;
}

export function sortOf({ field, ascending }: Order): Sort {
  return { [field]: ascending ? 1 : -1, _id: ascending ? -1 : 1 };
}

export function cursorOf(order: Order, place: Place): string {
  return Buffer.from(JSON.stringify([order.name, place.key?.getTime() ?? null, place.id])).toString('base64url');
}

/** The place a cursor names. Throws Refused when it is no cursor of ours or belongs to another order. */
export function placeOf(order: Order, cursor: string): Place {
  const refused = (message: string) => badParameters([{ path: 'cursor', message }]);
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw refused('is not a cursor this door gave out');
  }
  const [name, key, id] = Array.isArray(parts) ? parts : [];
  const valid = typeof name === 'string' && typeof id === 'string' && (key === null || Number.isSafeInteger(key));
  if (!valid) throw refused('is not a cursor this door gave out');
  if (name !== order.name) throw refused('belongs to another list or another sort');
  return { key: key === null ? null : new Date(key as number), id };
}

/** Matches what stands after `place` in `order`. */
export function after<T>({ field, ascending }: Order, { key, id }: Place): Filter<T> {
  const sameKey = { [field]: key, _id: ascending ? { $lt: id } : { $gt: id } };
  const further = ascending
    ? [{ [field]: key === null ? { $ne: null } : { $gt: key } }]
    : key === null
      ? []
      : [{ [field]: { $lt: key } }, { [field]: null }];
  return { $or: [sameKey, ...further] } as Filter<T>;
}

export interface Page<J> {
  readonly items: readonly J[];
  readonly nextCursor?: string;
}

/** The page of `docs`, of which one more than `limit` was fetched to know whether another page follows. */
export function pageOf<T, J>(
  docs: readonly T[],
  limit: number,
  order: Order,
  placeIn: (doc: T) => Place,
  json: (doc: T) => J,
): Page<J> {
  const shown = docs.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(json),
    ...(docs.length > limit && last !== undefined && { nextCursor: cursorOf(order, placeIn(last)) }),
  };
}
