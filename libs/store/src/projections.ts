/**
 * The registry of projections: one small document for each, which the projector and everybody who reads a projection honour.
 *
 *   live ── begin ──▶ live, building ── hold ──▶ live held, building ── swap ──▶ live (the new one), previous (the old one)
 *                        ▲    │                        │                            └── the next begin drops previous
 *                        │    └── abandon ──▶ live     │
 *                        └──── release, or 30 s gone ──┘
 *
 * - A generation has collections, indexes and a consumer group of its own, and keeps them when it goes live: nothing is handed over.
 * - The projector asks before each batch it writes (`standingOf`). While the live generation is held nobody begins to write to it, and what was
 *   begun before was read before: so whoever reads the end of the log after the hold, and waits until the new generation has come that far, knows
 *   that it has everything the old one will ever show. Only then is the swap allowed, by the same hold. So answers never go backwards.
 * - Who drives a build has a lease, renewed while the process lives: two at once are refused, and a dead driver's build can be taken over.
 * - Leases and holds are timed by the server's clock alone.
 *
 * Not projections: aliases and identities (the index that identity decides by), notices (a ledger of what was done), cardholders (contact data).
 */
import { randomUUID } from 'node:crypto';
import type { Collection, Db, Document } from 'mongodb';
import { type Collections, collections, ensureIndexesOf } from './collections.js';

/** What the projector keeps, and from which topic. Raise `version` when the shape of the documents changes: `projections list` then asks for a rebuild. */
export const projections = {
  tokens: {
    version: 1,
    topic: 'token.lifecycle',
    group: 'projector.read-models',
    collections: ['tokens', 'timeline'],
  },
  'dead-letters': {
    version: 1,
    topic: 'token.dead-letters',
    group: 'projector.dead-letters',
    collections: ['deadLetters'],
  },
} as const;

export type ProjectionName = keyof typeof projections;
export const projectionNames = Object.keys(projections) as ProjectionName[];

export interface Generation {
  /** Counts from 1; the first has the plain names of the collections. */
  readonly number: number;
  /** Version of the shape it was built in. */
  readonly version: number;
  /** Consumer group that feeds it, without prefix. */
  readonly group: string;
  /** When it went live; of one under construction, when it was begun. */
  readonly since: Date;
}

export interface Build extends Generation {
  readonly driver: { readonly id: string; readonly who: string; readonly until: Date };
  /** While it stands the live generation is not written to. */
  readonly hold?: { readonly id: string; readonly until: Date };
}

export interface ProjectionDoc {
  readonly _id: ProjectionName;
  readonly live: Generation;
  readonly building?: Build;
  /** The one that was live before, as it was then. */
  readonly previous?: Generation;
  /** Highest number given so far. */
  readonly newest: number;
}

export type Begun =
  | { readonly ok: true; readonly build: Build; readonly resumed: boolean }
  | { readonly ok: false; readonly reason: 'under-way'; readonly who: string }
  | { readonly ok: false; readonly reason: 'no-previous' };

/** How a generation stands: fed and shown, fed beside the live one, or no more. */
export type Standing = { readonly as: 'live'; readonly held?: string } | { readonly as: 'building' | 'gone' };

export interface Registry {
  readonly read: (name: ProjectionName) => Promise<ProjectionDoc>;
  /** The collections as they are live now: one read. Ask again for each piece of work. */
  readonly live: () => Promise<Collections>;
  /** Begins a generation, its collections and indexes made; or takes over one whose driver is gone. `who` is shown to whoever is refused. */
  readonly begin: (name: ProjectionName, who: string, from: 'nothing' | 'previous') => Promise<Begun>;
  /** Keeps the lease of a driver; false when it is lost, or the build gone. */
  readonly renew: (name: ProjectionName, driver: string) => Promise<boolean>;
  /** Gives the lease up, so that another may go on at once. */
  readonly leave: (name: ProjectionName, driver: string) => Promise<void>;
  /** Holds the live generation still for up to 30 s; gives the hold's id, or undefined when the build is no longer this driver's. */
  readonly hold: (name: ProjectionName, driver: string) => Promise<string | undefined>;
  /** Lifts a hold. With `lapsed`, only when its time is over. */
  readonly release: (name: ProjectionName, hold: string, lapsed?: 'lapsed') => Promise<void>;
  /** Makes the build live, in one write; false when the hold has not lasted. */
  readonly swap: (doc: ProjectionDoc, hold: string) => Promise<boolean>;
  /** Gives the build up and removes it. */
  readonly abandon: (name: ProjectionName, driver: string) => Promise<void>;
}

