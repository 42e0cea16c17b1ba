/**
 * Values that must not lie in clear. Which fields are looked at is chosen so that nothing but a secret can alarm: an identifier of the network or of
 * ours may be a number that passes the check of card numbers by chance (one in ten does), so of identifiers only e-mail addresses are looked for.
 */
import { aliasLadder } from '@tokenline/domain';
import { looksSensitive } from '@tokenline/runtime';

/** Names of fields that hold identifiers, whatever record they stand in. */
const identifiers = new Set([
  'tokenId',
  'otherTokenId',
  'intoTokenId',
  'mergedInto',
  'factId',
  'eventId',
  'causeEventId',
  'inboundId',
  'sourceMessageId',
  'deadLetterId',
  'redriveOf',
  'messageId',
  'noticeId',
  'receiptId',
  'providerReference',
  'tokenRequestorId',
  'traceparent',
  '_id',
  // EHI's own (visa-vts-and-thredd-ehi.md 5.3).
  'TXn_ID',
  'Token',
  'TokenUniqueReference',
  'PaymentToken_id',
  'PaymentToken_deviceId',
  'traceid_lifecycle',
  // No longer copied; messages taken in before that have them.
  'Traceid_Message',
  'Traceid_Original',
  // MDES' own (mastercard-mdes.md 2.5).
  'correlationId',
  // VTS' own (visa-vts-and-thredd-ehi.md 1.2).
  'tokenReferenceID',
  'tokenRequestorID',
  'panReferenceID',
  'lifeCycleTraceID',
  'eventID',
  'deviceID',
  'deviceInfo.deviceID',
  'otpMethodIdentifier',
]);
/** Fields whose `ref` or `id` is an identifier. */
const identifiersWithin: Readonly<Record<string, readonly string[]>> = {
  card: ['ref'],
  device: ['id'],
  subject: ['cardRef'],
};
/** Kinds of name whose shape the networks document; a name of any other kind is looked at like text. */
const aliasKinds = new Set<string>(aliasLadder);
/** Changes of these fields tell identifiers. */
const identifierFields = new Set(['aliases', 'bindings', 'card.ref', 'device.id', 'tokenRequestorId']);
/** Whole numbers of milliseconds have thirteen digits. */
const times = new Set(['occurredAt', 'receivedAt', 'expiresAt']);

/** Five parts; the second is empty without a wrapped key, the fourth when nothing was sealed. */
const jwe = /^[\w-]+\.[\w-]*\.[\w-]+\.[\w-]*\.[\w-]+$/;
const uuids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
/** Nothing sensitive lacks all of these; most texts do, and need no closer look. */
const worthALook = /@|\+\d|\d(?:[ -]?\d){11}/;

/** Paths in a value where something lies in clear that must not, or something called sealed is not. */
export function inClear(value: unknown): readonly string[] {
  const found: string[] = [];
  lookInto(value, '', [], found);
  return found;
}

/** `within` is the name of the field the value stands in, `path` the names down to it. */
function lookInto(value: unknown, within: string, path: string[], found: string[]): void {
  if (typeof value === 'string') {
    if (isSensitive(value)) found.push(path.join('.'));
  } else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) step(value[i], within, String(i), path, found);
  } else if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    for (const name of Object.keys(value)) {
      const field = (value as Readonly<Record<string, unknown>>)[name];
      if (typeof field !== 'string') step(field, name, name, path, found);
      else if (isWrong(field, name, within, value)) found.push([...path, name].join('.'));
      else if (name === 'fact' && within === 'fields') step(factOf(field), name, name, path, found);
    }
  }
}

function step(value: unknown, within: string, name: string, path: string[], found: string[]): void {
  if (typeof value === 'number' || typeof value === 'boolean') return;
  path.push(name);
  lookInto(value, within, path, found);
  path.pop();
}

/** Judges a text by the name it has and the object it stands in. */
function isWrong(text: string, name: string, within: string, around: object): boolean {
  if (name.endsWith('Sealed') || within === 'sealed' || name === 'original') return !jwe.test(text);
  if (name === 'fact' && within === 'fields') return false;
  if (isIdentifier(name, within, around)) return text.includes('@') && looksSensitive(text.replace(/\d/g, 'x'));
  return isSensitive(text);
}

function isSensitive(text: string): boolean {
  return worthALook.test(text) && looksSensitive(text.replace(uuids, ''));
}

function isIdentifier(name: string, within: string, around: object): boolean {
  if (identifiers.has(name) || (identifiersWithin[within]?.includes(name) ?? false)) return true;
  if ((name === 'from' || name === 'to') && 'field' in around) return identifierFields.has(String(around.field));
  return name === 'value' && 'kind' in around && aliasKinds.has(String(around.kind));
}

/** A canonical fact as its sender wrote it: JSON, in which a number can be a card number. */
function factOf(text: string): unknown {
  try {
    return JSON.parse(text, (name, value) => (typeof value === 'number' && !times.has(name) ? String(value) : value));
  } catch {
    return text;
  }
}
