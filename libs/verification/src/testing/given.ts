/**
 * For tests: a whole system as plain lists of records and documents, composed from facts by the real core, so that a test can spoil one thing and
 * see which invariant notices. Two partitions a topic.
 */
import type { AnyRecord, Codec, Decoded, RecordName, TopicName } from '@tokenline/contracts';
import {
  type ActivationCodeIssued,
  aliasKey,
  type CardholderMessage,
  type DeadLetter,
  type DeliveryReceipt,
  decide,
  type InboundMessage,
  type ProvisioningCompleted,
  type TokenFact,
  type TokenMemory,
  type TokenState,
} from '@tokenline/domain';
import type {
  ActivationCodeDoc,
  AliasDoc,
  CardholderDoc,
  DeadLetterDoc,
  IdentityDoc,
  NoticeDoc,
  TimelineDoc,
  TokenDoc,
} from '@tokenline/store';
import type { InRecord } from '@tokenline/streams';
import type { ReadCollections } from '../documents.js';
import type { InvariantCode } from '../invariants.js';
import type { ReadableLog } from '../log/read.js';
import type { Report, Verdict } from '../report.js';
import { type VerifyOptions, verify } from '../verify.js';

export const noon = Date.UTC(2030, 0, 15, 12);
/** When the tests' verification looks. */
export const evening = noon + 6 * 60 * 60 * 1000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A record on its topic. A value that is text stands for bytes nobody can decode. */
export interface WorldRecord {
  readonly topic: TopicName;
  readonly partition: number;
  offset: number;
  key: string;
  value: AnyRecord | null | string;
}

export interface World {
  /** By topic and place; a test may change, add and remove. */
  records: WorldRecord[];
  readonly documents: {
    tokens: Mutable<TokenDoc>[];
    timeline: Mutable<TimelineDoc>[];
    deadLetters: Mutable<DeadLetterDoc>[];
    notices: Mutable<NoticeDoc>[];
    aliases: Mutable<AliasDoc>[];
    identities: Mutable<IdentityDoc>[];
    cardholders: Mutable<CardholderDoc>[];
    activationCodes: Mutable<ActivationCodeDoc>[];
  };
  /** Distance of neighbouring offsets: transactions end in markers nobody sees. */
  readonly stride: number;
  /** Offsets committed, by group and partition; a group that is not named here has handled everything. */
  readonly committed: Record<string, Record<number, number>>;
}

let serial = 0;

/** A fact `seconds` after noon. Ids count up, so two calls give two facts. */
export function fact(kind: TokenFact['kind'], seconds: number, extra: Partial<TokenFact> = {}): TokenFact {
  serial += 1;
  const at = noon + seconds * 1_000;
  const tokenId = extra.tokenId ?? 't1';
  return {
    factId: `f${serial}`,
    tokenId,
    network: 'VTS',
    kind,
    occurredAt: at,
    occurredAtSource: 'SOURCE',
    receivedAt: at + 500,
    source: 'canonical',
    sourceMessageId: String(serial),
    actor: 'NETWORK',
    tokenType: 'SECURE_ELEMENT',
    aliases: [{ kind: 'threddPaymentTokenId', value: tokenId.replace(/\D/g, '') }],
    ...extra,
  };
}

const active = { reportedStatus: 'ACTIVE' } as const;
const inactive = { reportedStatus: 'INACTIVE' } as const;

/** A Visa device token stepped up, complete at the last fact (visa-vts-and-thredd-ehi.md 5.4, scenario 3). */
export function yellowStory(tokenId = 't1', extra: Partial<TokenFact> = {}): TokenFact[] {
  const of = { tokenId, ...extra };
  return [
    fact('PROVISIONING_REQUESTED', 0, { ...of, decision: 'AUTHENTICATE' }),
    fact('TOKEN_CREATED', 1, { ...of, ...inactive }),
    fact('ACTIVATION_CODE_ISSUED', 20, { ...of, ...inactive, activation: { method: 'SMS' } }),
    fact('DEVICE_PROVISIONED', 22, { ...of, ...inactive }),
    fact('AUTHENTICATION_SUCCEEDED', 90, { ...of, ...active }),
  ];
}

