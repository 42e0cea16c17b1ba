/**
 * Writes a lot's share of the read models. Repeating a lot, or an old part of it, changes nothing.
 *
 * A timeline entry is inserted: E11000 means it stands there. A token is written once for a lot, with the last of its portions, so no two writes
 * of one lot meet at a document: inserted when it is new in this lot, and what is answered E11000 (the lot comes again, or a merge has made the
 * document) goes on as a guarded upsert, as all others do. Upserts by `_id` alone that meet, the old owner of a partition finishing while the
 * new one starts, the server itself repeats.
 */
import { type Collections, duplicatesOf } from '@tokenline/store';
import type { AnyBulkWriteOperation, Collection, Document } from 'mongodb';
import { type DeadLetterRecord, deadLetterOperations, type Position } from './dead-letters.js';
import { timelineEntry } from './timeline.js';
import { changedOperation, gatherTokens, type LifecycleEvent, mergedOperation, type TokenWrites } from './tokens.js';

export interface Placed<R> {
  readonly record: R;
  readonly position: Position;
}

/** Writes one portion of a lot; the last one says so. Throws when MongoDB did not take it all. */
export type WritePortion<R> = (records: readonly Placed<R>[], last: boolean) => Promise<void>;

/** Applies the lifecycle events of a lot to `tokens` and `timeline`. */
export function eventWriter(into: Pick<Collections, 'tokens' | 'timeline'>): WritePortion<LifecycleEvent> {
  const tokens = gatherTokens();
  return async (events, last) => {
    for (const { record } of events) tokens.add(record);
    const entries = events.map(({ record, position }) => timelineEntry(record, position.offset));
    await all([last ? writeTokens(into.tokens, tokens.writes()) : undefined, insertNew(into.timeline, entries)]);
  };
}

async function writeTokens(tokens: Collections['tokens'], { fresh, changed, merged }: TokenWrites): Promise<void> {
  await all([
    insertNew(tokens, fresh).then((known) => upsert(tokens, known.map(changedOperation))),
    upsert(tokens, [...changed.map(changedOperation), ...merged.map(mergedOperation)]),
  ]);
}

/** Applies records about dead letters of one partition, in order. Throws when MongoDB did not take them all. */
export async function writeDeadLetters(into: Collections, records: readonly Placed<DeadLetterRecord>[]): Promise<void> {
  const operations = records.flatMap((r) => deadLetterOperations(r.record, r.position));
  if (operations.length > 0) await into.deadLetters.bulkWrite(operations, { ordered: true });
}

async function upsert<T extends Document>(
  collection: Collection<T>,
  operations: readonly AnyBulkWriteOperation<T>[],
): Promise<void> {
  if (operations.length > 0) await collection.bulkWrite(operations, { ordered: false });
}

/** Inserts what is not there yet; gives what is. */
async function insertNew<T extends Document>(collection: Collection<T>, docs: readonly T[]): Promise<readonly T[]> {
  if (docs.length === 0) return [];
  const operations = docs.map((document) => ({ insertOne: { document } }) as AnyBulkWriteOperation<T>);
  const duplicates = await duplicatesOf(() => collection.bulkWrite(operations, { ordered: false }));
  return duplicates.map((index) => docs[index] as T);
}

/** Waits for every one, then throws the first failure: nothing is left running behind a portion that failed. */
async function all(work: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  const failure = (await Promise.allSettled(work)).find((r) => r.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}
