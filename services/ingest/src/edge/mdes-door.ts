/**
 * The door for MDES' pre-digitization API (mastercard-mdes.md 1):
 *
 *   read ─▶ open the envelopes ─▶ card numbers become references ─▶ clear or sealed ─▶ map: is it whole? ─▶ decide ─▶ durable ─▶ answer
 *     └────────┴────────────────────┴──────────────────────────────────┴─ refused: dead letter, and MDES' error form
 *
 * The decision is taken once the request is known to be whole, and is recorded with it. A redrive answers nobody: it decides nothing, and the
 * fact says that something was asked, not what the answer was.
 */
import type { Codec } from '@tokenline/contracts';
import {
  type FactDraft,
  type Fault,
  instantOfJson,
  type MdesOperation,
  mapMdes,
  mdesSource,
  type ReasonCode,
  rejection,
  rejectionOf,
} from '@tokenline/domain';
import { type MdesFault, type MdesKeys, openMdesRequest } from '@tokenline/envelopes';
import type { Sealer } from '@tokenline/sealing';
import type { OutRecord } from '@tokenline/streams';
import { newInboundId } from '../ids.js';
import { textOf } from './body.js';
import { splitPaths } from './clear-paths.js';
import { type Door, json, type Submission, type Taken } from './door.js';
import { parseJson } from './flat-json.js';
import { inboundRecord, keyOf } from './inbound.js';
import { type MdesAnswer, type MdesAnswerParts, mdesAnswer } from './mdes/answer.js';
import { isObject, mdesPaths, withoutMaskedContact, withShownRequestId } from './mdes/fields.js';
import { mdesRefusal } from './mdes/refusal.js';
import { readMdesTarget } from './mdes/target.js';
import { headersToKeep } from './target.js';

export interface MdesDoorParts extends Omit<MdesAnswerParts, 'sealer'> {
  readonly codec: Pick<Codec, 'encode'>;
  readonly sealer: Sealer;
  /** Absent: the door is not configured and puts every message aside. */
  readonly keys: MdesKeys | undefined;
  readonly write: (records: readonly OutRecord[]) => Promise<void>;
}

export function createMdesDoor(parts: MdesDoorParts): Door {
  return {
    source: mdesSource,
    operation: 'unknown',
    operationOf: (target) => readMdesTarget(target) ?? 'unknown',
    takesXml: false,
    refusal: (why, { body }) => mdesRefusal(requestIdOf(jsonOf(body)) ?? newInboundId(), why),
    take: async (submission) => {
      if (parts.keys === undefined) return { ok: false, rejection: rejection('NOT_CONFIGURED') };
      const operation = readMdesTarget(submission.target ?? '');
      if (operation === undefined) return { ok: false, rejection: rejection('UNKNOWN_OPERATION') };
      return take(operation, submission, parts.keys, parts);
    },
  };
}

const envelopeReasons: Readonly<Record<MdesFault, ReasonCode>> = {
  MALFORMED: 'ENVELOPE_MALFORMED',
  WRONG_KEY: 'WRONG_KEY',
  KEY_WRAP_UNSUPPORTED: 'KEY_WRAP_UNSUPPORTED',
  DAMAGED: 'ENVELOPE_DAMAGED',
};

type Json = Readonly<Record<string, unknown>>;

async function take(
  operation: MdesOperation,
  submission: Submission,
  keys: MdesKeys,
  parts: MdesDoorParts,
): Promise<Taken> {
  const { codec, sealer, write } = parts;
  const { body, contentType, receivedAt, sender, redriveOf } = submission;
  const text = textOf(body);
  if (text === undefined) return { ok: false, rejection: rejection('NOT_JSON') };
  const parsed = parseJson(text);
  if (!parsed.ok) return parsed;
  if (!isObject(parsed.value)) {
    return { ok: false, rejection: rejection('FIELD_INVALID', [{ path: '', message: 'is not an object' }]) };
  }
  const opened = openMdesRequest(parsed.value, keys, (hidden) => {
    const plain = parseJson(hidden);
    return plain.ok ? plain.value : undefined;
  });
  if (!opened.ok) {
    const { reason, path, message } = opened;
    return { ok: false, rejection: rejection(envelopeReasons[reason], [{ path, message }]) };
  }
  const { request, cardNumber, faults } = withCardReferences(opened.request, operation, receivedAt, sealer);
  const [first, ...rest] = faults;
  if (first !== undefined) return { ok: false, rejection: rejectionOf([first, ...rest]) };

  const split = await splitPaths(withoutMaskedContact(request), mdesPaths, sealer);
  const requestId = requestIdOf(request);
  const { clear, sealed } = withShownRequestId(split, requestId, sealer);
  const count = Array.isArray(request.tokens) ? { 'tokens.length': String(request.tokens.length) } : {};
  const fields = { ...clear, ...count };
  // The same mapper the normalizer runs: a sender learns at once what would be refused later, and nothing is decided about half a request.
  const asked = mapMdes({ operation, fields, sealed, receivedAt });
  if (!asked.ok) return asked;
  const [fact] = asked.facts;
  const responseId = requestId ?? '';
  const answer: MdesAnswer =
    redriveOf === undefined
      ? await mdesAnswer({ operation, responseId, fields, cardNumber, fact }, keys, parts)
      : { body: { responseId }, recorded: {} };

  const inboundId = newInboundId();
  const record = inboundRecord(codec, recordKey(fact, fields), {
    inboundId,
    source: mdesSource,
    operation,
    receivedAt,
    sender,
    contentType,
    headers: await headersToKeep(submission, sealer),
    fields: { ...fields, ...answer.recorded },
    sealed,
    original: await sealer.seal('original', body),
    redriveOf,
  });
  return { ok: true, commit: () => write([record]), reply: json(200, answer.body), inboundId };
}

