/** Chance from a seed: the same seed gives the same choices, on every machine. */

export interface Chance {
  /** A whole number from 0 up to, not including, `count`. */
  readonly below: (count: number) => number;
  /** True in `percent` of a hundred cases, a whole number. */
  readonly happens: (percent: number) => boolean;
  /** The items in a random order; the list itself is left alone. */
  readonly shuffled: <T>(items: readonly T[]) => T[];
}

/** `seed` is a whole number; of larger ones the lowest 32 bits count. The generator is mulberry32. */
export function seededChance(seed: number): Chance {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number): number => Math.floor(next() * count);
  return {
    below,
    happens: (percent) => below(100) < percent,
    shuffled: <T>(items: readonly T[]): T[] => {
      const list = [...items];
      for (let last = list.length - 1; last > 0; last--) {
        const other = below(last + 1);
        [list[last], list[other]] = [list[other] as T, list[last] as T];
      }
      return list;
    },
  };
}
