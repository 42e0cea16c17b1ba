/**
 * From the lifecycle log to the ledger.
 *
 *   records ▸ programmes, if the policy asks ▸ decide (libs/domain) ▸ ledger entries ▸ what is moot now ▸ cardholder.messages
 *     ▸ to the dispatcher, as far as it has room; published flag of the others ▸ (offsets, by the reader of libs/streams)
 *
 * Each step may be repeated from any point: an entry stands once by its id, a message keeps its id, and an event calls off only what came of
 * earlier ones. A crash between message and flag writes the message again, so its readers go by messageId. What the dispatcher has room for is
 * claimed as it is opened, and handed over once its message is out; should that fail, without: it is sent all the same, and its event comes again.
 * Old news has no message, since nobody is to be told, but the receipt of its end. What cannot be read, or cannot be right, goes to the dead letters
 * and blocks nothing.
 */
import type { AnyRecord, Codec } from '@tokenline/contracts';
import {
  byToken,
  decideActivationCodeNotice,
  decideCompletionNotice,
  decideReminder,
  decideStatusNotice,
  type Moot,
  mootByChange,
  mootByCompletion,
  mootReasonOf,
  type NoticeDecision,
  type NoticeEntry,
  type NoticeRules,
  namesProgrammes,
  statusNoticeOf,
} from '@tokenline/domain';
import type { Logger } from '@tokenline/runtime';
import type { Sealer } from '@tokenline/sealing';
import type { NoticeDoc } from '@tokenline/store';
import type { InRecord, LogWriter, OutRecord } from '@tokenline/streams';
import type { Clock } from './clock.js';
import { deadLetterRecord, type Fault } from './dead-letters.js';
import type { Ledger } from './ledger.js';
import type { Meters } from './meters.js';
import type { Programmes } from './programmes.js';
import { messageRecord, receiptRecords } from './records.js';

export interface ReaderParts {
  readonly rules: NoticeRules;
  readonly programmes: Programmes;
  readonly codec: Codec;
  readonly ledger: Ledger;
  readonly writer: LogWriter;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly meters: Meters;
  readonly log: Logger;
  /** How many entries the dispatcher takes at once. */
  readonly room: () => number;
  /** Takes entries that were claimed as they were opened. */
  readonly accept: (claimed: readonly NoticeDoc[]) => void;
  /** Told when there is something to claim. */
  readonly wake: () => void;
}

type Reading =
  | { readonly kind: 'entry'; readonly entry: NoticeEntry }
  | { readonly kind: 'nothing'; readonly result: 'no-notice' | 'other-event' | 'unknown-type' }
  | { readonly kind: 'fault'; readonly fault: Fault };

type Decoded = Awaited<ReturnType<Codec['decode']>> | undefined;

/** A handler of lifecycle records. Throws when MongoDB or the log does not answer; the records come again then. */
export function createReader(parts: ReaderParts): (records: readonly InRecord[]) => Promise<void> {
  const { rules, programmes, codec, ledger, writer, clock, meters, log } = parts;
  const asked = namesProgrammes(rules);
  return async (records) => {
    const decoded: Decoded[] = [];
    for (const { value } of records) decoded.push(value === null ? undefined : await codec.decode(value));
    const cards = new Set(asked ? decoded.flatMap((one) => (one?.ok ? (cardOf(one) ?? []) : [])) : []);
    const known = await programmes(cards);

    const entries: NoticeEntry[] = [];
    const moots: Moot[] = [];
    const traces = new Map<string, string>();
    const letters: OutRecord[] = [];
    for (const [i, record] of records.entries()) {
      const event = decoded[i];
      if (event?.ok) moots.push(...mootsOf(event));
      const reading = readingOf(event, rules, known);
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
    const now = clock.now();
    const moot = byToken(moots);
    const openings = entries.map((entry) => ({ entry, moot: mootReasonOf(entry, moot) }));
    const { added, unpublished, claimed, more } = await ledger.open(openings, now, parts.room());
    const stale = unpublished.filter((doc) => doc.reason === 'stale');
    const told = unpublished.filter((doc) => doc.reason !== 'stale');
    let published = false;
    try {
      const calledOff = await ledger.callOff(moot, now);
      if (more || calledOff > 0) parts.wake();
      await writer.write([
        ...told.map((doc) => messageRecord(codec, doc, traces.get(doc._id))),
        ...stale.flatMap((doc) => receiptRecords(codec, doc, { attemptsFrom: 1 })),
        ...letters,
      ]);
      published = true;
    } finally {
      parts.accept(claimed.map((doc) => ({ ...doc, published })));
    }
    const inHand = new Set(claimed);
    await ledger.markPublished(unpublished.flatMap((doc) => (inHand.has(doc) ? [] : [doc._id])));
    if (stale.length > 0) {
      log.warn(
        { notices: stale.length },
        'Causes became known too long after they happened; their notices are called off',
      );
      for (const doc of stale) meters.ended(doc);
    }
    meters.read('notice', added);
    meters.read('repeat', entries.length - added);
    meters.read('dead-letter', letters.length);
  };
}

function readingOf(event: Decoded, rules: NoticeRules, programmes: ReadonlyMap<string, string>): Reading {
  if (event?.ok !== true) {
    if (event?.reason === 'unknown-type') return { kind: 'nothing', result: 'unknown-type' };
    return {
      kind: 'fault',
      fault: { reasonCode: 'UNDECODABLE', explanation: 'The value cannot be read.', errors: [] },
    };
  }
  const card = cardOf(event);
  const decision = decisionOn(event, rules, card === undefined ? undefined : programmes.get(card));
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
function decisionOn(event: AnyRecord, rules: NoticeRules, programme: string | undefined): NoticeDecision | undefined {
  switch (event.type) {
    case 'tokenline.lifecycle.ProvisioningCompleted':
      return decideCompletionNotice(event.value, rules, programme);
    case 'tokenline.lifecycle.ActivationCodeIssued':
      return decideActivationCodeNotice(event.value, rules, programme);
    case 'tokenline.lifecycle.TokenChanged':
      return decideStatusNotice(event.value, rules, programme);
    case 'tokenline.lifecycle.DeadlinePassed':
      return decideReminder(event.value, rules, programme);
    default:
      return undefined;
  }
}

function mootsOf(event: AnyRecord): readonly Moot[] {
  switch (event.type) {
    case 'tokenline.lifecycle.ProvisioningCompleted':
      return mootByCompletion(event.value);
    case 'tokenline.lifecycle.TokenChanged':
      return mootByChange(event.value);
    default:
      return [];
  }
}

/** The card of an event that a notice may follow from. */
function cardOf(event: AnyRecord): string | undefined {
  switch (event.type) {
    case 'tokenline.lifecycle.ProvisioningCompleted':
    case 'tokenline.lifecycle.ActivationCodeIssued':
    case 'tokenline.lifecycle.DeadlinePassed':
      return event.value.card?.ref;
    case 'tokenline.lifecycle.TokenChanged':
      return statusNoticeOf(event.value) === undefined ? undefined : event.value.state.card?.ref;
    default:
      return undefined;
  }
}
