import { cpSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { open } from 'lmdb';
import { describe, expect, it, vi } from 'vitest';
import { disk } from './given-disk.js';
import { createStateStores, type StateChange, type StateStore } from './state-store.js';

const text = (value: string): Buffer => Buffer.from(value);

const keys = ['a', 'b', 'c', 'd'];
const change = fc.tuple(
  fc.constantFrom(...keys),
  fc.option(fc.constantFrom('1', '2').map(text), { nil: null }),
  fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
);
const batch = fc.array(change, { maxLength: 5 });

const valuesOf = (store: Pick<StateStore, 'get'>): ReadonlyMap<string, string> =>
  new Map(
    keys.flatMap((key) => {
      const value = store.get(key);
      return value === undefined ? [] : [[key, value.toString()]];
    }),
  );

describe('the state store', () => {
  it('keeps values and the place they reach to over a restart', async () => {
    const directory = disk();
    const before = createStateStores(directory, 'cluster');
    await before.of('store', 3).apply(
      [
        ['a', text('1')],
        ['b', text('2')],
        ['gone', text('3')],
      ],
      10,
    );
    await before.of('store', 3).apply(
      [
        ['b', text('4')],
        ['gone', null],
      ],
      12,
    );
    await before.close();
    const after = createStateStores(directory, 'cluster');
    const store = after.of('store', 3);
    expect([store.get('a'), store.get('b'), store.get('gone')].map((v) => v?.toString())).toEqual([
      '1',
      '4',
      undefined,
    ]);
    expect([store.position(), store.size()]).toEqual([12, 2]);
    expect(after.of('store', 4).position()).toBe(0);
    await after.close();
  });

  it('gives each value as it was put, whatever its size and that of those asked for before', async () => {
    const stores = createStateStores(disk(), 'cluster');
    const store = stores.of('store', 0);
    const values = [1, 70_000, 300, 4_000, 2_000_000, 8_000, 20].map((size, n) => Buffer.alloc(size, n + 1));
    await store.apply(
      values.map((value, n) => [String(n), value]),
      1,
    );
    const given = values.map((_, n) => store.get(String(n)));
    expect(given.map((value, n) => value?.equals(values[n] as Buffer))).toEqual(values.map(() => true));
    await stores.close();
  });

  it('shows what is applied at once and has it on disk soon after, values and place from the same moment', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(batch, fc.constant('flush' as const)), { maxLength: 12 }), async (steps) => {
        const directory = disk();
        const stores = createStateStores(directory, 'cluster');
        const store = stores.of('store', 0);
        const expected = [new Map<string, string>()];
        let flushing: Promise<unknown> = Promise.resolve();
        for (const step of steps) {
          if (step === 'flush') {
            // Not waited for: what is being written is to be seen as well.
            flushing = Promise.all([flushing, store.flush()]);
            expect(valuesOf(store)).toEqual(expected.at(-1));
            continue;
          }
          const state = new Map(expected.at(-1));
          for (const [key, value] of step) {
            if (value === null) state.delete(key);
            else state.set(key, value.toString());
          }
          expected.push(state);
          await store.apply(step, expected.length - 1);
          expect([valuesOf(store), store.position()]).toEqual([state, expected.length - 1]);
          if (expected.length % 3 === 0) {
            await flushing;
            // What a process that is killed now leaves behind.
            const left = disk();
            cpSync(directory, left, { recursive: true });
            const copies = createStateStores(left, 'cluster');
            const copy = copies.of('store', 0);
            expect(valuesOf(copy)).toEqual(expected[copy.position()]);
            await copies.close();
          }
        }
        await flushing;
        await stores.close();
      }),
      { numRuns: 20 },
    );
  });

  it('writes by itself what was applied, and tells how much is left', async () => {
    const stores = createStateStores(disk(), 'cluster');
    const store = stores.of('store', 0);
    const change: StateChange = ['a', text('1'), 5];
    await store.apply([change, change], 1);
    expect([store.unwritten(), store.size()]).toEqual([1, 0]);
    await vi.waitFor(() => expect(store.unwritten()).toBe(0), { timeout: 10_000 });
    expect([store.size(), store.waiting(), store.due(5, 1)]).toEqual([1, 1, [{ key: 'a', due: 5 }]]);
    await stores.close();
  });

  it('writes many changes at once, in one store after another', async () => {
    const stores = createStateStores(disk(), 'cluster');
    const changes = Array.from({ length: 5_000 }, (_, n): StateChange => [String(n), text('1')]);
    const several = [0, 1, 2].map((partition) => stores.of('store', partition));
    await Promise.all(several.map((store) => store.apply(changes, 5_000)));
    expect(several.map((store) => [store.size(), store.unwritten()])).toEqual(several.map(() => [5_000, 0]));
    await stores.close();
  });

  it('says so when changes cannot be written, tries again with the next, and shows them all the while', async () => {
    const stores = createStateStores(disk(), 'cluster');
    const store = stores.of('store', 0);
    const tooLong = 'k'.repeat(10_000);
    await store.apply(
      [
        [tooLong, text('1')],
        ['a', text('1')],
      ],
      1,
    );
    const failing = expect(store.flush()).rejects.toThrow();
    await Promise.resolve();
    const meanwhile = store.apply([['a', text('2')]], 2);
    await Promise.all([failing, meanwhile]);
    await expect(store.apply([['b', text('2')]], 3)).rejects.toThrow();
    expect([...valuesOf(store), store.position()]).toEqual([['a', '2'], ['b', '2'], 3]);
    await store.clear();
    await store.apply([['b', text('3')]], 1);
    await store.flush();
    expect([store.size(), store.get('b')?.toString(), store.position()]).toEqual([1, '3', 1]);
    await stores.close();
  });

  it('is emptied when it was another cluster’s', async () => {
    const directory = disk();
    const before = createStateStores(directory, 'one');
    await before.of('store', 0).apply([['a', text('1')]], 10);
    await before.close();
    const after = createStateStores(directory, 'other');
    expect([after.of('store', 0).get('a'), after.of('store', 0).position()]).toEqual([undefined, 0]);
    await after.close();
  });

  it('can be emptied to be rebuilt', async () => {
    const stores = createStateStores(disk(), 'cluster');
    const store = stores.of('store', 0);
    await store.apply([['a', text('1')]], 10);
    await store.clear();
    expect([store.get('a'), store.position(), store.size()]).toEqual([undefined, 0, 0]);
    await stores.close();
  });
});

