/** The registry of projections on a real MongoDB: who may do what when, whatever has died meanwhile. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectStore, deployStore, type Store } from './connect.js';
import { type Begun, type Build, createRegistry, holdMs, type Registry, standingOf } from './projections.js';

let store: Store;
let registry: Registry;
beforeAll(async () => {
  store = await connectStore(process.env.TOKENLINE_MONGODB_URI as string, `registry-${randomUUID().slice(0, 8)}`);
});
beforeEach(async () => {
  await store.db.dropDatabase();
  await deployStore(store);
  registry = createRegistry(store.db);
});
afterAll(async () => {
  await store?.db.dropDatabase();
  await store?.close();
});

async function begun(from: 'nothing' | 'previous' = 'nothing'): Promise<Build> {
  const result = await registry.begin('tokens', 'a test', from);
  if (!result.ok) throw new Error(result.reason);
  return result.build;
}

/** As if the time of a lease or hold were over. */
async function lapse(path: 'building.driver.until' | 'building.hold.until'): Promise<void> {
  await store.db.collection('projections').updateOne({}, { $set: { [path]: new Date(0) } });
}

async function swapped(build: Build): Promise<boolean> {
  const hold = await registry.hold('tokens', build.driver.id);
  return hold !== undefined && (await registry.swap(await registry.read('tokens'), hold));
}

const names = async (): Promise<string[]> =>
  (await store.db.listCollections({}, { nameOnly: true }).toArray())
    .map(({ name }) => name)
    .filter((name) => /^(tokens|timeline)/.test(name))
    .sort();

const indexNames = async (collection: string): Promise<string[]> =>
  (await store.db.collection(collection).indexes()).map(({ name }) => name as string).sort();

describe('a build', () => {
  it('has collections with the indexes of the live one from its beginning, and a group nobody has used', async () => {
    const first = await begun();
    expect(first).toMatchObject({ number: 2, version: 1 });
    expect(first.group).toMatch(/^projector\.read-models\.2-\w{8}$/);
    expect(await indexNames('tokens.g2')).toEqual(await indexNames('tokens'));
    expect(await indexNames('timeline.g2')).toEqual(await indexNames('timeline'));
    await registry.abandon('tokens', first.driver.id);
    const second = await begun();
    expect(second.number).toBe(3);
    expect(second.group).not.toBe(first.group);
  });

  it('goes live in one step, and what is asked for next is the new one', async () => {
    const before = await registry.live();
    await before.tokens.insertOne({ _id: 'old' } as never);
    const build = await begun();
    await store.db.collection('tokens.g2').insertOne({ _id: 'new' } as never);
    expect((await (await registry.live()).tokens.findOne())?._id).toBe('old');
    expect(await swapped(build)).toBe(true);
    expect((await (await registry.live()).tokens.findOne())?._id).toBe('new');
    expect((await before.tokens.findOne())?._id).toBe('old');
    const doc = await registry.read('tokens');
    expect(doc).toMatchObject({ live: { number: 2, group: build.group }, previous: { number: 1 } });
    expect(doc.building).toBeUndefined();
  });

  it('drops the generation before the last when the next begins, and every leftover, and nothing else', async () => {
    await swapped(await begun());
    await store.db.collection('tokens.g77').insertOne({});
    await store.db.collection('tokens.other').insertOne({});
    expect(await names()).toEqual(['timeline', 'timeline.g2', 'tokens', 'tokens.g2', 'tokens.g77', 'tokens.other']);
    await begun();
    expect(await names()).toEqual(['timeline.g2', 'timeline.g3', 'tokens.g2', 'tokens.g3', 'tokens.other']);
  });

  it('can be of the previous generation, which keeps its number and its group; without one it is refused', async () => {
    expect(await registry.begin('tokens', 'a test', 'previous')).toEqual({ ok: false, reason: 'no-previous' });
    const { live } = await registry.read('tokens');
    await swapped(await begun());
    const back = await begun('previous');
    expect(back).toMatchObject({ number: 1, group: live.group });
    expect(await swapped(back)).toBe(true);
    expect(await registry.read('tokens')).toMatchObject({ live: { number: 1 }, previous: { number: 2 }, newest: 2 });
  });

  it('is removed when it is given up, and the live one stays', async () => {
    const build = await begun();
    await registry.abandon('tokens', build.driver.id);
    expect(await names()).toEqual(['timeline', 'tokens']);
    expect((await registry.read('tokens')).building).toBeUndefined();
  });
});