const leaseMs = 8_000;
export const holdMs = 30_000;

const registryCollection = 'projections';

/** The registry in this database. A database that was never deployed to has the first generation of everything. */
export function createRegistry(db: Db): Registry {
  const docs: Collection<ProjectionDoc> = db.collection<ProjectionDoc>(registryCollection);
  const read = async (name: ProjectionName): Promise<ProjectionDoc> =>
    (await docs.findOne({ _id: name })) ?? firstOf(name);
  const changed = async (filter: Document, update: Document | Document[]): Promise<boolean> =>
    (await docs.updateOne(filter, update)).modifiedCount === 1;
  const inMs = (ms: number): Document => ({ $add: ['$$NOW', ms] });
  const past = (path: string): Document => ({ $lte: [path, '$$NOW'] });

  const takeOver = (name: ProjectionName, build: Build, driver: { id: string; who: string }): Promise<boolean> =>
    changed(
      {
        _id: name,
        'building.number': build.number,
        'building.driver.id': build.driver.id,
        $expr: past('$building.driver.until'),
      },
      [{ $set: { 'building.driver': { ...literal(driver), until: inMs(leaseMs) } } }, { $unset: 'building.hold' }],
    );

  const beginNew = async (doc: ProjectionDoc, driver: { id: string; who: string }, from: 'nothing' | 'previous') => {
    const { _id: name, previous } = doc;
    const generation = from === 'previous' && previous !== undefined ? previous : await nextOf(name);
    await prepare(db, name, generation.number);
    const begun = await changed({ _id: name, building: { $exists: false }, 'live.number': doc.live.number }, [
      { $unset: 'previous' },
      {
        $set: {
          building: {
            ...literal({ number: generation.number, version: generation.version, group: generation.group }),
            since: '$$NOW',
            driver: { ...literal(driver), until: inMs(leaseMs) },
          },
        },
      },
    ]);
    if (!begun && from === 'nothing') await remove(db, name, [generation.number]);
    return begun;
  };

  const nextOf = async (name: ProjectionName): Promise<Omit<Generation, 'since'>> => {
    const { newest } = (await docs.findOneAndUpdate(
      { _id: name },
      { $inc: { newest: 1 } },
      { returnDocument: 'after' },
    )) as ProjectionDoc;
    // Never a group that was used before, even when this registry was lost in between: its offsets would skip what it had read.
    const group = `${projections[name].group}.${newest}-${randomUUID().slice(0, 8)}`;
    return { number: newest, version: projections[name].version, group };
  };

  return {
    read,
    live: async () => {
      const found = new Map((await docs.find().toArray()).map((doc) => [doc._id, doc.live.number]));
      return collectionsOf(db, (name) => found.get(name) ?? 1);
    },
    begin: async (name, who, from) => {
      await ensureRegistry(db);
      const driver = { id: randomUUID(), who };
      for (let attempt = 0; attempt < 2; attempt++) {
        const doc = await read(name);
        if (doc.building === undefined) {
          if (from === 'previous' && doc.previous === undefined) return { ok: false, reason: 'no-previous' };
          await beginNew(doc, driver, from);
        } else {
          const resumable = doc.building.version === projections[name].version;
          if ((await takeOver(name, doc.building, driver)) && !resumable) {
            await changed({ _id: name, 'building.driver.id': driver.id }, { $unset: { building: '' } });
            continue;
          }
        }
        const after = await read(name);
        if (after.building?.driver.id !== driver.id)
          return { ok: false, reason: 'under-way', who: after.building?.driver.who ?? 'another' };
        await prepare(db, name, after.building.number);
        await sweep(db, name, () => read(name));
        return { ok: true, build: after.building, resumed: doc.building !== undefined };
      }
      return { ok: false, reason: 'under-way', who: 'another' };
    },
    renew: async (name, driver) =>
      (
        await docs.updateOne({ _id: name, 'building.driver.id': driver }, [
          { $set: { 'building.driver.until': inMs(leaseMs) } },
        ])
      ).matchedCount === 1,
    leave: async (name, driver) => {
      await docs.updateOne({ _id: name, 'building.driver.id': driver }, [
        { $set: { 'building.driver.until': '$$NOW' } },
        { $unset: 'building.hold' },
      ]);
    },
    hold: async (name, driver) => {
      const id = randomUUID();
      const hold = { ...literal({ id }), until: inMs(holdMs) };
      const held = await changed({ _id: name, 'building.driver.id': driver }, [{ $set: { 'building.hold': hold } }]);
      return held ? id : undefined;
    },
    release: async (name, hold, lapsed) => {
      await docs.updateOne(
        { _id: name, 'building.hold.id': hold, ...(lapsed && { $expr: past('$building.hold.until') }) },
        { $unset: { 'building.hold': '' } },
      );
    },
    swap: async ({ _id, live, building }, hold) => {
      if (building === undefined) return false;
      const { number, version, group } = building;
      return changed(
        { _id, 'live.number': live.number, 'building.number': number, 'building.hold.id': hold },
        { $set: { live: { number, version, group, since: new Date() }, previous: live }, $unset: { building: '' } },
      );
    },
    abandon: async (name, driver) => {
      if (await changed({ _id: name, 'building.driver.id': driver }, { $unset: { building: '' } }))
        await sweep(db, name, () => read(name));
    },
  };
}

