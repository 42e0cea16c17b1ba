import type { NotifierInstanceDoc } from '@tokenline/store';
import fc from 'fast-check';
import type { Collection } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { createHeartbeats } from './heartbeats.js';

/** Two instances, each with a clock of its own, over one collection that may be away. */
function pair() {
  const docs = new Map<string, number>();
  let isAway = false;
  const answer = <T>(value: () => T): Promise<T> =>
    isAway ? Promise.reject(new Error('away')) : Promise.resolve(value());
  const instances = {
    updateOne: ({ _id }: { _id: string }) => answer(() => docs.set(_id, (docs.get(_id) ?? 0) + 1)),
    deleteOne: ({ _id }: { _id: string }) => answer(() => docs.delete(_id)),
    find: ({ _id }: { _id: { $ne: string } }) => ({
      toArray: () => answer(() => [...docs].filter(([id]) => id !== _id.$ne).map(([id, beat]) => ({ _id: id, beat }))),
    }),
  } as unknown as Collection<NotifierInstanceDoc>;
  const instance = (self: string, offset: number) => {
    let now = offset;
    const beats = createHeartbeats(instances, self, { now: () => now });
    const pass = (ms: number): void => {
      now += ms;
    };
    return { ...beats, pass, now: () => now };
  };
  return {
    one: instance('one', 1_000_000),
    other: instance('other', 5),
    setAway: (away: boolean) => {
      isAway = away;
    },
  };
}

type Pair = ReturnType<typeof pair>;

/** Lets seconds pass; both beat in each unless one is left out. */
async function seconds({ one, other }: Pair, count: number, ...beating: readonly ('one' | 'other')[]): Promise<void> {
  for (let i = 0; i < count; i++) {
    for (const each of [one, other]) each.pass(1_000);
    for (const name of beating) await { one, other }[name].beat();
  }
}

describe('an instance', () => {
  it('is dead once its beat has stood still for five seconds, whatever the clocks say', async () => {
    const both = pair();
    await seconds(both, 3, 'one', 'other');
    expect([both.one.dead(), both.other.dead()]).toEqual([[], []]);
    await seconds(both, 4, 'other');
    expect(both.other.dead()).toEqual([]);
    await seconds(both, 1, 'other');
    expect(both.other.dead()).toEqual(['one']);
    await seconds(both, 1, 'one', 'other');
    expect(both.other.dead()).toEqual([]);
  });

  it('is not dead while nobody could have seen it beat', async () => {
    const both = pair();
    await seconds(both, 1, 'one', 'other');
    both.setAway(true);
    for (let i = 0; i < 10; i++) {
      for (const each of [both.one, both.other]) each.pass(1_000);
      await expect(both.other.beat()).rejects.toThrow('away');
    }
    both.setAway(false);
    await seconds(both, 1, 'other', 'one');
    expect(both.other.dead()).toEqual([]);
  });

  it('that ends in order is nobody’s dead', async () => {
    const both = pair();
    await seconds(both, 2, 'one', 'other');
    await both.one.stop();
    await seconds(both, 8, 'other');
    expect(both.other.dead()).toEqual([]);
  });

  it('may claim from its first beat on, up to three seconds after the last', async () => {
    const both = pair();
    expect(both.one.isFresh()).toBe(false);
    await both.one.beat();
    expect(both.one.isFresh()).toBe(true);
    both.one.pass(2_999);
    expect(both.one.isFresh()).toBe(true);
    both.one.pass(1);
    expect(both.one.isFresh()).toBe(false);
  });

  it('that stood still no longer holds what it claimed before, though it beats again', async () => {
    const both = pair();
    await seconds(both, 2, 'one', 'other');
    const claimedAt = both.one.now();
    await seconds(both, 2, 'one', 'other');
    expect(both.one.stillHolds(claimedAt)).toBe(true);
    await seconds(both, 6, 'other');
    expect(both.other.dead()).toEqual(['one']);
    expect(both.one.stillHolds(claimedAt)).toBe(false);
    await seconds(both, 1, 'one');
    expect(both.one.stillHolds(claimedAt)).toBe(false);
    expect(both.one.stillHolds(both.one.now())).toBe(true);
  });

  it('is never taken for dead while it holds what it claimed, whichever beats are missed', async () => {
    const missed = fc.record({ one: fc.boolean(), other: fc.boolean() });
    const stood = fc
      .integer({ min: 1, max: 9 })
      .map((n) => Array(n).fill({ one: true, other: false }) as (typeof last)[]);
    const last = { one: false, other: false };
    let deaths = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            missed.map((each) => [each]),
            stood,
          ),
          { maxLength: 30 },
        ),
        async (parts) => {
          const both = pair();
          await seconds(both, 1, 'one', 'other');
          const claimedAt = both.one.now();
          let wasDead = false;
          for (const misses of [...parts.flat(), last]) {
            await seconds(both, 1, ...(['one', 'other'] as const).filter((name) => !misses[name]));
            wasDead ||= both.other.dead().includes('one');
            if (wasDead) expect(both.one.stillHolds(claimedAt)).toBe(false);
          }
          deaths += wasDead ? 1 : 0;
        },
      ),
    );
    expect(deaths).toBeGreaterThan(0);
  });
});