/** A Visa device token approved at once. */
export function greenStory(tokenId = 't1', extra: Partial<TokenFact> = {}): TokenFact[] {
  const of = { tokenId, ...extra };
  return [
    fact('PROVISIONING_REQUESTED', 0, { ...of, decision: 'APPROVED' }),
    fact('TOKEN_CREATED', 1, { ...of, ...active }),
    fact('DEVICE_PROVISIONED', 9, { ...of, ...active }),
  ];
}

export interface Seams {
  /** Stands between inbound and facts; the real one keeps every fact. */
  readonly map?: (fact: TokenFact) => readonly TokenFact[];
  /** Stands in for the core's decision. */
  readonly decide?: typeof decide;
  /** Whose turn it is among so many tokens that have facts waiting; the one whose fact came first when left out. */
  readonly turn?: (tokens: number) => number;
  /** Which document stands after a change; the real one is the newer. */
  readonly apply?: (standing: TokenDoc | undefined, changed: TokenDoc) => TokenDoc;
}

/** The system as it stands once these facts have gone through all of it, in this order of arrival. */
export function world(facts: readonly TokenFact[], seams: Seams = {}, stride = 2): World {
  const documents = {
    tokens: [],
    timeline: [],
    deadLetters: [],
    notices: [],
    aliases: [],
    identities: [],
    cardholders: [],
    activationCodes: [],
  };
  return arrive({ records: [], documents, stride, committed: {} }, facts, seams);
}

/** Sends more facts through a system, about tokens it has not heard of. */
export function arrive(made: World, facts: readonly TokenFact[], seams: Seams = {}): World {
  const memories = new Map<string, TokenMemory>();
  const queue: TokenFact[] = [];
  for (const one of facts) {
    if (one.source !== 'tokenline' && one.source !== 'lifecycle')
      append(made, 'tsp.inbound', one.tokenId, inbound(one));
    queue.push(...(seams.map ?? keep)(one));
    index(made, one);
  }
  for (let next = takeNext(queue, seams); next !== undefined; next = takeNext(queue, seams)) {
    const { partition, offset } = append(made, 'token.facts', next.tokenId, {
      type: 'tokenline.facts.TokenFact',
      value: next,
    });
    const cause = { topic: 'token.facts', partition, offset };
    const consequence = (seams.decide ?? decide)(memories.get(next.tokenId), next, cause);
    memories.set(next.tokenId, consequence.memory);
    for (const event of consequence.events)
      project(made, append(made, 'token.lifecycle', next.tokenId, event), event, seams);
    const { published, memory, changed } = consequence;
    if (published !== undefined) {
      const value = published && ({ type: 'tokenline.state.TokenState', value: published } as const);
      append(made, 'token.state', next.tokenId, value);
    }
    if (changed)
      append(made, 'lifecycle.store', next.tokenId, {
        type: 'tokenline.lifecyclestore.StoredToken',
        value: memory.stored,
      });
    queue.push(...consequence.forwarded);
  }
  return made;
}

/** Facts of one token keep their order; between tokens anything goes. */
function takeNext(queue: TokenFact[], { turn }: Seams): TokenFact | undefined {
  const tokenIds = [...new Set(queue.map((one) => one.tokenId))];
  const tokenId = tokenIds[turn?.(tokenIds.length) ?? 0];
  const at = queue.findIndex((one) => one.tokenId === tokenId);
  return at < 0 ? undefined : queue.splice(at, 1)[0];
}

const keep = (one: TokenFact): readonly TokenFact[] => [one];

/** Adds a record at the end of its key's partition. */
export function append(to: World, topic: TopicName, key: string, value: WorldRecord['value']): WorldRecord {
  const partition = [...key].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 2;
  const { records, stride } = to;
  const offset = records.reduce((n, r) => (r.topic === topic && r.partition === partition ? r.offset + stride : n), 0);
  const record = { topic, partition, offset, key, value };
  to.records.push(record);
  return record;
}

