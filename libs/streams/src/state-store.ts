/**
 * The local state of one partition: a copy of its changelog, on disk (LMDB), so that memory stays bounded and a restart reads only what is new.
 *
 * - Written only after the Kafka transaction that holds the same change has committed, together with the changelog offset it reaches to
 *   (one LMDB transaction): so it never holds anything uncommitted, and at worst it is behind. What it is behind by is read again; putting a
 *   value twice changes nothing.
 * - It belongs to one cluster, topic and partition, and says so. A copy of anything else, or one that claims to be ahead of the log, is emptied and
 *   rebuilt from the beginning.
 * - LMDB's default (overlapping sync) keeps it whole through a killed process and a lost machine; losing the last writes is harmless, see above.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';

/** A change to the state: null deletes. */
export type StateChange = readonly [key: string, value: Buffer | null];

export interface StateStore {
  readonly get: (key: string) => Buffer | undefined;
  /** Changelog offset from which on changes are not yet in here. */
  readonly position: () => number;
  readonly apply: (changes: readonly StateChange[], position: number) => Promise<void>;
  /** Empties the copy: it will be rebuilt from the beginning of the changelog. */
  readonly clear: () => void;
  readonly size: () => number;
  readonly close: () => Promise<void>;
}

export interface StateStores {
  /** The store of a partition; the same object as long as it is open. */
  readonly of: (topic: string, partition: number) => StateStore;
  readonly close: () => Promise<void>;
}

interface Meta {
  readonly origin: string;
  readonly position: number;
}

const metaKey = 'meta';

/** Stores below `directory`, of the Kafka cluster named `clusterId`. */
export function createStateStores(directory: string, clusterId: string): StateStores {
  const stores = new Map<string, StateStore>();
  return {
    of: (topic, partition) => {
      const name = `${topic}-${partition}`;
      const known = stores.get(name);
      if (known !== undefined) return known;
      const store = openStore(join(directory, name), `${clusterId}/${name}`);
      stores.set(name, store);
      return store;
    },
    close: async () => {
      await Promise.all([...stores.values()].map((store) => store.close()));
      stores.clear();
    },
  };
}

/** The copies left in `directory` by a process that has ended, one for each partition of the changelog (its name with prefix): for looking at. */
export function openStateCopies(
  directory: string,
  changelog: string,
  partitions: number,
): readonly Pick<StateStore, 'get' | 'size' | 'close'>[] {
  return Array.from({ length: partitions }, (_, partition) => {
    const { root, values } = openFile(join(directory, `${changelog}-${partition}`), true);
    return { ...reading(values), close: () => root.close() };
  });
}

function openFile(path: string, readOnly: boolean) {
  const root: RootDatabase = open({ path: join(path, 'state.mdb'), maxDbs: 2, readOnly });
  return { root, values: root.openDB<Buffer, string>('values', { encoding: 'binary' }) };
}

function reading(values: Database<Buffer, string>): Pick<StateStore, 'get' | 'size'> {
  return { get: (key) => values.get(key), size: () => (values.getStats() as { entryCount: number }).entryCount };
}

function openStore(path: string, origin: string): StateStore {
  mkdirSync(path, { recursive: true });
  const { root, values } = openFile(path, false);
  const about = root.openDB<Meta, string>('about', { encoding: 'json' });
  const clear = (): void => {
    values.clearSync();
    about.putSync(metaKey, { origin, position: 0 });
  };
  if (about.get(metaKey)?.origin !== origin) clear();
  return {
    ...reading(values),
    position: () => about.get(metaKey)?.position ?? 0,
    apply: async (changes, position) => {
      await root.transaction(() => {
        for (const [key, value] of changes) {
          if (value === null) void values.remove(key);
          else void values.put(key, value);
        }
        void about.put(metaKey, { origin, position });
      });
    },
    clear,
    close: () => root.close(),
  };
}
