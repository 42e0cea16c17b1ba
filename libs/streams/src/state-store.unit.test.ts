import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createStateStores } from './state-store.js';

const disk = (): string => mkdtempSync(join(tmpdir(), 'tokenline-state-'));
const text = (value: string): Buffer => Buffer.from(value);

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
    store.clear();
    expect([store.get('a'), store.position(), store.size()]).toEqual([undefined, 0, 0]);
    await stores.close();
  });
});
