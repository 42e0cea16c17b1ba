/** What the notifier cannot read: sealed, and known by its place in the log, so that a repeat is the same letter. */
import type { Codec } from '@tokenline/contracts';
import type { DeadLetter, FieldError } from '@tokenline/domain';
import type { Sealer } from '@tokenline/sealing';
import { eventHeaders, type InRecord, type OutRecord } from '@tokenline/streams';

export interface Fault {
  readonly reasonCode: string;
  readonly explanation: string;
  readonly errors: readonly FieldError[];
}

/** The dead letter of a record. The original is sealed as base64 of its bytes. `now` is epoch milliseconds. */
export async function deadLetterRecord(
  codec: Codec,
  sealer: Sealer,
  record: InRecord,
  fault: Fault,
  now: number,
): Promise<OutRecord> {
  const { topic, partition, offset } = record;
  const letter: DeadLetter = {
    ...fault,
    deadLetterId: `notifier-${topic}-${partition}-${offset}`,
    stage: 'NOTIFIER',
    source: topic,
    operation: 'notice',
    receivedAt: record.timestamp,
    failedAt: now,
    contentType: 'application/vnd.confluent.avro; encoding=base64',
    headers: {},
    ...(record.value !== null && { original: await sealer.seal('original', record.value.toString('base64')) }),
    origin: { topic, partition, offset },
  };
  return {
    topic: 'token.dead-letters',
    key: letter.deadLetterId,
    value: codec.encode('tokenline.deadletters.DeadLetter', letter),
    headers: eventHeaders({
      id: letter.deadLetterId,
      type: 'tokenline.deadletters.DeadLetter',
      source: 'notifier',
      time: now,
      subject: letter.deadLetterId,
    }),
  };
}
