/**
 * Writes a batch's share of the read models. Repeating a batch, or an old part of it, changes nothing.
 *
 * The guarded upsert of a token answers E11000 when nothing lower stands there: the server found no match and the insert met the `_id`.
 * That is nearly always "already applied", but it is also what the loser gets when two writers insert a new token at once (the old owner
 * of a partition finishing while the new one starts): eight writers at once lost the highest version 19 times in 200 on MongoDB 6.0.
 * So what came back E11000 is asked once more without upsert: the document exists by then, and its version decides.
 */
import { type Collections, duplicatesOf } from '@tokenline/store';
import type { AnyBulkWriteOperation, Collection, Document } from 'mongodb';
import { type DeadLetterRecord, deadLetterOperations, type Position } from './dead-letters.js';
import { timelineEntry } from './timeline.js';
import { changedOperation, type LifecycleEvent, mergedOperation, tokenWrites } from './tokens.js';

export interface Placed<R> {
  readonly record: R;
  readonly position: Position;
}

/** Applies lifecycle events of one partition to `tokens` and `timeline`. Throws when MongoDB did not take them all. */
export async function writeEvents(into: Collections, events: readonly Placed<LifecycleEvent>[]): Promise<void> {
  const { changed, merged } = tokenWrites(events.map((e) => e.record));
  const operations = (upsert: boolean) => [
    ...changed.map((doc) => changedOperation(doc, upsert)),
    ...merged.map((event) => mergedOperation(event, upsert)),
  ];
  await all([
    upsertGuarded(into.tokens, operations),
    insertNew(
      into.timeline,
      events.map((e) => timelineEntry(e.record, e.position.offset)),
    ),
  ]);
}

/** Applies records about dead letters of one partition, in order. Throws when MongoDB did not take them all. */
export async function writeDeadLetters(into: Collections, records: readonly Placed<DeadLetterRecord>[]): Promise<void> {
  const operations = records.flatMap((r) => deadLetterOperations(r.record, r.position));
  if (operations.length > 0) await into.deadLetters.bulkWrite(operations, { ordered: true });
}

/** `operations` gives the same ones each time, with upsert and without. */
async function upsertGuarded<T extends Document>(
  collection: Collection<T>,
  operations: (upsert: boolean) => readonly AnyBulkWriteOperation<T>[],
): Promise<void> {
  const first = operations(true);
  if (first.length === 0) return;
  const duplicates = await duplicatesOf(() => collection.bulkWrite(first, { ordered: false }));
  if (duplicates.length === 0) return;
  const again = operations(false);
  const undecided = duplicates.map((index) => again[index] as AnyBulkWriteOperation<T>);
  await collection.bulkWrite(undecided, { ordered: false });
}

async function insertNew<T extends Document>(collection: Collection<T>, docs: readonly T[]): Promise<void> {
  if (docs.length === 0) return;
  const operations = docs.map((document) => ({ insertOne: { document } }) as AnyBulkWriteOperation<T>);
  await duplicatesOf(() => collection.bulkWrite(operations, { ordered: false }));
}

/** Waits for every one, then throws the first failure: nothing is left running behind a batch that failed. */
async function all(work: readonly Promise<void>[]): Promise<void> {
  const failure = (await Promise.allSettled(work)).find((r) => r.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}
