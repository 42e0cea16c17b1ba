/**
 * The door for Visa's issuer API: requests answered in Visa's codes, notifications with an empty 200, both once they are durable.
 *
 *   path ─▶ JSON ─▶ envelope: signature, age, key ─▶ split, card number → reference ─▶ decide, where Visa waits ─▶ map ─▶ tsp.inbound ─▶ answer
 *
 * What we answer belongs to the message: it is recorded with it, so that a replay gives the same fact. The age of a signature is judged by the time
 * the message first came, so that a dead letter can be redriven later. A redrive answers nobody and decides nothing: by then Visa has decided.
 */
import type { Codec } from '@tokenline/contracts';
import { type FactDraft, mapVts, type Rejection, rejection, type VtsOperation, vtsSource } from '@tokenline/domain';
import { openVtsEnvelope, type VtsEnvelopeFault, type VtsKeys, vtsEnvelopeFaults } from '@tokenline/envelopes';
import { passesLuhn } from '@tokenline/runtime';
import type { Sealer } from '@tokenline/sealing';
import type { OutRecord } from '@tokenline/streams';
import { newInboundId } from '../ids.js';
import { textOf } from './body.js';
import { splitPaths } from './clear-paths.js';
import type { Door, Submission } from './door.js';
import { type Parsed, parseJson } from './flat-json.js';
import { inboundRecord, keyOf } from './inbound.js';
import { headersToKeep } from './target.js';
import { type AnswerParts, answerTo, lateAnswer } from './vts/answer.js';
import { cardNumberPaths, respelled, vtsRules } from './vts/fields.js';
import { vtsRefusal } from './vts/refusal.js';
import { readVtsTarget, type VtsTarget } from './vts/target.js';

export interface VtsDoorParts extends Omit<AnswerParts, 'sealer'> {
  readonly codec: Pick<Codec, 'encode'>;
  readonly sealer: Sealer;
  /** Absent: the door is not configured and puts every message aside. */
  readonly keys: VtsKeys | undefined;
  readonly write: (records: readonly OutRecord[]) => Promise<void>;
}

type Json = Readonly<Record<string, unknown>>;

/** Operations whose body has no envelope, or need not have one. */
const openly: readonly VtsOperation[] = [
  'deviceBinding',
  'cardMetadataNotification',
  'pushProvisioningStatus',
  'panNotification',
];

const rejections = {
  MALFORMED: 'ENVELOPE_MALFORMED',
  ALGORITHM_REFUSED: 'ENVELOPE_MALFORMED',
  UNKNOWN_SIGNER: 'BAD_SIGNATURE',
  BAD_SIGNATURE: 'BAD_SIGNATURE',
  SIGNATURE_EXPIRED: 'SIGNATURE_EXPIRED',
  WRONG_KEY: 'WRONG_KEY',
} as const satisfies Readonly<Record<VtsEnvelopeFault, Rejection['code']>>;

