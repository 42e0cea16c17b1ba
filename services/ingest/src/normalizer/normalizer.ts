/**
 * The normalizer: tsp.inbound → token.facts, batch by batch of one partition.
 *
 *   decode ─▶ map ─▶ identity (whole batch) ─▶ codes to the vault ─▶ facts and dead letters in one write ─▶ merges marked as announced
 *     │        │
 *     └────────┴── cannot be: dead letter, and the others go on
 *
 * An activation code goes to the vault and not into its fact: token.facts is kept for ever.
 * At least once: a repeat of the batch writes the same facts again, and facts are a set keyed by factId. A store or log that is away
 * fails the whole batch, which comes again.
 */
import { setImmediate } from 'node:timers/promises';
import type { Codec } from '@tokenline/contracts';
import {
  absorptionFact,
  codeHeldAtMost,
  codeHeldUntil,
  type FactDraft,
  type IdentityDecision,
  type InboundMessage,
  type Mapper,
  mapMessage,
  mergeFact,
  noticeIdOf,
  type Rejection,
  rejection,
  type TokenFact,
  withoutCode,
} from '@tokenline/domain';
import type { Logger } from '@tokenline/runtime';
import type { CodeToKeep, Vault } from '@tokenline/store';
import {
  eventHeaders,
  type InRecord,
  type LogWriter,
  type OutRecord,
  type undecodableLetters,
} from '@tokenline/streams';
import { deadLetterRecord } from '../dead-letter.js';
import { deadLetterIdOf } from '../ids.js';
import type { Meters } from '../meters.js';
import type { Identities } from './identities.js';

export interface NormalizerParts {
  readonly codec: Codec;
  readonly mappers: ReadonlyMap<string, Mapper>;
  readonly identities: Identities;
  readonly vault: Pick<Vault, 'put'>;
  /** Makes the dead letter of a record that holds no message. */
  readonly putAside: ReturnType<typeof undecodableLetters>;
  readonly writer: Pick<LogWriter, 'write'>;
  readonly meters: Meters;
  readonly log: Logger;
  readonly now: () => number;
}

/** What a record turned out to be. */
type Read = Mapped | (Failed & { readonly refused: Rejection });

interface Mapped {
  readonly record: InRecord;
  readonly message: InboundMessage;
  readonly facts: readonly FactDraft[];
}

interface Failed {
  readonly record: InRecord;
  /** Absent when the record holds no message. */
  readonly message?: InboundMessage;
}

const factType = 'tokenline.facts.TokenFact';

export function createNormalizer(parts: NormalizerParts): (records: readonly InRecord[]) => Promise<void> {
  return async (records) => {
    const read = await readAll(records, parts);
    const drafts = read.flatMap((one) => ('facts' in one ? one.facts.map((draft) => ({ one, draft })) : []));
    const decisions = await parts.identities.resolve(
      drafts.map(({ draft }) => ({ aliases: draft.aliases, tokenId: draft.tokenId, at: draft.receivedAt })),
    );
    const out: OutRecord[] = [];
    for (const one of read) if ('refused' in one) out.push(await letterOf(one, one.refused, parts));
    for (const [i, { one, draft }] of drafts.entries()) {
      out.push(...(await factsOf(one, draft, decisions[i] as IdentityDecision, parts)));
    }
    const now = parts.now();
    await parts.vault.put(
      drafts.flatMap(({ draft }) => codeOf(draft, now)),
      now,
    );
    await parts.writer.write(out);
    await parts.identities.announced(decisions.flatMap((decision) => decision.merges));
  };
}

/** Records read at a stretch: between two the doors, which share our thread and whose senders wait, get their turn. */
const stretch = 16;

async function readAll(records: readonly InRecord[], parts: NormalizerParts): Promise<readonly Read[]> {
  const read: Read[] = [];
  for (const [n, record] of records.entries()) {
    if (n > 0 && n % stretch === 0) await setImmediate();
    read.push(await readRecord(record, parts));
  }
  return read;
}

