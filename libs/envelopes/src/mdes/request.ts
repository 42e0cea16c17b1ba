/**
 * An MDES request with its envelopes opened, in one shape whatever the age of the sender (mastercard-mdes.md 1.3, 1.4):
 *
 *   on the wire today   fundingAccountInfo: {panUniqueReference, tokenUniqueReference, encryptedPayload: {encryptedData, …}}
 *   up to about 2.0.9   cardInfo (AS, RAM) or cardAndToken (NSA): the same references with the envelope's fields beside them
 *   opened              fundingAccountInfo: {panUniqueReference, tokenUniqueReference, fundingAccountData: {cardAccountData, tokenData, …}}
 *
 * and the same inside each element of `tokens` (NTU). Card data that came outside an envelope are left out: they had no right to.
 */

import type { MdesFault } from './envelope.js';
import { openMdes } from './envelope.js';
import type { MdesKeys } from './keys.js';

export type Json = Readonly<Record<string, unknown>>;

export type MdesRequest =
  | { readonly ok: true; readonly request: Json }
  | { readonly ok: false; readonly reason: MdesFault; readonly path: string; readonly message: string };

/** Reads the JSON text an envelope hides; undefined when it is none. */
export type ParseJson = (text: string) => unknown;

const envelopeFields = [
  'encryptedData',
  'encryptedKey',
  'publicKeyFingerprint',
  'oaepHashingAlgorithm',
  'iv',
  'algorithmCipherMode',
  'tag',
  'aad',
];
/** Where funding information stands, by age; the first that is there counts. */
const holders = ['fundingAccountInfo', 'cardAndToken', 'cardInfo'];

/** Opens what is encrypted in `body`. */
export function openMdesRequest(body: Json, keys: Pick<MdesKeys, 'own'>, parse: ParseJson): MdesRequest {
  const whole = openInfo(body, '', keys, parse);
  if (!whole.ok || !Array.isArray(whole.request.tokens)) return whole;
  const tokens: unknown[] = [];
  for (const [i, token] of whole.request.tokens.entries()) {
    if (!isObject(token)) {
      tokens.push(token);
      continue;
    }
    const opened = openInfo(token, `tokens[${i}].`, keys, parse);
    if (!opened.ok) return opened;
    tokens.push(opened.request);
  }
  return { ok: true, request: { ...whole.request, tokens } };
}

function openInfo(holder: Json, at: string, keys: Pick<MdesKeys, 'own'>, parse: ParseJson): MdesRequest {
  const name = holders.find((one) => Object.hasOwn(holder, one) && isObject(holder[one]));
  if (name === undefined) return { ok: true, request: without(holder, holders) };
  const info = holder[name] as Json;
  const { encryptedPayload, ...beside } = without(info, ['fundingAccountData']);
  const flat = encryptedPayload === undefined || encryptedPayload === null;
  const references = flat ? without(beside, envelopeFields) : beside;
  const rest = without(holder, holders);
  if (flat && !Object.hasOwn(info, 'encryptedData')) {
    return { ok: true, request: { ...rest, fundingAccountInfo: references } };
  }
  const path = flat ? `${at}${name}` : `${at}${name}.encryptedPayload`;
  const opened = openMdes(flat ? info : encryptedPayload, keys);
  if (!opened.ok) {
    const { reason, field, message } = opened;
    return { ok: false, reason, path: field === undefined ? path : `${path}.${field}`, message };
  }
  const plain = parse(opened.text);
  if (!isObject(plain)) {
    return {
      ok: false,
      reason: 'DAMAGED',
      path: `${path}.encryptedData`,
      message: 'does not decrypt to a JSON object',
    };
  }
  return {
    ok: true,
    request: { ...rest, fundingAccountInfo: { ...references, fundingAccountData: inOneShape(plain) } },
  };
}

/** The old forms hold {card, token} or the card's fields bare. */
function inOneShape(plain: Json): Json {
  if (isObject(plain.card) || isObject(plain.token)) {
    const { card, token, ...rest } = plain;
    return { ...rest, ...(isObject(card) && { cardAccountData: card }), ...(isObject(token) && { tokenData: token }) };
  }
  if (!Object.hasOwn(plain, 'accountNumber')) return plain;
  const { accountNumber, expiryMonth, expiryYear, securityCode, ...rest } = plain;
  return { ...rest, cardAccountData: { accountNumber, expiryMonth, expiryYear, securityCode } };
}

function without(value: Json, names: readonly string[]): Json {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
