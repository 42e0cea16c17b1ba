import { describe, expect, it } from 'vitest';
import { createSlots } from './slots.js';

/** Who was given a slot, in order; and who none. */
function givenBy(slots: ReturnType<typeof createSlots>) {
  const given: string[] = [];
  const take = (who: string) => void slots.take().then((taken) => given.push(taken ? who : `no ${who}`));
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { given, take, settled };
}

describe('slots', () => {
  it('are given to so many at once, and as they become free to the others in turn', async () => {
    const slots = createSlots(2);
    const { given, take, settled } = givenBy(slots);
    for (const who of ['a', 'b', 'c', 'd']) take(who);
    await settled();
    expect(given).toEqual(['a', 'b']);
    slots.free();
    await settled();
    expect(given).toEqual(['a', 'b', 'c']);
    slots.free();
    slots.free();
    slots.free();
    for (const who of ['e', 'f', 'g']) take(who);
    await settled();
    expect(given).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('once closed are given to nobody, those who wait included', async () => {
    const slots = createSlots(1);
    const { given, take, settled } = givenBy(slots);
    for (const who of ['a', 'b']) take(who);
    slots.close();
    take('c');
    slots.free();
    await settled();
    expect(given.sort()).toEqual(['a', 'no b', 'no c']);
  });
});
