/**
 * The local state of one partition: a copy of its changelog, on disk (LMDB), so that memory stays bounded and a restart reads only what is new.
 *
 * - Written only after the Kafka transaction that holds the same change has committed, together with the changelog offset it reaches to
 *   (one LMDB transaction): so it never holds anything uncommitted, and at worst it is behind. What it is behind by is read again; putting a
 *   value twice changes nothing.
 * - What is applied is seen at once, and written soon after, many changes in one LMDB transaction: whatever changes in a page, all of it is written, and
 *   each transaction is synced. Only the index of what falls due (below) waits for that too. One store is written after another, as the pages that
 *   a transaction changes are in memory until it is over.
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
import { createGather, type Gather } from './gather.js';

/** A change to the state: null deletes. `due` is when the key falls due, epoch ms; left out when it never does. */
export type StateChange = readonly [key: string, value: Buffer | null, due?: number | undefined];

export interface DueKey {
  readonly key: string;
  /** Epoch ms. */
  readonly due: number;
}

export interface StateStore {
  readonly get: (key: string) => Buffer | undefined;
  /** The keys due at `now` or before, the longest due first, `most` at most; as of what is on disk. */
  readonly due: (now: number, most: number) => readonly DueKey[];
  /** Keys that fall due some time, as of what is on disk. */
  readonly waiting: () => number;
  /** Corrects when keys fall due, each only while its value is the one looked at. The changelog keeps what it says. */
  readonly setDue: (corrections: readonly DueCorrection[]) => Promise<void>;
  /** Changelog offset from which on changes are not yet in here. */
  readonly position: () => number;
  /** The last claim (processor.ts) before that offset. */
  readonly claim: () => string | undefined;
  /**
   * `claim` where the changes hold one; without it the one before stands. Resolves when there is room for more to be written. Throws when what was
   * applied before cannot be written; nothing of it is lost, and the next call tries again.
   */
  readonly apply: (changes: readonly StateChange[], position: number, claim?: string) => Promise<void>;
  /** Changes applied that are not on disk yet. */
  readonly unwritten: () => number;
  /** Resolves when all that was applied before is on disk. */
  readonly flush: () => Promise<void>;
  /** Empties the copy: it will be rebuilt from the beginning of the changelog. */
  readonly clear: () => Promise<void>;
  /** Keys on disk. */
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

/** The last one of a key. */
interface Change {
  readonly value: Buffer | null;
  readonly due: number | undefined;
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
/** Twice LMDB's own: a value here takes about a kilobyte, and more of them fit into a page without a rest. */
const pageSize = 8_192;
/** So many changes are written at once, and fewer when the first of them has waited so long. */
const mostUnwritten = 5_000;
const longestUnwrittenMs = 2_000;

/** Stores below `directory`, of the Kafka cluster named `clusterId`. */
export function createStateStores(directory: string, clusterId: string): StateStores {
  const stores = new Map<string, StateStore>();
  const writes = createGather<() => Promise<void>>(async ([write]) => write?.(), { most: 1, paceMs: 0 });
  return {
    of: (topic, partition) => {
      const name = `${topic}-${partition}`;
      const known = stores.get(name);
      if (known !== undefined) return known;
      const store = openStore(join(directory, name), `${clusterId}/${name}`, writes);
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
  const root: RootDatabase = open({ path: join(path, 'state.mdb'), maxDbs: 4, readOnly, pageSize });
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

function openStore(path: string, origin: string, writes: Gather<() => Promise<void>>): StateStore {
  mkdirSync(path, { recursive: true });
  const { root, values } = openFile(path, false);
  const about = root.openDB<Meta, string>('about', { encoding: 'json' });
  const dueOf = root.openDB<number, string>('dueOf', { encoding: 'ordered-binary' });
  const byDue = root.openDB<null, [due: number, key: string]>('byDue', { encoding: 'ordered-binary' });
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
  const empty = (): void => {
    for (const database of [values, dueOf, byDue]) database.clearSync();
    about.putSync(metaKey, { origin, position: 0, format });
  };
  const stored = about.get(metaKey);
  if (stored?.origin !== origin || stored.format !== format) empty();
  const onDisk = reading(values);
  let { position, claim } = about.get(metaKey) as Meta;
  /** What is applied and not on disk: these count first, then those being written. */
  let unwritten: Map<string, Change> = new Map();
  let underway: ReadonlyMap<string, Change> = new Map();
  let failed = false;
  let timer: NodeJS.Timeout | undefined;

  const write = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    [underway, unwritten] = [unwritten, new Map()];
    const meta: Meta = { origin, position, ...(claim !== undefined && { claim }), format };
    try {
      await root.transaction(() => {
        for (const [key, { value, due }] of underway) {
          if (value === null) void values.remove(key);
          else void values.put(key, value);
          putDue(key, value === null ? undefined : due);
        }
        void about.put(metaKey, meta);
      });
      failed = false;
    } catch (error) {
      failed = true;
      unwritten = new Map([...underway, ...unwritten]);
      throw error;
    } finally {
      underway = new Map();
    }
  };
  let writing: Promise<void> | undefined;
  const flush = async (): Promise<void> => {
    await writing;
    writing ??= writes.add([write]).finally(() => {
      writing = undefined;
    });
    await writing;
  };

  return {
    get: (key) => {
      const change = unwritten.get(key) ?? underway.get(key);
      return change === undefined ? onDisk.get(key) : (change.value ?? undefined);
    },
    size: onDisk.size,
    position: () => position,
    claim: () => claim,
    due: (now, most) =>
      [...byDue.getKeys({ end: [now + 1, ''], limit: most })].map(([due, key]): DueKey => ({ key, due })),
    waiting: () => entries(byDue),
    setDue: async (corrections) => {
      await flush();
      await root.transaction(() => {
        for (const { key, value, due } of corrections) if (values.get(key)?.equals(value)) putDue(key, due);
      });
    },
    apply: async (changes, reached, claimed) => {
      for (const [key, value, due] of changes) unwritten.set(key, { value, due });
      position = reached;
      claim = claimed ?? claim;
      if (failed || unwritten.size >= mostUnwritten) await flush();
      else timer ??= setTimeout(() => void flush().catch(() => undefined), longestUnwrittenMs).unref();
    },
    unwritten: () => unwritten.size + underway.size,
    flush,
    clear: async () => {
      unwritten = new Map();
      await flush();
      empty();
      [position, claim] = [0, undefined];
    },
    close: async () => {
      await flush();
      await root.close();
    },
  };
}
