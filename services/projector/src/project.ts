/** From log records to read models: decode, put aside what cannot be decoded, skip what is not known, write the rest. */
import type { AnyRecord, Codec } from '@tokenline/contracts';
import { reasons } from '@tokenline/domain';
import type { Logger } from '@tokenline/runtime';
import type { Collections, ProjectionName } from '@tokenline/store';
import type { InRecord, LogWriter, OutRecord, ReaderOptions } from '@tokenline/streams';
import type { DeadLetterRecord } from './dead-letters.js';
import type { Meters } from './meters.js';
import { overlap } from './overlap.js';
import type { LifecycleEvent } from './tokens.js';
import { eventWriter, type Placed, type WritePortion, writeDeadLetters } from './write.js';

export interface Projecting {
  readonly codec: Codec;
  readonly into: Collections;
  readonly writer: Pick<LogWriter, 'write'>;
  /** The dead letter of a record that cannot be decoded. */
  readonly putAside: (record: InRecord, why: string) => Promise<OutRecord>;
  readonly meters: Meters;
  readonly log: Logger;
}

type OnRecords = ReaderOptions['onRecords'];

/** Keeps `tokens` and `timeline` from token.lifecycle. Writes of events commute (tokens.ts), so several are under way at once. */
export function projectEvents(with_: Projecting): OnRecords {
  return handler(with_, 'tokens', isLifecycleEvent, () => eventWriter(with_.into), 3);
}

/** Keeps `deadLetters` from token.dead-letters, whose records must be applied in their order. */
export function projectDeadLetters(with_: Projecting): OnRecords {
  return handler(with_, 'deadLetters', isDeadLetterRecord, () => (records) => writeDeadLetters(with_.into, records), 1);
}

/** What keeps each projection. */
export const projectors: Readonly<Record<ProjectionName, (with_: Projecting) => OnRecords>> = {
  tokens: projectEvents,
  'dead-letters': projectDeadLetters,
};

/** Most records decoded and written at once. */
const portion = 1_000;

interface Portion {
  readonly records: readonly InRecord[];
  readonly last: boolean;
}

interface Sorted<R> {
  readonly ours: readonly Placed<R>[];
  /** Types of records that are not known here. */
  readonly skipped: readonly string[];
  readonly undecodable: number;
  readonly last: boolean;
}

/**
 * The reader commits offsets once this returned; when it throws (MongoDB, registry or log away) the same records come again.
 * So everything in it may happen twice, and nothing in it may be lost.
 */
function handler<R extends AnyRecord>(
  { codec, writer, putAside, meters, log }: Projecting,
  model: string,
  isOurs: (record: AnyRecord) => record is R,
  /** Begins the writing of one lot. */
  begin: () => WritePortion<R>,
  atOnce: number,
): OnRecords {
  const sort = async ({ records, last }: Portion): Promise<Sorted<R>> => {
    const ours: Placed<R>[] = [];
    const skipped: string[] = [];
    const aside: OutRecord[] = [];
    for (const record of records) {
      const decoded = await codec.decode(record.value ?? Buffer.alloc(0));
      if (decoded.ok && isOurs(decoded)) ours.push({ record: decoded, position: positionOf(record) });
      else if (decoded.ok || decoded.reason === 'unknown-type') skipped.push(decoded.type);
      else aside.push(await putAside(record, reasons.UNDECODABLE.sentence));
    }
    if (aside.length > 0) {
      await writer.write(aside);
      log.error({ records: aside.length, topic: records[0]?.topic }, 'Undecodable records put aside as dead letters');
    }
    return { ours, skipped, undecodable: aside.length, last };
  };
  const keep = async (write: WritePortion<R>, { ours, skipped, undecodable, last }: Sorted<R>): Promise<void> => {
    await meters.timed(model, () => write(ours, last));
    for (const [type, count] of tally(ours.map(({ record }) => record.type))) meters.count(type, 'applied', count);
    for (const [type, count] of tally(skipped)) meters.count(type, 'skipped', count);
    if (undecodable > 0) meters.count('undecodable', 'undecodable', undecodable);
  };
  return (records) => {
    const write = begin();
    return overlap(portionsOf(records), sort, (sorted) => keep(write, sorted), atOnce);
  };
}

function portionsOf(records: readonly InRecord[]): readonly Portion[] {
  const count = Math.ceil(records.length / portion);
  return Array.from({ length: count }, (_, n) => ({
    records: records.slice(n * portion, (n + 1) * portion),
    last: n === count - 1,
  }));
}

function tally(types: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

function positionOf({ partition, offset }: InRecord): Placed<unknown>['position'] {
  return { partition, offset };
}

function isLifecycleEvent(record: AnyRecord): record is LifecycleEvent {
  return record.type.startsWith('tokenline.lifecycle.');
}

function isDeadLetterRecord(record: AnyRecord): record is DeadLetterRecord {
  return record.type.startsWith('tokenline.deadletters.');
}