export function createVtsDoor(parts: VtsDoorParts): Door {
  const { codec, sealer, keys, write } = parts;
  return {
    source: vtsSource,
    operation: 'unknown',
    operationOf: (target) => readVtsTarget(target)?.operation ?? 'unknown',
    takesXml: false,
    refusal: vtsRefusal,
    take: async (submission) => {
      if (keys === undefined) return refused(rejection('NOT_CONFIGURED'));
      const target = readVtsTarget(submission.target ?? '');
      if (target === undefined) return refused(rejection('UNKNOWN_OPERATION'));
      const text = textOf(submission.body);
      if (text === undefined) return refused(rejection('NOT_JSON'));
      const read = await readMessage(text, target, keys, submission);
      if (!read.ok) return refused(read.rejection);
      const { message, issuedAt } = read.value;

      const card = cardOf(message);
      if (!card.ok) return refused(card.rejection);
      const number = card.value;
      const split = await splitPaths(message, vtsRules, sealer);
      const reference = number === undefined ? undefined : sealer.cardReference(number);
      const known = {
        ...split.clear,
        ...(issuedAt !== undefined && { 'envelope.issuedAt': new Date(issuedAt).toISOString() }),
        ...(reference !== undefined && { 'card.ref': reference.ref, 'card.last4': reference.last4 }),
      };
      const { operation } = target;
      const { receivedAt, sender, contentType, redriveOf } = submission;
      // The same mapper the normalizer runs: what it would refuse later is refused now, before anything is decided.
      const mapping = mapVts({ operation, fields: known, sealed: split.sealed, receivedAt });
      if (!mapping.ok) return refused(mapping.rejection);
      const asked = { operation, fields: known, card: { number, panReferenceId: split.clear.panReferenceID } };
      const answer = await (redriveOf === undefined ? answerTo(asked, parts) : lateAnswer(asked, parts));
      const fields = { ...known, ...answer.clear };
      const sealed = { ...split.sealed, ...answer.sealed };
      const inboundId = newInboundId();
      const [fact] = mapping.facts as [FactDraft?];
      const record = inboundRecord(codec, fact === undefined ? inboundId : keyOf(fact), {
        inboundId,
        source: vtsSource,
        operation,
        receivedAt,
        sender,
        contentType,
        headers: await headersToKeep(submission, sealer),
        fields,
        sealed,
        original: await sealer.seal('original', submission.body),
        redriveOf,
      });
      return { ok: true, commit: () => write([record]), reply: answer.reply, inboundId };
    },
  };
}

interface ReadMessage {
  /** Known names only, with what path and query say, and under encryptedData what the envelope held. */
  readonly message: Json;
  readonly issuedAt: number | undefined;
}

async function readMessage(
  text: string,
  { operation, fields }: VtsTarget,
  keys: VtsKeys,
  { receivedAt }: Submission,
): Promise<Parsed<ReadMessage>> {
  const body = readObject(text, '');
  if (!body.ok) return body;
  const { encryptedData, ...open } = body.value;
  if (encryptedData === undefined || encryptedData === '') {
    if (openly.includes(operation))
      return { ok: true, value: { message: { ...open, ...fields }, issuedAt: undefined } };
    return refused(rejection('FIELD_MISSING', [{ path: 'encryptedData', message: 'is missing or blank' }]));
  }
  const opened = await openVtsEnvelope(typeof encryptedData === 'string' ? encryptedData : '', keys, receivedAt);
  if (!opened.ok) {
    return refused(
      rejection(rejections[opened.fault], [{ path: 'encryptedData', message: vtsEnvelopeFaults[opened.fault] }]),
    );
  }
  const inside = readObject(opened.text, 'encryptedData');
  if (!inside.ok) return inside;
  return {
    ok: true,
    value: { message: { ...open, ...fields, encryptedData: inside.value }, issuedAt: opened.issuedAt },
  };
}

/** A JSON object as far as its names are known. `path` is where it stands, for faults. */
function readObject(text: string, path: string): Parsed<Json> {
  const parsed = parseJson(text);
  if (!parsed.ok) {
    const { code, errors } = parsed.rejection;
    const within = (at: string): string => [path, at].filter((part) => part !== '').join('.');
    return path === ''
      ? parsed
      : refused(
          rejection(
            code,
            errors.map((e) => ({ ...e, path: within(e.path) })),
          ),
        );
  }
  const value = parsed.value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refused(rejection('FIELD_INVALID', [{ path, message: 'is not a JSON object' }]));
  }
  return { ok: true, value: respelled(value) as Json };
}

/** The card's number, in clear for the time of the call only. */
function cardOf(message: Json): Parsed<string | undefined> {
  for (const path of cardNumberPaths) {
    const found = path.reduce<unknown>((at, name) => (at as Json | undefined)?.[name], message);
    if (found === undefined || found === null || found === '') continue;
    const digits = String(found).trim();
    if (/^\d{12,19}$/.test(digits) && passesLuhn(digits)) return { ok: true, value: digits };
    return refused(rejection('FIELD_INVALID', [{ path: path.join('.'), message: 'is not a card number' }]));
  }
  return { ok: true, value: undefined };
}

function refused(why: Rejection): { readonly ok: false; readonly rejection: Rejection } {
  return { ok: false, rejection: why };
}
