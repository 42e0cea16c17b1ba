import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecent } from './recent.js';

describe('values at hand', () => {
  it('are those of new keys, and of keys met a second time, as they were put last', () => {
    const recent = createRecent<number>(10);
    recent.put('new', 1, true);
    recent.put('rested', 1, false);
    expect([recent.get('new'), recent.get('rested')]).toEqual([1, undefined]);
    recent.put('new', 2, false);
    recent.put('rested', 2, false);
    expect([recent.get('new'), recent.get('rested')]).toEqual([2, 2]);
  });

  it('stay while any number of keys comes by once', () => {
    const recent = createRecent<string>(10);
    recent.put('busy', 'here', true);
    for (let n = 0; n < 1_000; n++) recent.put(`rested-${n}`, 'gone', false);
    expect(recent.get('busy')).toBe('here');
    expect(recent.get('rested-999')).toBeUndefined();
  });

  it('make room, the one put longest ago first', () => {
    const recent = createRecent<number>(2);
    for (const key of ['a', 'b', 'a', 'c']) recent.put(key, 1, true);
    expect(['a', 'b', 'c'].map((key) => recent.get(key))).toEqual([1, undefined, 1]);
  });

  it('are never more than are to be kept, never old, and none is of a key met once in a long time', () => {
    const keys = fc.constantFrom(...'abcdefgh');
    const put = fc.record({ key: keys, fresh: fc.boolean() });
    fc.assert(
      fc.property(fc.array(put), fc.integer({ min: 1, max: 4 }), (puts, most) => {
        const recent = createRecent<number>(most);
        puts.forEach(({ key, fresh }, n) => {
          recent.put(key, n, fresh);
          if (fresh) expect(recent.get(key)).toBe(n);
        });
        const held = [...'abcdefgh'].filter((key) => recent.get(key) !== undefined);
        expect(held.length).toBeLessThanOrEqual(most);
        for (const key of held) {
          expect(recent.get(key)).toBe(puts.findLastIndex((one) => one.key === key));
          expect(puts.filter((one) => one.key === key).length > 1 || puts.find((one) => one.key === key)?.fresh).toBe(
            true,
          );
        }
      }),
    );
  });
});