describe('the claim in the state store', () => {
  it('is the last that changes came with, after a restart as well, until the copy starts anew', async () => {
    const directory = disk();
    const first = createStateStores(directory, 'cluster');
    const store = first.of('store', 0);
    expect(store.claim()).toBeUndefined();
    await store.apply([], 1, 'first');
    await store.apply([['a', text('1')]], 2);
    await store.flush();
    expect([store.claim(), store.size()]).toEqual(['first', 1]);
    await store.apply([], 3, 'second');
    await first.close();
    const again = createStateStores(directory, 'cluster');
    expect(again.of('store', 0).claim()).toBe('second');
    await again.of('store', 0).clear();
    expect(again.of('store', 0).claim()).toBeUndefined();
    await again.close();
  });
});

describe('what falls due in the state store', () => {
  it('is found in the order of its time, whatever was changed before, and after a restart', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { maxLength: 6 }), async (batches) => {
        const directory = disk();
        const stores = createStateStores(directory, 'cluster');
        const expected = new Map<string, number>();
        for (const changes of batches) {
          await stores.of('store', 0).apply(changes, 1);
          for (const [key, value, due] of changes) {
            if (value === null || due === undefined) expected.delete(key);
            else expected.set(key, due);
          }
        }
        await stores.close();
        const again = createStateStores(directory, 'cluster');
        const store = again.of('store', 0);
        const sorted = [...expected]
          .map(([key, due]) => ({ key, due }))
          .sort((x, y) => x.due - y.due || (x.key < y.key ? -1 : 1));
        expect(store.waiting()).toBe(sorted.length);
        for (const now of [0, 7, 20]) {
          const due = sorted.filter((one) => one.due <= now);
          expect(store.due(now, 10)).toEqual(due);
          expect(store.due(now, 2)).toEqual(due.slice(0, 2));
        }
        await again.close();
      }),
      { numRuns: 30 },
    );
  });

  it('is corrected only while the value is the one that was looked at', async () => {
    const stores = createStateStores(disk(), 'cluster');
    const store = stores.of('store', 0);
    const seen: StateChange[] = ['moved', 'never', 'changed', 'gone'].map((key) => [key, text('seen'), 5]);
    await store.apply(seen, 1);
    const corrections = seen.map(([key]) => ({ key, value: text('seen'), due: key === 'never' ? undefined : 9 }));
    await store.apply(
      [
        ['changed', text('new'), 6],
        ['gone', null],
      ],
      2,
    );
    await store.setDue(corrections);
    expect(store.due(100, 10)).toEqual([
      { key: 'changed', due: 6 },
      { key: 'moved', due: 9 },
    ]);
    await stores.close();
  });

  it('makes a copy from before there was an index start anew', async () => {
    const directory = disk();
    const old = open({ path: join(directory, 'store-0', 'state.mdb'), maxDbs: 2 });
    await old.openDB<Buffer, string>('values', { encoding: 'binary' }).put('a', text('1'));
    await old.openDB('about', { encoding: 'json' }).put('meta', { origin: 'cluster/store-0', position: 7 });
    await old.close();
    const stores = createStateStores(directory, 'cluster');
    const store = stores.of('store', 0);
    expect([store.get('a'), store.position()]).toEqual([undefined, 0]);
    await stores.close();
  });
});
