import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGather, createTurns } from './gather.js';

/** A handler that notes its lots and ends each when told to. */
function stepwise() {
  const lots: (readonly number[])[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const handle = (items: readonly number[]): Promise<void> => {
    lots.push(items);
    return new Promise((resolve, reject) => {
      ends.push((error) => (error === undefined ? resolve() : reject(error)));
    });
  };
  return { lots, handle, end: (error?: Error) => ends.shift()?.(error) };
}

describe('a gather', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const turn = () => vi.advanceTimersByTimeAsync(0);

  it('handles in one lot what is added in one turn, and in the next what comes meanwhile', async () => {
    const { lots, handle, end } = stepwise();
    const { add } = createGather(handle, { most: 10, paceMs: 0 });
    const first = [add([1, 2]), add([3])];
    await turn();
    const second = [add([4]), add([5])];
    end();
    await Promise.all(first);
    await turn();
    end();
    await Promise.all(second);
    expect(lots).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it('keeps a lot to its size, but never parts what was added together', async () => {
    const { lots, handle, end } = stepwise();
    const { add } = createGather(handle, { most: 3, paceMs: 0 });
    const all = Promise.all([add([1, 2]), add([3, 4]), add([5, 6, 7, 8]), add([9])]);
    for (let i = 0; i < 4; i++) {
      await turn();
      end();
    }
    await all;
    expect(lots).toEqual([[1, 2], [3, 4], [5, 6, 7, 8], [9]]);
  });

  it('tells everybody in a lot that it failed, and goes on', async () => {
    const { lots, handle, end } = stepwise();
    const { add } = createGather(handle, { most: 10, paceMs: 0 });
    const failed = Promise.allSettled([add([1]), add([2])]);
    await turn();
    end(new Error('away'));
    expect(await failed).toMatchObject([{ reason: { message: 'away' } }, { reason: { message: 'away' } }]);
    const next = add([3]);
    await turn();
    end();
    await next;
    expect(lots).toEqual([[1, 2], [3]]);
  });

  it('begins at once after a rest, and at its pace when it is busy', async () => {
    const begun: number[] = [];
    const { add } = createGather(async () => void begun.push(performance.now()), { most: 10, paceMs: 40 });
    const start = performance.now();
    await Promise.all([add([1]), turn()]);
    const second = add([2]);
    await vi.advanceTimersByTimeAsync(39);
    expect(begun).toEqual([start]);
    await vi.advanceTimersByTimeAsync(1);
    await second;
    await vi.advanceTimersByTimeAsync(100);
    await Promise.all([add([3]), turn()]);
    expect(begun.map((at) => at - start)).toEqual([0, 40, 140]);
  });

  it('refuses what waits when it is cancelled; what is being handled stands', async () => {
    const { handle, end } = stepwise();
    const { add, cancel } = createGather(handle, { most: 10, paceMs: 0 });
    const first = add([1]);
    await turn();
    const second = Promise.allSettled([add([2])]);
    cancel(new Error('closing'));
    end();
    await first;
    expect(await second).toMatchObject([{ status: 'rejected', reason: { message: 'closing' } }]);
  });

  it('as turns lets everybody who came meanwhile go on together, in the order they came', async () => {
    const turn = createTurns(8, 3);
    const gone: string[] = [];
    const go = (name: string) => turn().then(() => gone.push(name));
    void go('a');
    void go('b');
    expect(gone).toEqual([]);
    await vi.advanceTimersByTimeAsync(0);
    expect(gone).toEqual(['a', 'b']);
    void go('c');
    await vi.advanceTimersByTimeAsync(5);
    void go('d');
    expect(gone).toEqual(['a', 'b']);
    await vi.advanceTimersByTimeAsync(3);
    expect(gone).toEqual(['a', 'b', 'c', 'd']);
    for (const name of ['e', 'f', 'g']) void go(name);
    await vi.advanceTimersByTimeAsync(0);
    expect(gone).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    void go('h');
    await vi.advanceTimersByTimeAsync(7);
    expect(gone).not.toContain('h');
    await vi.advanceTimersByTimeAsync(1);
    expect(gone).toContain('h');
  });
});