function inbound(one: TokenFact): AnyRecord {
  const value: InboundMessage = {
    inboundId: `in-${one.factId}`,
    source: 'canonical',
    operation: 'TokenFact',
    receivedAt: one.receivedAt,
    headers: {},
    fields: { fact: JSON.stringify({ factId: one.factId, kind: one.kind }) },
    sealed: {},
    original: 'a.b.c.d.e',
  };
  return { type: 'tokenline.inbound.InboundMessage', value };
}

function index(to: World, { kind, tokenId, otherTokenId, aliases }: TokenFact): void {
  const { identities } = to.documents;
  const identity = identities.find((doc) => doc._id === tokenId);
  if (identity === undefined) identities.push({ _id: tokenId, createdAt: new Date(noon), strong: {} });
  if (kind === 'TOKENS_MERGED' && otherTokenId !== undefined) {
    const merged = identities.find((doc) => doc._id === tokenId) as Mutable<IdentityDoc>;
    Object.assign(merged, { mergedInto: otherTokenId, mergeAnnounced: true });
    return;
  }
  for (const alias of aliases) {
    const _id = aliasKey(alias);
    if (!to.documents.aliases.some((doc) => doc._id === _id))
      to.documents.aliases.push({ _id, tokenId, at: new Date(noon) });
  }
}

type Event = Extract<AnyRecord, { type: `tokenline.lifecycle.${string}` }>;

function project(to: World, { partition, offset }: WorldRecord, event: Event, { apply }: Seams): void {
  const { tokens, timeline } = to.documents;
  const { value } = event;
  timeline.push({
    _id: value.eventId,
    tokenId: value.tokenId,
    at: new Date(value.occurredAt),
    recordedAt: new Date(value.recordedAt),
    event: event.type.slice('tokenline.lifecycle.'.length),
    factId: value.factId,
    factKind: value.factKind,
    source: value.source,
    actor: value.actor,
    version: value.version,
    cause: { partition, offset: value.cause.offset },
    offset,
  });
  if (event.type === 'tokenline.lifecycle.TokenChanged') {
    const at = tokens.findIndex((doc) => doc._id === value.tokenId);
    const [standing] = at < 0 ? [] : tokens.splice(at, 1);
    const changed = tokenDocument(event.value.state);
    tokens.push(apply === undefined ? changed : apply(standing, changed));
  }
  if (event.type === 'tokenline.lifecycle.TokenMerged') {
    const mergedInto = event.value.intoTokenId;
    const doc = tokens.find((found) => found._id === value.tokenId);
    const invented = { status: 'UNKNOWN', suspendedBy: [], provisioning: {}, aliases: [], version: 0 };
    if (doc !== undefined) doc.mergedInto = mergedInto;
    else tokens.push({ ...invented, _id: value.tokenId, mergedInto, updatedAt: new Date(value.occurredAt) });
  }
  if (event.type === 'tokenline.lifecycle.ProvisioningCompleted') notifyCompletion(to, event.value);
  if (event.type === 'tokenline.lifecycle.ActivationCodeIssued') notifyCode(to, event.value);
}

function tokenDocument(state: TokenState): TokenDoc {
  const { tokenId, provisioning, bindings, removedFromWalletAt, firstUsedAt, updatedAt, ...rest } = state;
  const { outcome, path } = provisioning;
  const bound = bindings.map((one) => ({ ...JSON.parse(JSON.stringify(one)), boundAt: new Date(one.boundAt) }));
  const times = Object.entries(provisioning).flatMap(([name, value]) =>
    typeof value === 'number' ? [[name, new Date(value)] as const] : [],
  );
  return {
    ...(JSON.parse(JSON.stringify(rest)) as Omit<TokenDoc, '_id' | 'provisioning' | 'bindings' | 'updatedAt'>),
    _id: tokenId,
    ...(bound.length > 0 && { bindings: bound }),
    ...(removedFromWalletAt !== undefined && { removedFromWalletAt: new Date(removedFromWalletAt) }),
    ...(firstUsedAt !== undefined && { firstUsedAt: new Date(firstUsedAt) }),
    provisioning: { ...(outcome && { outcome }), ...(path && { path }), ...Object.fromEntries(times) },
    updatedAt: new Date(updatedAt),
  };
}

