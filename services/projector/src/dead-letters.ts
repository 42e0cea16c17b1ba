/**
 * Read model `deadLetters`: one document for each letter, however often it failed. Pure.
 *
 *   (nothing) ── DeadLetter ──▶ OPEN ── DeadLetterRedriven(accepted) ──▶ REDRIVEN
 *                                ▲────────────── DeadLetter ────────────────┘
 *
 * Records of one letter come in order where they share a partition (the lifecycle service alone writes its letters where it read); the document's
 * watermark of each partition, the offset of the newest record applied, makes a repeat change nothing.
 * A redrive can be written to the log after the failure it led to: one that began before the last failure closes nothing.
 */
import type { AnyRecord } from '@tokenline/contracts';
import type { DeadLetter, DeadLetterRedriven } from '@tokenline/domain';
import type { DeadLetterDoc } from '@tokenline/store';
import type { AnyBulkWriteOperation, Filter } from 'mongodb';
import { sparse } from './tokens.js';

export type DeadLetterRecord = Extract<AnyRecord, { readonly type: `tokenline.deadletters.${string}` }>;

export interface Position {
  readonly partition: number;
  readonly offset: number;
}

type Operation = AnyBulkWriteOperation<DeadLetterDoc>;

/**
 * The writes of one record, to run in order. The first of a failure only makes sure the letter exists: its filter is the exact `_id`,
 * so no guarded write here needs an upsert.
 */
export function deadLetterOperations(record: DeadLetterRecord, position: Position): readonly Operation[] {
  switch (record.type) {
    case 'tokenline.deadletters.DeadLetter':
      return failed(record.value, position);
    case 'tokenline.deadletters.DeadLetterRedriven':
      return [redriven(record.value, position)];
  }
}

function failed(letter: DeadLetter, position: Position): readonly Operation[] {
  const _id = letter.deadLetterId;
  const fields = sparse<Omit<DeadLetterDoc, '_id' | 'occurrences' | 'watermarks'>>({
    stage: letter.stage,
    source: letter.source,
    operation: letter.operation,
    reasonCode: letter.reasonCode,
    explanation: letter.explanation,
    errors: letter.errors.map(({ path, message }) => ({ path, message })),
    receivedAt: new Date(letter.receivedAt),
    failedAt: new Date(letter.failedAt),
    contentType: letter.contentType,
    headers: letter.headers,
    original: letter.original,
    state: 'OPEN',
    redrivenAt: undefined,
    redriveReason: undefined,
  });
  return [
    {
      updateOne: {
        filter: { _id },
        update: { $setOnInsert: { ...fields, occurrences: [], watermarks: {} } },
        upsert: true,
      },
    },
    {
      updateOne: {
        filter: { _id, ...notYet(position) },
        update: {
          $set: { ...fields, ...reached(position) },
          $addToSet: { occurrences: `${position.partition}:${position.offset}` },
        },
      },
    },
  ];
}

function redriven(redrive: DeadLetterRedriven, position: Position): Operation {
  const _id = redrive.deadLetterId;
  const at = new Date(redrive.redrivenAt);
  const newer = { _id, ...notYet(position) };
  return redrive.accepted
    ? {
        updateOne: {
          filter: { ...newer, failedAt: { $lte: at } },
          update: {
            $set: { state: 'REDRIVEN', redrivenAt: at, ...reached(position) },
            $unset: { redriveReason: '' },
          },
        },
      }
    : {
        updateOne: {
          filter: newer,
          update: { $set: { redriveReason: redrive.reasonCode ?? 'REFUSED', ...reached(position) } },
        },
      };
}

/** Matches a document the record at this position has not been applied to. */
function notYet({ partition, offset }: Position): Filter<DeadLetterDoc> {
  const path = `watermarks.p${partition}`;
  return { $or: [{ [path]: { $exists: false } }, { [path]: { $lt: offset } }] };
}

function reached({ partition, offset }: Position): Record<string, number> {
  return { [`watermarks.p${partition}`]: offset };
}
