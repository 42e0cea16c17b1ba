/** Records that cannot be decoded or handled: put aside in token.dead-letters, bytes sealed, so that they block nothing. */
import { createHash } from 'node:crypto';
import type { Codec } from '@tokenline/contracts';
import type { ReasonCode, Stage } from '@tokenline/domain';
import type { Sealer } from '@tokenline/sealing';
import { eventHeaders } from './headers.js';
import type { InRecord, OutRecord } from './ports.js';

export interface UndecodableParts {
  readonly codec: Pick<Codec, 'encode'>;
  readonly sealer: Sealer;
  /** Where it failed. */
  readonly stage: Stage;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const type = 'tokenline.deadletters.DeadLetter';

/** Sealed and in base64 twice over, more bytes than these would not fit a record: a letter that cannot be written blocks its partition. */
const longestKept = 400_000;

/** Makes the dead letter of a record that cannot be decoded. Its id comes from stage and position: a repeat has the same. */
export function undecodableLetters({ codec, sealer, stage, now }: UndecodableParts) {
  return async (record: InRecord, explanation: string, reasonCode: ReasonCode = 'UNDECODABLE'): Promise<OutRecord> => {
    const { topic, partition, offset } = record;
    const deadLetterId = createHash('sha256')
      .update(`${stage} ${topic} ${partition} ${offset}`)
      .digest('hex')
      .slice(0, 32);
    const failedAt = now();
    const bytes = record.value ?? Buffer.alloc(0);
    return {
      topic: 'token.dead-letters',
      // One transactional writer for each output partition: the lifecycle service writes where it read.
      ...(stage === 'LIFECYCLE' && { partition }),
      key: deadLetterId,
      value: codec.encode(type, {
        deadLetterId,
        stage,
        source: topic,
        operation: 'decode',
        reasonCode,
        explanation,
        errors: [],
        receivedAt: record.timestamp,
        failedAt,
        contentType: 'application/vnd.confluent.avro; encoding=base64',
        headers: {},
        original: bytes.length > longestKept ? undefined : await sealer.seal('original', bytes.toString('base64')),
        origin: { topic, partition, offset },
      }),
      headers: eventHeaders({
        id: deadLetterId,
        type,
        source: stage.toLowerCase(),
        time: failedAt,
        subject: deadLetterId,
        traceparent: record.headers.traceparent,
      }),
    };
  };
}
