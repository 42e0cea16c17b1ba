import { describe, expect, it } from 'vitest';
import { cursorOf, type Order, pageOf, placeOf } from './paging.js';
import type { Refused } from './refusal.js';

const order: Order = { name: 'tokens -requestedAt', field: 'provisioning.requestedAt', ascending: false };

function refusalOf(cursor: string): unknown {
  try {
    placeOf(order, cursor);
  } catch (error) {
    return (error as Refused).problem.errors;
  }
  return undefined;
}

describe('a cursor', () => {
  it('brings back the place it was made for, with and without a sort key', () => {
    const place = { key: new Date(1_700_000_000_123), id: 'a:b' };
    expect(placeOf(order, cursorOf(order, place))).toEqual(place);
    expect(placeOf(order, cursorOf(order, { key: null, id: 'x' }))).toEqual({ key: null, id: 'x' });
  });

  it('is refused in another order than its own', () => {
    const other = cursorOf({ ...order, name: 'tokens updatedAt' }, { key: null, id: 'x' });
    expect(refusalOf(other)).toEqual([{ path: 'cursor', message: 'belongs to another list or another sort' }]);
  });

  it.each(['', 'x', 'bm90IGpzb24', Buffer.from('["tokens -requestedAt",{"$gt":0},"x"]').toString('base64url')])(
    'is refused when this door did not make it: %j',
    (cursor) => {
      expect(refusalOf(cursor)).toEqual([{ path: 'cursor', message: 'is not a cursor this door gave out' }]);
    },
  );
});

describe('a page', () => {
  const place = (n: number) => ({ key: new Date(n), id: String(n) });

  it('names the next one only while more follows', () => {
    const full = pageOf([1, 2, 3], 2, order, place, String);
    expect(full.items).toEqual(['1', '2']);
    expect(placeOf(order, full.nextCursor as string)).toEqual(place(2));
    expect(pageOf([1, 2], 2, order, place, String)).toEqual({ items: ['1', '2'] });
    expect(pageOf([], 2, order, place, String)).toEqual({ items: [] });
  });
});
