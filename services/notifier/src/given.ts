/**
 * For tests on real Kafka, registry and MongoDB: a stack under a prefix of its own, a fresh database for each test, builders of lifecycle events,
 * channels that write down what reaches them, and a clock that stands until it is moved.
 */
import { randomUUID } from 'node:crypto';
import { type Codec, createCodec, type RecordName, registerSchemas } from '@tokenline/contracts';
import type {
  ActivationCodeIssued,
  CardholderMessage,
  DeadlinePassed,
  DeliveryReceipt,
  ProvisioningCompleted,
  TokenChanged,
  TopicRecords,
} from '@tokenline/domain';
import { completionEvent } from '@tokenline/domain/testing';
import { createLogger, loadConfig, Registry } from '@tokenline/runtime';
import { createSealer, generateKeySet, parseKeySet } from '@tokenline/sealing';
import { collections, connectStore, deployStore, type NoticeDoc, type Store } from '@tokenline/store';
import { createLog, eventHeaders, type InRecord, type Log, type LogWriter, type OutRecord } from '@tokenline/streams';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Channel, ChannelAnswer, Delivery } from './channels/port.js';
import { type Clock, systemClock } from './clock.js';
import { createNotifier, type Notifier, type NotifierParts } from './notifier.js';

export const prefix = `nt${randomUUID().slice(0, 8)}-`;
export const config = loadConfig({
  ...process.env,
  TOKENLINE_MODE: 'local',
  TOKENLINE_TOPIC_PREFIX: prefix,
  TOKENLINE_SEALING_KEYS: generateKeySet(),
  TOKENLINE_LOG_LEVEL: 'silent',
});
export const log = createLogger('notifier-test', 'silent');
export const sealer = createSealer(parseKeySet(config.sealingKeys));
export const minute = 60_000;

export let kafka: Log;
export let writer: LogWriter;
export let codec: Codec;
export let store: Store;
/** What a test has to end, last first. */
export const ends: (() => Promise<void> | void)[] = [];

/** To be called once in a test file: makes topics and a codec for the file, and a database for each of its tests. */
export function useStack(): void {
  beforeAll(async () => {
    await registerSchemas(config.schemaRegistryUrl, prefix);
    kafka = createLog(config.kafka, prefix, log, 'notifier-test');
    await kafka.ensureTopics();
    writer = kafka.writer();
    codec = await createCodec(config.schemaRegistryUrl, prefix);
  });

  afterAll(async () => {
    await writer.close();
  });

  beforeEach(async () => {
    store = await connectStore(config.mongodbUri, `${prefix}${randomUUID().slice(0, 8)}`);
    await deployStore(store);
  });

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    await store.db.dropDatabase();
    await store.close();
  });
}

// ── Builders ────────────────────────────────────────────────────────────────────────────────────

export function completed(fields: Partial<ProvisioningCompleted> = {}): ProvisioningCompleted {
  const [eventId, tokenId, factId, publicToken] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  return completionEvent({ eventId, tokenId, factId, publicToken }, Date.now(), fields);
}

export function issued(fields: Partial<ActivationCodeIssued> = {}): ActivationCodeIssued {
  const { completedAt: _completedAt, ...base } = completed({ factKind: 'ACTIVATION_CODE_ISSUED' });
  return { ...base, method: 'SMS', expiresAt: base.occurredAt + 15 * minute, ...fields };
}

/** A change of status, as the fold publishes it. */
export function changed(from: string, to: string, fields: Partial<TokenChanged> = {}): TokenChanged {
  const { completedAt, network, tokenType, wallet, device, card, ...base } = completed({
    factKind: to === 'SUSPENDED' ? 'TOKEN_SUSPENDED' : 'UNKNOWN',
  });
  const { tokenId, version } = { ...base, ...fields };
  return {
    ...base,
    late: false,
    changes: [{ field: 'status', from, to }],
    state: {
      tokenId,
      version,
      ...{ network, tokenType, wallet, device, card },
      status: to as TokenChanged['state']['status'],
      suspendedBy: [],
      provisioning: {},
      bindings: [],
      aliases: [],
      updatedAt: completedAt,
    },
    ...fields,
  };
}

