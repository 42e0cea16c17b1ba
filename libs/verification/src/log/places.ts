/** What is known of every place of token.facts: which fact lies there, and what trace it left. Six bytes a place, so that millions fit. */

/** What has been seen of a fact. */
export const seen = {
  /** A record lies here that needs a trace. */
  present: 1,
  /** token.lifecycle has an event of it. */
  traced: 2,
  /** That event says whether it was late … */
  timed: 4,
  /** … and that it was. */
  late: 8,
  /** Set aside as a repeat. */
  repeat: 16,
  /** Set aside because the token is another now. */
  merged: 32,
  /** Set aside as older than the horizon. */
  beyondHorizon: 64,
  /** Its record cannot be read. */
  unreadable: 128,
} as const;

interface Partition {
  /** Offset of the first place. */
  readonly base: number;
  hashes: Uint32Array;
  flags: Uint16Array;
  /** Places in use. */
  length: number;
}

export interface FactPlaces {
  readonly add: (partition: number, offset: number, hash: number, flags: number) => void;
  /** Adds flags to a place; beyond the last known they wait for it, since an event can be read before its fact. */
  readonly mark: (partition: number, offset: number, flags: number) => void;
  /** Zero for a place where nothing lies. */
  readonly flags: (partition: number, offset: number) => number;
  /** Of what lies at a place; zero where nothing does, undefined beyond the last place known. */
  readonly hash: (partition: number, offset: number) => number | undefined;
  /** Every place where something lies, partition by partition, in order. */
  readonly all: () => Iterable<{ readonly partition: number; readonly offset: number; readonly flags: number }>;
}

export function createPlaces(): FactPlaces {
  const partitions = new Map<number, Partition>();
  /** Flags of places beyond the last known. */
  const early = new Map<string, number>();
  const indexOf = (partition: number, offset: number): readonly [Partition, number] | undefined => {
    const found = partitions.get(partition);
    const index = found === undefined ? -1 : offset - found.base;
    return found === undefined || index < 0 || index >= found.length ? undefined : [found, index];
  };
  const hash: FactPlaces['hash'] = (partition, offset) => {
    const found = partitions.get(partition);
    if (found === undefined || offset >= found.base + found.length) return undefined;
    return found.hashes[offset - found.base] ?? 0;
  };
  const takeEarly = (partition: number, offset: number): number => {
    if (early.size === 0) return 0;
    const place = `${partition}/${offset}`;
    const flags = early.get(place) ?? 0;
    early.delete(place);
    return flags;
  };
  return {
    add: (partition, offset, factHash, flags) => {
      const known = partitions.get(partition) ?? {
        base: offset,
        hashes: new Uint32Array(64),
        flags: new Uint16Array(64),
        length: 0,
      };
      partitions.set(partition, known);
      const index = offset - known.base;
      if (index >= known.hashes.length) grow(known, index + 1);
      known.hashes[index] = factHash;
      known.flags[index] = flags | seen.present | takeEarly(partition, offset);
      known.length = Math.max(known.length, index + 1);
    },
    mark: (partition, offset, flags) => {
      const at = indexOf(partition, offset);
      if (at !== undefined) {
        at[0].flags[at[1]] = (at[0].flags[at[1]] ?? 0) | flags;
      } else if (hash(partition, offset) === undefined) {
        const place = `${partition}/${offset}`;
        early.set(place, (early.get(place) ?? 0) | flags);
      }
    },
    flags: (partition, offset) => {
      const at = indexOf(partition, offset);
      return at?.[0].flags[at[1]] ?? 0;
    },
    hash,
    all: function* () {
      for (const [partition, { base, flags, length }] of partitions) {
        for (let i = 0; i < length; i++) {
          if (((flags[i] ?? 0) & seen.present) !== 0) yield { partition, offset: base + i, flags: flags[i] ?? 0 };
        }
      }
    },
  };
}

function grow(partition: Partition, needed: number): void {
  const size = Math.max(needed, partition.hashes.length * 2);
  const hashes = new Uint32Array(size);
  const flags = new Uint16Array(size);
  hashes.set(partition.hashes);
  flags.set(partition.flags);
  partition.hashes = hashes;
  partition.flags = flags;
}

/** FNV-1a of a text, 32 bits. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