async function readRecord(record: InRecord, { codec, mappers, log }: NormalizerParts): Promise<Read> {
  const decoded = record.value === null ? undefined : await codec.decode(record.value);
  if (decoded === undefined) return { record, refused: rejection('UNDECODABLE') };
  if (!decoded.ok) {
    return { record, refused: rejection(decoded.reason === 'unknown-type' ? 'UNKNOWN_RECORD' : 'UNDECODABLE') };
  }
  if (decoded.type !== 'tokenline.inbound.InboundMessage') return { record, refused: rejection('UNKNOWN_RECORD') };
  const message = decoded.value;
  try {
    const mapping = mapMessage(mappers, message);
    return mapping.ok ? { record, message, facts: mapping.facts } : { record, message, refused: mapping.rejection };
  } catch (error) {
    log.error({ err: error, source: message.source, inboundId: message.inboundId }, 'A mapper failed');
    return { record, message, refused: rejection('INTERNAL') };
  }
}

/** The code a fact brings, if any, under the id of the notice that will tell it. Never held for longer than our clock allows, whatever a sender's says. */
function codeOf({ factId, kind, activation, occurredAt, receivedAt }: FactDraft, now: number): readonly CodeToKeep[] {
  if (kind !== 'ACTIVATION_CODE_ISSUED' || activation?.codeSealed === undefined) return [];
  const { codeSealed, contactSealed, expiresAt } = activation;
  const wipeAt = Math.min(codeHeldUntil(occurredAt, receivedAt, expiresAt), now + codeHeldAtMost);
  return [{ noticeId: noticeIdOf('ACTIVATION_CODE', factId), codeSealed, contactSealed, wipeAt }];
}

/** The facts of the merges the message shows, each told to both tokens, and then its own. */
async function factsOf(
  one: Mapped,
  draft: FactDraft,
  decision: IdentityDecision,
  parts: NormalizerParts,
): Promise<readonly OutRecord[]> {
  const { meters, log } = parts;
  const { tokenId, merges, conflicts } = decision;
  for (const { alias, heldBy } of conflicts) {
    meters.conflict();
    log.warn(
      { factId: draft.factId, tokenId, kind: alias.kind, heldBy },
      'Names contradict each other: IDENTITY_CONFLICT',
    );
  }
  const told = merges.flatMap((merge) => [absorptionFact(merge, draft), mergeFact(merge, draft)]);
  const facts = [...told, { ...withoutCode(draft), tokenId }];
  try {
    const records = facts.map((fact) => factRecord(fact, one, parts.codec));
    for (const merge of merges) {
      meters.merge();
      log.info({ ...merge, factId: draft.factId }, 'Two tokens turned out to be one');
    }
    meters.fact(one.message.source, draft.kind);
    return records;
  } catch (error) {
    // A fact that does not fit its schema is a bug of the mapper; it must not hold up the others.
    log.error({ err: error, inboundId: one.message.inboundId }, 'A fact does not fit its schema');
    return [await letterOf(one, rejection('INTERNAL'), parts)];
  }
}

function factRecord(fact: TokenFact, { message, record }: Mapped, codec: Codec): OutRecord {
  return {
    topic: 'token.facts',
    key: fact.tokenId,
    value: codec.encode(factType, fact),
    headers: eventHeaders({
      id: fact.factId,
      type: factType,
      source: 'ingest',
      time: fact.occurredAt,
      subject: fact.tokenId,
      traceparent: message.headers.traceparent ?? record.headers.traceparent,
    }),
  };
}

/** What an adapter calls itself is a value of its message until a mapper knows it. */
function sourceLabel(message: InboundMessage | undefined, { mappers }: NormalizerParts): string {
  if (message === undefined) return 'tsp.inbound';
  return mappers.has(message.source) ? message.source : 'unknown';
}

/**
 * What failed, put aside. A redriven message that fails again opens its old letter again; any other failure is told apart by its place in the log.
 */
async function letterOf({ record, message }: Failed, why: Rejection, parts: NormalizerParts): Promise<OutRecord> {
  parts.meters.deadLetter('NORMALIZER', sourceLabel(message, parts), why.code);
  if (message === undefined) return parts.putAside(record, why.explanation, why.code);
  const { topic, partition, offset } = record;
  const { source, operation, receivedAt, contentType, original, headers, redriveOf } = message;
  const traceparent = headers.traceparent ?? record.headers.traceparent;
  return deadLetterRecord(
    parts.codec,
    {
      deadLetterId: redriveOf ?? deadLetterIdOf(`${topic}/${partition}/${offset}`),
      stage: 'NORMALIZER',
      source,
      operation,
      receivedAt,
      failedAt: parts.now(),
      contentType,
      headers: traceparent === undefined ? headers : { ...headers, traceparent },
      original,
      origin: { topic, partition, offset },
    },
    why,
  );
}