/** How a generation stands in the registry. */
export function standingOf({ live, building }: ProjectionDoc, number: number): Standing {
  if (live.number === number) return { as: 'live', ...(building?.hold && { held: building.hold.id }) };
  return { as: building?.number === number ? 'building' : 'gone' };
}

/** The collections with the given generation of each projection. */
export function collectionsOf(db: Db, numberOf: (name: ProjectionName) => number): Collections {
  return collections(db, (base) => {
    const owner = projectionNames.find((name) => (projections[name].collections as readonly string[]).includes(base));
    return owner === undefined ? base : collectionName(base, numberOf(owner));
  });
}

/** The name a collection has in a generation. */
export function collectionName(base: string, number: number): string {
  return number === 1 ? base : `${base}.g${number}`;
}

function firstOf(name: ProjectionName): ProjectionDoc {
  const { version, group } = projections[name];
  return { _id: name, live: { number: 1, version, group, since: new Date(0) }, newest: 1 };
}

/** Puts down the first generation of each projection where nothing is put down yet. */
async function ensureRegistry(db: Db): Promise<void> {
  const docs = db.collection<ProjectionDoc>(registryCollection);
  for (const name of projectionNames) {
    const { _id, live, newest } = firstOf(name);
    const first = { live: { ...live, since: new Date() }, newest };
    await docs.updateOne({ _id }, { $setOnInsert: first }, { upsert: true });
  }
}

/** Deploy step: the registry, and every index of every generation there is. Repeating it changes nothing. */
export async function ensureProjections(db: Db): Promise<void> {
  await ensureRegistry(db);
  const registry = createRegistry(db);
  for (const name of projectionNames) {
    const { live, building, previous } = await registry.read(name);
    for (const generation of [live, building, previous])
      if (generation !== undefined) await prepare(db, name, generation.number);
  }
}

async function prepare(db: Db, name: ProjectionName, number: number): Promise<void> {
  for (const base of projections[name].collections) await ensureIndexesOf(db, base, collectionName(base, number));
}

async function remove(db: Db, name: ProjectionName, numbers: readonly number[]): Promise<void> {
  for (const base of projections[name].collections)
    for (const number of numbers) await db.dropCollection(collectionName(base, number));
}

/** Drops every generation the registry does not name. What there is is listed before the registry is read: what it names later is left alone. */
async function sweep(db: Db, name: ProjectionName, read: () => Promise<ProjectionDoc>): Promise<void> {
  const bases: readonly string[] = projections[name].collections;
  const present = (await db.listCollections({}, { nameOnly: true }).toArray()).map((found) => found.name);
  const { live, building, previous } = await read();
  const named = [live, building, previous].flatMap((generation) => generation?.number ?? []);
  const kept = new Set(bases.flatMap((base) => named.map((number) => collectionName(base, number))));
  for (const found of present) {
    const base = bases.find((each) => found === each || new RegExp(`^${each}\\.g\\d+$`).test(found));
    if (base !== undefined && !kept.has(found)) await db.dropCollection(found);
  }
}

/** Values as they are, in an update that is a pipeline: there a text may be read as the path of a field. */
function literal(values: Readonly<Record<string, string | number>>): Document {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { $literal: value }]));
}
