import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overlap } from './overlap.js';

/** Some turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('overlapping', () => {
  it('makes portions ready one by one, begins writes in order, never more at once than allowed, and ends when all have', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ ready: fc.nat(2), write: fc.nat(4) }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        async (portions, atOnce) => {
          const begun: number[] = [];
          let making = 0;
          let writing = 0;
          let written = 0;
          await overlap(
            [...portions.entries()],
            async ([at, { ready, write }]) => {
              expect(++making).toBe(1);
              await turns(ready);
              making--;
              return { at, write };
            },
            async ({ at, write }) => {
              begun.push(at);
              expect(++writing).toBeLessThanOrEqual(atOnce);
              await turns(write);
              writing--;
              written++;
            },
            atOnce,
          );
          expect(begun).toEqual([...portions.keys()]);
          expect(written).toBe(portions.length);
        },
      ),
    ));

  it('makes the next portion ready while one is being written', async () => {
    let first: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      first = resolve;
    });
    const made: number[] = [];
    const done = overlap(
      [1, 2],
      async (portion) => made.push(portion),
      () => held,
      1,
    );
    await turns(1);
    expect(made).toEqual([1, 2]);
    first();
    await done;
  });

  it.each(['made ready', 'written'])(
    'throws when a portion cannot be %s, and leaves nothing under way',
    async (part) => {
      let writing = 0;
      const fail = (when: string, portion: number): void => {
        if (when === part && portion === 2) throw new Error(`${portion} cannot be ${part}`);
      };
      const done = overlap(
        [1, 2, 3, 4, 5, 6],
        async (portion) => {
          fail('made ready', portion);
          return portion;
        },
        async (portion) => {
          writing++;
          await turns(portion === 1 ? 9 : 1);
          writing--;
          fail('written', portion);
        },
        3,
      );
      await expect(done).rejects.toThrow(`2 cannot be ${part}`);
      expect(writing).toBe(0);
    },
  );
});
