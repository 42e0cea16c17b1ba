import { describe, expect, it } from 'vitest';
import { emptyPack, pack, unpack } from './packed.js';
import { createPlaces, hashOf, seen } from './places.js';

describe('places of token.facts', () => {
  it('remember what lies where over holes and growth, partition by partition', () => {
    const places = createPlaces();
    for (let i = 0; i < 500; i++) places.add(1, 1_000 + i * 3, hashOf(`fact ${i}`), 0);
    places.add(2, 0, 7, seen.unreadable);
    places.mark(1, 1_003, seen.traced);
    places.mark(1, 999_999, seen.traced);
    expect([...places.all()]).toHaveLength(501);
    expect(places.flags(1, 1_003)).toBe(seen.present | seen.traced);
    expect(places.flags(2, 0)).toBe(seen.present | seen.unreadable);
    expect(places.hash(1, 1_000 + 499 * 3)).toBe(hashOf('fact 499'));
    expect(places.hash(1, 1_001)).toBe(0);
    expect(places.hash(1, 1_000 + 499 * 3 + 1)).toBeUndefined();
    expect(places.flags(1, 1_001)).toBe(0);
    expect(places.hash(3, 0)).toBeUndefined();
  });

  it('keep what is said of a fact that is read only later', () => {
    const places = createPlaces();
    places.mark(1, 10, seen.traced);
    places.mark(1, 10, seen.late);
    expect(places.flags(1, 10)).toBe(0);
    places.add(1, 8, 7, 0);
    places.add(1, 10, 7, 0);
    expect(places.flags(1, 10)).toBe(seen.present | seen.traced | seen.late);
    expect(places.flags(1, 8)).toBe(seen.present);
  });
});

describe('packed records', () => {
  it('come out as they went in, in order', () => {
    const packed = emptyPack();
    const records = Array.from({ length: 50 }, (_, i) => ({
      partition: i % 6,
      offset: 2 ** 40 + i,
      bytes: Buffer.from('x'.repeat(i)),
    }));
    for (const record of records) pack(packed, record);
    expect([...unpack(packed)]).toEqual(records);
  });
});