function notifyCompletion(to: World, { tokenId, tokenType, completedAt, eventId }: ProvisioningCompleted): void {
  if (tokenType === 'CARD_ON_FILE' || tokenType === 'BROWSER' || tokenType === 'OTHER') return;
  const deadlineAt = completedAt + 30 * 60_000;
  notify(to, `completion-${tokenId}`, 'PROVISIONING_COMPLETED', { tokenId, eventId, dueAt: completedAt, deadlineAt });
}

/** Fact ids of tests need no cleaning. */
function notifyCode(to: World, { tokenId, factId, occurredAt, eventId }: ActivationCodeIssued): void {
  const noticeId = `activation-code-${factId}`;
  if (to.documents.notices.some((doc) => doc._id === noticeId)) return;
  const deadlineAt = occurredAt + 30 * 60_000;
  notify(to, noticeId, 'ACTIVATION_CODE', { tokenId, eventId, dueAt: occurredAt, deadlineAt });
  to.documents.activationCodes.push({ _id: noticeId, wipeAt: new Date(deadlineAt) });
}

interface Cause {
  readonly tokenId: string;
  readonly eventId: string;
  readonly dueAt: number;
  readonly deadlineAt: number;
}

function notify(to: World, noticeId: string, kind: string, { tokenId, eventId, dueAt, deadlineAt }: Cause): void {
  const sentAt = dueAt + 1_000;
  to.documents.notices.push({
    _id: noticeId,
    tokenId,
    kind,
    state: 'DELIVERED',
    dueAt: new Date(dueAt),
    deadlineAt: new Date(deadlineAt),
    sentAt: new Date(sentAt),
    deliveredAt: new Date(sentAt),
    outcome: 'MET',
    channel: 'email',
    attempts: [{ at: new Date(sentAt), channel: 'email', outcome: 'DELIVERED' }],
    subject: {},
    causeEventId: eventId,
    createdAt: new Date(dueAt),
    published: true,
  });
  const message: CardholderMessage = {
    messageId: `message-${noticeId}`,
    noticeId,
    tokenId,
    kind,
    causeEventId: eventId,
    dueAt,
    deadlineAt,
    createdAt: dueAt,
  };
  append(to, 'cardholder.messages', tokenId, { type: 'tokenline.cardholder.CardholderMessage', value: message });
  const receipt: DeliveryReceipt = {
    receiptId: `${noticeId}:1`,
    noticeId,
    tokenId,
    kind,
    channel: 'email',
    attempt: 1,
    outcome: 'DELIVERED',
    at: sentAt,
  };
  append(to, 'cardholder.receipts', tokenId, { type: 'tokenline.cardholder.DeliveryReceipt', value: receipt });
}

/** A dead letter of the record at `origin`, on its topic and in its read model. */
export function addLetter(to: World, origin: WorldRecord, stage: DeadLetter['stage']): WorldRecord {
  const { topic, partition, offset } = origin;
  const deadLetterId = `${stage}-${topic}-${partition}-${offset}`;
  const letter: DeadLetter = {
    deadLetterId,
    stage,
    source: topic,
    operation: 'decode',
    reasonCode: 'UNDECODABLE',
    explanation: 'The value cannot be read.',
    errors: [],
    receivedAt: noon,
    failedAt: noon + 1_000,
    headers: {},
    origin: { topic, partition, offset },
  };
  const record = append(to, 'token.dead-letters', deadLetterId, {
    type: 'tokenline.deadletters.DeadLetter',
    value: letter,
  });
  to.documents.deadLetters.push({
    _id: deadLetterId,
    stage,
    source: topic,
    operation: 'decode',
    reasonCode: 'UNDECODABLE',
    explanation: letter.explanation,
    errors: [],
    receivedAt: new Date(noon),
    failedAt: new Date(noon + 1_000),
    headers: {},
    occurrences: [`${record.partition}:${record.offset}`],
    state: 'OPEN',
    watermarks: { [`p${record.partition}`]: record.offset },
  });
  return record;
}