function recordKey(fact: FactDraft | undefined, { requestId = '' }: Readonly<Record<string, string>>): string {
  return fact === undefined ? `${mdesSource}:${requestId}` : keyOf(fact);
}

interface Referenced {
  readonly request: Json;
  /** Of the card the request is about; in memory only, for the decision. */
  readonly cardNumber: string | undefined;
  readonly faults: readonly Fault[];
}

/** The request with a reference and four digits beside each card's data, after a look at how long they are good. */
function withCardReferences(request: Json, operation: MdesOperation, receivedAt: number, sealer: Sealer): Referenced {
  const faults: Fault[] = [];
  const refer = (holder: unknown, at: string): unknown => {
    if (!isObject(holder) || !isObject(holder.fundingAccountInfo)) return holder;
    // Ours to give: a sender has no say in it.
    const { card: _card, ...info } = holder.fundingAccountInfo;
    const number = cardNumberIn(info);
    checkData(info.fundingAccountData, `${at}fundingAccountInfo.fundingAccountData`, number, receivedAt, faults);
    const valid = number !== undefined && isCardNumber(number);
    return { ...holder, fundingAccountInfo: { ...info, ...(valid && { card: sealer.cardReference(number) }) } };
  };
  const whole = refer(request, '') as Json;
  const { fundingAccountInfo: info } = request;
  if (operation === 'authorizeService' && !(isObject(info) && isObject(info.fundingAccountData))) {
    faults.push({ code: 'FIELD_MISSING', path: 'fundingAccountInfo.encryptedPayload', message: 'is missing' });
  }
  const tokens = Array.isArray(whole.tokens)
    ? { tokens: whole.tokens.map((token: unknown, i) => refer(token, `tokens[${i}].`)) }
    : {};
  return { request: { ...whole, ...tokens }, cardNumber: isObject(info) ? cardNumberIn(info) : undefined, faults };
}

function checkData(data: unknown, at: string, number: string | undefined, receivedAt: number, faults: Fault[]): void {
  if (!isObject(data)) return;
  if (number !== undefined && !isCardNumber(number)) {
    faults.push({
      code: 'FIELD_INVALID',
      path: `${at}.cardAccountData.accountNumber`,
      message: 'is not 9 to 19 digits',
    });
  }
  const { dataValidUntilTimestamp } = data;
  if (dataValidUntilTimestamp === undefined || dataValidUntilTimestamp === null) return;
  const path = `${at}.dataValidUntilTimestamp`;
  const until = instantOfJson(dataValidUntilTimestamp);
  if (until === undefined)
    faults.push({ code: 'IMPOSSIBLE_DATE', path, message: 'is not a time that exists, in ISO 8601 with a zone' });
  else if (until < receivedAt) faults.push({ code: 'DATA_EXPIRED', path, message: 'has passed' });
}

function cardNumberIn({ fundingAccountData: data }: Json): string | undefined {
  if (!isObject(data) || !isObject(data.cardAccountData)) return undefined;
  const { accountNumber } = data.cardAccountData;
  return accountNumber === undefined || accountNumber === null ? undefined : String(accountNumber).trim();
}

/** As MDES has them: shorter ones than ours occur, and their check digit is Mastercard's affair. */
function isCardNumber(text: string): boolean {
  return /^\d{9,19}$/.test(text);
}

function jsonOf(body: Buffer): unknown {
  const text = textOf(body);
  const parsed = text === undefined ? undefined : parseJson(text);
  return parsed?.ok === true ? parsed.value : undefined;
}

/** The request's id as the answer repeats it. */
function requestIdOf(request: unknown): string | undefined {
  if (!isObject(request)) return undefined;
  const { requestId } = request;
  const text = typeof requestId === 'number' ? String(requestId) : requestId;
  return typeof text === 'string' && /^[\x21-\x7e]{1,64}$/.test(text.trim()) ? text.trim() : undefined;
}