/** A deadline that passed `after` milliseconds after it began. */
export function passed(
  purpose: DeadlinePassed['deadline']['purpose'],
  after: number,
  dueAt: number,
  fields: Partial<DeadlinePassed> = {},
): DeadlinePassed {
  const { completedAt: _completedAt, ...base } = completed({ factKind: 'UNKNOWN', occurredAt: dueAt });
  return { ...base, deadline: { purpose, since: dueAt - after, dueAt }, ...fields };
}

type Told = ProvisioningCompleted | ActivationCodeIssued | TokenChanged | DeadlinePassed;

function typeOf(event: Told) {
  if ('completedAt' in event) return 'tokenline.lifecycle.ProvisioningCompleted';
  if ('deadline' in event) return 'tokenline.lifecycle.DeadlinePassed';
  return 'state' in event ? 'tokenline.lifecycle.TokenChanged' : 'tokenline.lifecycle.ActivationCodeIssued';
}

export function lifecycleRecord(event: Told): OutRecord {
  const type = typeOf(event);
  return {
    topic: 'token.lifecycle',
    key: event.tokenId,
    value: codec.encode(type, event as never),
    headers: eventHeaders({
      id: event.eventId,
      type,
      source: 'lifecycle',
      time: event.occurredAt,
      subject: event.tokenId,
    }),
  };
}

/** The record as a reader would hand it over, for tests that need no broker on the way in. */
export function read(event: Told, offset = 0): InRecord {
  const { topic, key, value, headers } = lifecycleRecord(event);
  return { topic, key, value, headers: headers ?? {}, partition: 0, offset, timestamp: event.recordedAt };
}

export interface Sent {
  readonly by: string;
  readonly noticeId: string;
  readonly key: string;
}

export type Answer = (delivery: Delivery, n: number) => ChannelAnswer | Promise<ChannelAnswer>;

/** A channel that writes down what reached it before it answers. */
export function recorder(
  sent: Sent[],
  answer: Answer = () => ({ outcome: 'DELIVERED' }),
  fields: Partial<Channel> = {},
): Channel {
  const by = randomUUID();
  let n = 0;
  return {
    name: 'programme-webhook',
    reaches: 'programme',
    uses: [],
    send: async (delivery) => {
      sent.push({ by, noticeId: delivery.noticeId, key: delivery.idempotencyKey });
      return answer(delivery, ++n);
    },
    close: async () => undefined,
    ...fields,
  };
}

export function notifier(
  channels: readonly Channel[],
  clock: Clock = systemClock,
  parts: Partial<NotifierParts> = {},
): Notifier {
  return createNotifier({ codec, store, writer, sealer, channels, clock, metrics: new Registry(), log, ...parts });
}

/** A clock that stands until it is moved. */
export function virtualClock(at: number): Clock & { move: (ms: number) => void } {
  let now = at;
  return {
    now: () => now,
    move: (ms) => {
      now += ms;
    },
  };
}

export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  ms = 20_000,
): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${ms} ms for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const notices = () => collections(store.db).notices;
export const noticeOf = (tokenId: string): Promise<NoticeDoc | null> => notices().findOne({ tokenId });

/** Everything of one record type in its topic, about these tokens. */
async function logged<N extends RecordName>(
  topic: OutRecord['topic'],
  type: N,
  tokenIds: ReadonlySet<string>,
): Promise<TopicRecords[N][]> {
  const found: TopicRecords[N][] = [];
  await kafka.scan(topic, async (record) => {
    if (!tokenIds.has(record.key)) return;
    const decoded = await codec.decode(record.value as Buffer);
    if (decoded.ok && decoded.type === type) found.push(decoded.value as TopicRecords[N]);
  });
  return found;
}

export const messages = (...ids: string[]): Promise<CardholderMessage[]> =>
  logged('cardholder.messages', 'tokenline.cardholder.CardholderMessage', new Set(ids));
export const receipts = (...ids: string[]): Promise<DeliveryReceipt[]> =>
  logged('cardholder.receipts', 'tokenline.cardholder.DeliveryReceipt', new Set(ids));

/** Lets virtual time pass in steps, as the loop would look. */
export async function pass(
  one: Notifier,
  clock: ReturnType<typeof virtualClock>,
  ms: number,
  step = 15_000,
): Promise<void> {
  for (let gone = 0; gone < ms; gone += step) {
    clock.move(step);
    await one.runOnce();
  }
}