/** A record of a known type, to be changed in place. */
export type Found<N extends RecordName> = Omit<WorldRecord, 'value'> & {
  value: { type: N; value: Mutable<Extract<AnyRecord, { type: N }>['value']> };
};

/** Records of one type. */
export function valuesOf<N extends RecordName>(from: World, type: N): Found<N>[] {
  return from.records.filter(
    ({ value }) => value !== null && typeof value !== 'string' && value.type === type,
  ) as never;
}

/** Takes records away. */
export function remove(from: World, ...gone: readonly { readonly topic: TopicName }[]): void {
  from.records = from.records.filter((record) => !gone.includes(record));
}

/** Verifies a world at once, without waiting for what is behind. */
export function look(
  at: World,
  options: VerifyOptions & {
    readonly mongodb?: boolean;
    readonly grown?: () => number;
    readonly now?: () => number;
  } = {},
): Promise<Report> {
  const { mongodb = true, grown, now = () => evening, ...rest } = options;
  return verify(
    {
      log: logOf(at, grown),
      codec: jsonCodec,
      collections: mongodb ? collectionsOf(at) : undefined,
      now,
    },
    { waitMs: 0, ...rest },
  );
}

/** The verdict on one invariant. */
export function verdict(report: Report, code: InvariantCode): Verdict {
  return report.verdicts.find((one) => one.code === code) as Verdict;
}

/** Codes of the invariants that are broken. */
export function broken(report: Report): InvariantCode[] {
  return report.verdicts.filter((one) => one.outcome === 'broken').map((one) => one.code);
}

/** With `grown`, only so many of the world's records are there yet at each scan, in the order they were written. */
export function logOf(at: World, grown?: () => number): ReadableLog {
  return {
    scanFrom: async (topic, from, onRecord) => {
      const ends = new Map(from);
      for (const record of at.records.slice(0, grown?.()).filter((one) => one.topic === topic)) {
        const { partition, offset, key, value } = record;
        if (offset < (from.get(partition) ?? 0)) continue;
        ends.set(partition, offset + 1);
        const bytes = value === null ? null : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
        await onRecord({
          topic,
          partition,
          offset,
          key,
          value: bytes,
          headers: {},
          timestamp: noon,
        } satisfies InRecord);
      }
      return ends;
    },
    committed: async (group, topic) => {
      const named = at.committed[group];
      if (named !== undefined)
        return new Map(Object.entries(named).map(([partition, offset]) => [Number(partition), offset]));
      // While records keep coming, the last of them has not been handled yet.
      const handled = grown === undefined ? at.records : at.records.slice(0, grown()).slice(0, -1);
      const those = handled.filter((one) => one.topic === topic);
      return new Map(those.map(({ partition, offset }) => [partition, offset + 1]));
    },
  };
}

/** Records as JSON: absent fields are left out on the way, as in the real codec. */
export const jsonCodec: Codec = {
  encode: (type, value) => Buffer.from(JSON.stringify({ type, value })),
  decode: async (bytes): Promise<Decoded> => {
    try {
      const { type, value } = JSON.parse(bytes.toString()) as AnyRecord;
      return { ok: true, type, value } as Decoded;
    } catch {
      return { ok: false, reason: 'undecodable', message: 'not JSON' };
    }
  },
};

function collectionsOf({ documents }: World): ReadCollections {
  const names = Object.keys(documents) as (keyof World['documents'])[];
  return Object.fromEntries(names.map((name) => [name, { find: () => documents[name] }])) as never;
}