describe('of two that begin', () => {
  it('at once, one does', async () => {
    for (let round = 0; round < 10; round++) {
      const all = await Promise.all(
        Array.from({ length: 4 }, (_, i) => registry.begin('tokens', `rival ${i}`, 'nothing')),
      );
      const winners = all.filter((one): one is Extract<Begun, { ok: true }> => one.ok);
      expect(winners).toHaveLength(1);
      const build = (await registry.read('tokens')).building as Build;
      expect(build.driver.id).toBe(winners[0]?.build.driver.id);
      const refused = all.find((one) => !one.ok);
      expect(refused).toEqual({ ok: false, reason: 'under-way', who: build.driver.who });
      expect(await names()).toEqual([`timeline`, `timeline.g${build.number}`, 'tokens', `tokens.g${build.number}`]);
      await registry.abandon('tokens', build.driver.id);
    }
  });

  it('the later goes on with the build once the first is gone, and the first can do no more', async () => {
    const first = await begun();
    const firstHold = await registry.hold('tokens', first.driver.id);
    expect((await registry.begin('tokens', 'later', 'nothing')).ok).toBe(false);
    await lapse('building.driver.until');
    expect(await registry.begin('tokens', 'later', 'nothing')).toMatchObject({
      ok: true,
      resumed: true,
      build: { number: first.number, group: first.group },
    });
    expect(await registry.renew('tokens', first.driver.id)).toBe(false);
    expect(await registry.hold('tokens', first.driver.id)).toBeUndefined();
    expect(await registry.swap(await registry.read('tokens'), firstHold as string)).toBe(false);
    await registry.abandon('tokens', first.driver.id);
    await registry.leave('tokens', first.driver.id);
    expect((await registry.read('tokens')).building?.driver.who).toBe('later');
  });

  it('the later goes on at once when the first has left', async () => {
    const first = await begun();
    expect(await registry.renew('tokens', first.driver.id)).toBe(true);
    await registry.leave('tokens', first.driver.id);
    expect(await registry.begin('tokens', 'later', 'nothing')).toMatchObject({ ok: true, resumed: true });
  });

  it('a build of another shape is not gone on with', async () => {
    const first = await begun();
    await store.db.collection('projections').updateOne({}, { $set: { 'building.version': 0 } });
    expect((await registry.begin('tokens', 'later', 'nothing')).ok).toBe(false);
    await registry.leave('tokens', first.driver.id);
    expect(await registry.begin('tokens', 'later', 'nothing')).toMatchObject({
      ok: true,
      resumed: false,
      build: { number: 3 },
    });
    expect(await names()).not.toContain('tokens.g2');
  });
});

describe('a hold', () => {
  it('keeps the live generation still until it is lifted, and the swap needs it', async () => {
    const build = await begun();
    expect(standingOf(await registry.read('tokens'), 1)).toEqual({ as: 'live' });
    const hold = (await registry.hold('tokens', build.driver.id)) as string;
    expect(standingOf(await registry.read('tokens'), 1)).toEqual({ as: 'live', held: hold });
    expect(standingOf(await registry.read('tokens'), 2)).toEqual({ as: 'building' });
    await registry.release('tokens', hold);
    expect(await registry.swap(await registry.read('tokens'), hold)).toBe(false);
    expect(standingOf(await registry.read('tokens'), 1)).toEqual({ as: 'live' });
    expect(await swapped(build)).toBe(true);
    expect(standingOf(await registry.read('tokens'), 1)).toEqual({ as: 'gone' });
  });

  it('lapses by the time of the server, not before; who swaps too late does not', async () => {
    const build = await begun();
    const hold = (await registry.hold('tokens', build.driver.id)) as string;
    await registry.release('tokens', hold, 'lapsed');
    const { building } = await registry.read('tokens');
    expect(building?.hold?.id).toBe(hold);
    expect((building?.hold?.until.getTime() ?? 0) - Date.now()).toBeLessThanOrEqual(holdMs);
    await lapse('building.hold.until');
    await registry.release('tokens', hold, 'lapsed');
    expect((await registry.read('tokens')).building?.hold).toBeUndefined();
    expect(await registry.swap(await registry.read('tokens'), hold)).toBe(false);
  });
});

it('a database nobody has deployed to has the first generation of everything', async () => {
  await store.db.dropDatabase();
  expect(await registry.read('tokens')).toMatchObject({ live: { number: 1, group: 'projector.read-models' } });
  expect((await registry.live()).tokens.collectionName).toBe('tokens');
});
