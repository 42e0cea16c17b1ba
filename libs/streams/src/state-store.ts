/**
 * The local state of one partition: a copy of its changelog, on disk (LMDB), so that memory stays bounded and a restart reads only what is new.
 *
 * - Written only after the Kafka transaction that holds the same change has committed, together with the changelog offset it reaches to
 *   (one LMDB transaction): so it never holds anything uncommitted, and at worst it is behind. What it is behind by is read again; putting a
 *   value twice changes nothing.
 * - It belongs to one cluster, topic and partition, and says so. A copy of anything else, or one that claims to be ahead of the log, is emptied and
 *   rebuilt from the beginning.
 * - A key may fall due at some time, which its changelog record says in a header: an index beside the values finds what is due without reading them.
 *   It changes in the same LMDB transaction. A record without the header was written before there was one, and is due at once: whoever looks at
 *   it says when it really is (setDue). A copy from before there was an index is of another format, and is rebuilt too.
 * - LMDB's default (overlapping sync) keeps it whole through a killed process and a lost machine; losing the last writes is harmless, see above.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';

/** A change to the state: null deletes. `due` is when the key falls due, epoch ms; left out when it never does. */
export type StateChange = readonly [key: string, value: Buffer | null, due?: number | undefined];

export interface DueKey {
  readonly key: string;
  /** Epoch ms. */
  readonly due: number;
}

export interface StateStore {
  readonly get: (key: string) => Buffer | undefined;
  /** The keys due at `now` or before, the longest due first, `most` at most. */
  readonly due: (now: number, most: number) => readonly DueKey[];
  /** Keys that fall due some time. */
  readonly waiting: () => number;
  /** Corrects when keys fall due, each only while its value is the one looked at. The changelog keeps what it says. */
  readonly setDue: (corrections: readonly DueCorrection[]) => Promise<void>;
  /** Changelog offset from which on changes are not yet in here. */
  readonly position: () => number;
  /** The last claim (processor.ts) before that offset. */
  readonly claim: () => string | undefined;
  /** `claim` where the changes hold one; without it the one before stands. */
  readonly apply: (changes: readonly StateChange[], position: number, claim?: string) => Promise<void>;
  /** Empties the copy: it will be rebuilt from the beginning of the changelog. */
  readonly clear: () => void;
  readonly size: () => number;
  readonly close: () => Promise<void>;
}

export interface DueCorrection {
  readonly key: string;
  /** What was looked at. */
  readonly value: Buffer;
  /** When the key falls due; undefined for never. */
  readonly due: number | undefined;
}

export interface StateStores {
  /** The store of a partition; the same object as long as it is open. */
  readonly of: (topic: string, partition: number) => StateStore;
  readonly close: () => Promise<void>;
}

interface Meta {
  readonly origin: string;
  readonly position: number;
  readonly claim?: string;
  readonly format?: number;
}

const metaKey = 'meta';
/** 2: with the index of what falls due. */
const format = 2;

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
  const root: RootDatabase = open({ path: join(path, 'state.mdb'), maxDbs: 4, readOnly });
  return { root, values: root.openDB<Buffer, string>('values', { encoding: 'binary' }) };
}

function reading(values: Database<Buffer, string>): Pick<StateStore, 'get' | 'size'> {
  return {
    get: (key) => {
      // lmdb's own `get` asks for memory for each value, which costs as much again. What this one gives is overwritten by the next.
      const found = values.getBinaryFast(key);
      return found && Buffer.from(found.subarray(0, found.length));
    },
    size: () => entries(values),
  };
}

function entries(database: Pick<Database, 'getStats'>): number {
  return (database.getStats() as { entryCount: number }).entryCount;
}

function openStore(path: string, origin: string): StateStore {
  mkdirSync(path, { recursive: true });
  const { root, values } = openFile(path, false);
  const about = root.openDB<Meta, string>('about', { encoding: 'json' });
  const dueOf = root.openDB<number, string>('dueOf', { encoding: 'ordered-binary' });
  const byDue = root.openDB<null, [due: number, key: string]>('byDue', { encoding: 'ordered-binary' });
  const clear = (): void => {
    for (const database of [values, dueOf, byDue]) database.clearSync();
    about.putSync(metaKey, { origin, position: 0, format });
  };
  /** Within a transaction. */
  const putDue = (key: string, due: number | undefined): void => {
    const before = dueOf.get(key);
    if (before === due) return;
    if (before !== undefined) void byDue.remove([before, key]);
    if (due === undefined) void dueOf.remove(key);
    else {
      void dueOf.put(key, due);
      void byDue.put([due, key], null);
    }
  };
  const stored = about.get(metaKey);
  if (stored?.origin !== origin || stored.format !== format) clear();
  return {
    ...reading(values),
    position: () => about.get(metaKey)?.position ?? 0,
    claim: () => about.get(metaKey)?.claim,
    due: (now, most) =>
      [...byDue.getKeys({ end: [now + 1, ''], limit: most })].map(([due, key]): DueKey => ({ key, due })),
    waiting: () => entries(byDue),
    setDue: async (corrections) => {
      await root.transaction(() => {
        for (const { key, value, due } of corrections) if (values.get(key)?.equals(value)) putDue(key, due);
      });
    },
    apply: async (changes, position, claim) => {
      await root.transaction(() => {
        const held = claim ?? about.get(metaKey)?.claim;
        for (const [key, value, due] of changes) {
          if (value === null) void values.remove(key);
          else void values.put(key, value);
          putDue(key, value === null ? undefined : due);
        }
        void about.put(metaKey, { origin, position, ...(held !== undefined && { claim: held }), format });
      });
    },
    clear,
    close: () => root.close(),
  };
}
