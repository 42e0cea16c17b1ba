/**
 * From the lifecycle log to the ledger.
 *
 *   records ▸ decide (libs/domain) ▸ ledger entries ▸ cardholder.messages ▸ published flag ▸ (offsets, by the reader of libs/streams)
 *
 * Each step may be repeated from any point: an entry stands once by its id, a message keeps its id. A crash between message and flag writes the
 * message again, so its readers go by messageId. What cannot be read, or cannot be right, goes to the dead letters and blocks nothing.
 */
import type { AnyRecord, Codec } from '@tokenline/contracts';
import {
  decideActivationCodeNotice,
  decideCompletionNotice,
  type NoticeDecision,
  type NoticeEntry,
} from '@tokenline/domain';
import type { Logger } from '@tokenline/runtime';
import type { Sealer } from '@tokenline/sealing';
import type { InRecord, LogWriter, OutRecord } from '@tokenline/streams';
import type { Clock } from './clock.js';
import { deadLetterRecord, type Fault } from './dead-letters.js';
import type { Ledger } from './ledger.js';
import type { Meters } from './meters.js';
import { messageRecord } from './records.js';

export interface ReaderParts {
  readonly codec: Codec;
  readonly ledger: Ledger;
  readonly writer: LogWriter;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly meters: Meters;
  readonly log: Logger;
  /** Told when there is something new to send. */
  readonly wake: () => void;
}

type Reading =
  | { readonly kind: 'entry'; readonly entry: NoticeEntry }
  | { readonly kind: 'nothing'; readonly result: 'no-notice' | 'other-event' | 'unknown-type' }
  | { readonly kind: 'fault'; readonly fault: Fault };

/** A handler of lifecycle records. Throws when MongoDB or the log does not answer; the records come again then. */
export function createReader(parts: ReaderParts): (records: readonly InRecord[]) => Promise<void> {
  const { codec, ledger, writer, clock, meters, log } = parts;
  return async (records) => {
    const entries: NoticeEntry[] = [];
    const traces = new Map<string, string>();
    const letters: OutRecord[] = [];
    for (const record of records) {
      const reading = await read(codec, record);
      switch (reading.kind) {
        case 'entry':
          entries.push(reading.entry);
          if (record.headers.traceparent !== undefined) traces.set(reading.entry.noticeId, record.headers.traceparent);
          break;
        case 'nothing':
          meters.read(reading.result);
          break;
        case 'fault':
          log.error(
            { partition: record.partition, offset: record.offset, code: reading.fault.reasonCode },
            'A lifecycle record went to the dead letters',
          );
          letters.push(await deadLetterRecord(codec, parts.sealer, record, reading.fault, clock.now()));
      }
    }
    const { added, unpublished } = await ledger.open(entries, clock.now());
    if (added > 0) parts.wake();
    await writer.write([...unpublished.map((doc) => messageRecord(codec, doc, traces.get(doc._id))), ...letters]);
    await ledger.markPublished(unpublished.map((doc) => doc._id));
    meters.read('notice', added);
    meters.read('repeat', entries.length - added);
    meters.read('dead-letter', letters.length);
  };
}

async function read(codec: Codec, record: InRecord): Promise<Reading> {
  const decoded =
    record.value === null
      ? ({ ok: false, reason: 'undecodable', message: 'The record has no value.' } as const)
      : await codec.decode(record.value);
  if (!decoded.ok) {
    if (decoded.reason === 'unknown-type') return { kind: 'nothing', result: 'unknown-type' };
    return {
      kind: 'fault',
      fault: { reasonCode: 'UNDECODABLE', explanation: 'The value cannot be read.', errors: [] },
    };
  }
  const decision = decisionOn(decoded);
  if (decision === undefined) return { kind: 'nothing', result: 'other-event' };
  switch (decision.decided) {
    case 'notice':
      return { kind: 'entry', entry: decision.entry };
    case 'none':
      return { kind: 'nothing', result: 'no-notice' };
    case 'invalid': {
      const { field, message } = decision;
      return {
        kind: 'fault',
        fault: {
          reasonCode: 'EVENT_INVALID',
          explanation: `No notice can be made of this event: ${field} ${message}.`,
          errors: [{ path: field, message }],
        },
      };
    }
  }
}

/** Undefined for events no notice follows from. */
function decisionOn(event: AnyRecord): NoticeDecision | undefined {
  switch (event.type) {
    case 'tokenline.lifecycle.ProvisioningCompleted':
      return decideCompletionNotice(event.value);
    case 'tokenline.lifecycle.ActivationCodeIssued':
      return decideActivationCodeNotice(event.value);
    default:
      return undefined;
  }
}
