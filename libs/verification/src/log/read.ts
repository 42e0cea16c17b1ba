/** Reading the log into the view, topic by topic, each time on from where the last reading ended. */
import { type Codec, type Decoded, type TopicName, topics } from '@tokenline/contracts';
import type { InRecord, Log } from '@tokenline/streams';
import { inClear } from '../rules/secrets.js';
import { takeFact } from './facts.js';
import { createLifecycleTaker, isLifecycleEvent } from './lifecycle.js';
import { own } from './packed.js';
import { placeText } from './place.js';
import { tokenOf, type View } from './view.js';

/** What verification needs of the log. */
export type ReadableLog = Pick<Log, 'scanFrom' | 'committed'>;

/**
 * Upstream before downstream: what is found upstream has had time to leave its trace downstream. Ledger entries come from MongoDB, between
 * these two lots: their messages and receipts are on the log before the ledger says so.
 */
export const beforeDocuments: readonly TopicName[] = [
  'tsp.inbound',
  'token.facts',
  'token.lifecycle',
  'token.state',
  'lifecycle.store',
  'token.dead-letters',
];
export const afterDocuments: readonly TopicName[] = ['cardholder.messages', 'cardholder.receipts'];

export interface LogReading {
  /** Reads topics on to their present ends, in order; gives how many records were new. */
  readonly on: (names: readonly TopicName[]) => Promise<number>;
  /** Where reading stands, by topic and partition. */
  readonly ends: () => ReadonlyMap<TopicName, ReadonlyMap<number, number>>;
  /** Records read so far, by topic. */
  readonly counts: () => Readonly<Record<string, number>>;
}

export interface ReadingParts {
  readonly log: ReadableLog;
  readonly codec: Codec;
  readonly view: View;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly onProgress?: ((line: string) => void) | undefined;
}

/** A reading that begins at the beginning of every topic. */
export function createReading({ log, codec, view, startedAt, onProgress }: ReadingParts): LogReading {
  const ends = new Map<TopicName, ReadonlyMap<number, number>>();
  const counts: Record<string, number> = {};
  const take = createTaker(codec, view, startedAt - retentionOf('token.dead-letters'));
  return {
    on: async (names) => {
      let fresh = 0;
      for (const topic of names) {
        const from = ends.get(topic) ?? new Map<number, number>();
        const reached = await log.scanFrom(topic, from, async (record) => {
          fresh += 1;
          const count = (counts[topic] ?? 0) + 1;
          counts[topic] = count;
          if (count % 50_000 === 0) onProgress?.(`${topic}: ${count} records read`);
          await take(record);
        });
        ends.set(topic, reached);
      }
      return fresh;
    },
    ends: () => ends,
    counts: () => counts,
  };
}

/** How long a topic keeps its records, in milliseconds; for ever is Infinity. */
export function retentionOf(topic: TopicName): number {
  const kept = topics.find((spec) => spec.name === topic)?.retentionMs ?? -1;
  return kept < 0 ? Number.POSITIVE_INFINITY : kept;
}

/** `lapsed`: records before that time (epoch ms) may have lost their dead letters. */
function createTaker(codec: Codec, view: View, lapsed: number): (record: InRecord) => Promise<void> {
  const takeEvent = createLifecycleTaker(view);
  const readable = view.tallies.of('LOG_READABLE');
  const clean = view.tallies.of('NOTHING_SENSITIVE');
  return async (record) => {
    const { topic, partition, offset } = record;
    if (topic === 'token.state' || topic === 'lifecycle.store') {
      takeLatest(view, record, topic === 'token.state' ? 'published' : 'stored');
      return;
    }
    const decoded = record.value === null ? undefined : await codec.decode(record.value);
    readable.check();
    if (decoded?.ok) {
      clean.check();
      const paths = inClear(decoded.value);
      if (paths.length > 0) clean.fail({ where: placeText(topic, record), what: `in clear at ${paths.join(', ')}` });
    }
    switch (topic) {
      case 'tsp.inbound':
        view.inbound.add(
          { partition, offset },
          decoded?.ok && decoded.type === 'tokenline.inbound.InboundMessage' ? decoded.value : undefined,
        );
        return;
      case 'token.facts':
        if (record.timestamp < lapsed) view.lettersLapsed.set(partition, offset + 1);
        takeFact(view, record, decoded);
        return;
      case 'token.lifecycle':
        if (decoded?.ok && isLifecycleEvent(decoded)) await takeEvent(record, decoded);
        break;
      case 'token.dead-letters':
        takeLetter(view, record, decoded);
        break;
      case 'cardholder.messages':
      case 'cardholder.receipts':
        takeTelling(view, decoded);
        break;
    }
    if (!isReadable(decoded)) view.unreadable.push({ topic, partition, offset });
  };
}

/** A type this code does not know is readable. */
function isReadable(decoded: Decoded | undefined): boolean {
  return decoded?.ok === true || decoded?.reason === 'unknown-type';
}

/** Of a compacted topic, what stands last; it is read when the token is judged. A tombstone under a name no token has marks the end of a restore. */
function takeLatest(view: View, { key, value, partition, offset }: InRecord, as: 'published' | 'stored'): void {
  const token = value === null ? view.tokens.get(key) : tokenOf(view, key);
  if (token === undefined) return;
  // As a rule the topic's last state is the last change's: the same bytes serve for both.
  const known = token.state?.bytes;
  const bytes = value === null ? null : known?.equals(value) ? known : own(value);
  token[as] = { bytes, partition, offset };
  token.newestIn = view.reading;
}

function takeLetter(view: View, { partition, offset }: InRecord, decoded: Decoded | undefined): void {
  if (!decoded?.ok) return;
  const place = { partition, offset };
  if (decoded.type === 'tokenline.deadletters.DeadLetter') view.letters.failed(decoded.value, place, view.reading);
  if (decoded.type === 'tokenline.deadletters.DeadLetterRedriven')
    view.letters.redriven(decoded.value, place, view.reading);
}

function takeTelling(view: View, decoded: Decoded | undefined): void {
  if (!decoded?.ok) return;
  if (decoded.type === 'tokenline.cardholder.CardholderMessage') view.told.add(decoded.value.noticeId);
  if (decoded.type === 'tokenline.cardholder.DeliveryReceipt') {
    const { outcome, noticeId } = decoded.value;
    if (outcome === 'ACCEPTED' || outcome === 'DELIVERED') view.receipted.add(noticeId);
  }
}
