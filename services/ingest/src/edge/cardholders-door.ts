/**
 * The door for the cardholder directory: how a card's holder can be reached. Contact values are sealed; a card number becomes its keyed
 * references, one for each key of the set, so that the entry is found whichever key a fact's reference was made with.
 * An entry is replaced as a whole. Its time is that of the request: a redriven old request never overwrites a newer one.
 */
import { type Fault, type JsonReader, readObject, rejection, rejectionOf } from '@tokenline/domain';
import { isLoopback, passesLuhn } from '@tokenline/runtime';
import type { Sealer } from '@tokenline/sealing';
import type { CardholderDoc, Collections } from '@tokenline/store';
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { textOf } from './body.js';
import { type Door, json } from './door.js';
import { fromStore, storeTimeoutMs } from './durable.js';
import { parseJson } from './flat-json.js';

export interface CardholdersDoorParts {
  readonly sealer: Sealer;
  readonly cardholders: Collections['cardholders'];
}

const cardKinds = ['threddPublicToken', 'pan', 'panUniqueReference', 'panReferenceId'] as const;

interface CardName {
  readonly refs: readonly string[];
  readonly last4?: string;
}

interface Cardholder {
  readonly cards: readonly CardName[];
  readonly email: string | undefined;
  readonly phone: string | undefined;
  readonly webhook: string | undefined;
  readonly push: string | undefined;
  readonly locale: string | undefined;
  readonly programme: string | undefined;
}

export function createCardholdersDoor({ sealer, cardholders }: CardholdersDoorParts): Door {
  return {
    source: 'cardholders',
    operation: 'PutCardholders',
    takesXml: false,
    take: async ({ body, receivedAt }) => {
      const text = textOf(body);
      if (text === undefined) return { ok: false, rejection: rejection('NOT_JSON') };
      const parsed = parseJson(text);
      if (!parsed.ok) return parsed;
      const faults: Fault[] = [];
      const items = Array.isArray(parsed.value) ? parsed.value : [parsed.value];
      const holders = items.map((item, i) =>
        readCardholder(readObject(item, Array.isArray(parsed.value) ? `[${i}]` : '', faults), sealer),
      );
      const [first, ...rest] = faults;
      if (first !== undefined) return { ok: false, rejection: rejectionOf([first, ...rest]) };
      const docs = (
        await Promise.all(holders.map((h) => (h === undefined ? [] : documentsOf(h, sealer, receivedAt))))
      ).flat();
      return {
        ok: true,
        commit: () => replaceOlder(cardholders, docs),
        reply: json(200, { stored: items.length }),
      };
    },
  };
}

function readCardholder(read: JsonReader | undefined, sealer: Sealer): Cardholder | undefined {
  if (read === undefined) return undefined;
  const cards = read.objects('cards').map((card) => readCard(card, sealer));
  if (cards.length === 0) read.fault('FIELD_MISSING', 'cards', 'names no card');
  const holder = {
    cards: cards.filter((card) => card !== undefined),
    email: checked(read, 'email', isEmail, 'is not an e-mail address'),
    phone: checked(read, 'phone', isE164, 'is not a phone number in E.164: a plus sign, country code and number'),
    webhook: checked(read, 'webhook', isWebhook, 'is not an https address (http only for loopback)'),
    push: checked(read, 'push', isPushAddress, 'is not 8 to 512 visible ASCII characters'),
    locale: checked(read, 'locale', (text) => localeOf(text) !== undefined, 'is not a language tag such as en-GB'),
    programme: checked(read, 'programme', isProgramme, 'is not up to 64 letters, digits, dots, - and _'),
  };
  read.done();
  return holder;
}

function readCard(read: JsonReader, sealer: Sealer): CardName | undefined {
  const kind =
    read.word('kind', cardKinds) ?? (read.has('kind') ? undefined : read.fault('FIELD_MISSING', 'kind', 'is missing'));
  const value = read.requiredText('value');
  read.done();
  if (kind === undefined || value === undefined) return undefined;
  if (kind !== 'pan') {
    // A card number sent as another kind of name would be kept in clear.
    if (/^[\w-]{1,64}$/.test(value) && !(/^\d{12,19}$/.test(value) && passesLuhn(value)))
      return { refs: [`${kind}:${value}`] };
    return read.fault('FIELD_INVALID', 'value', `is not a ${kind}`);
  }
  if (!/^\d{12,19}$/.test(value) || !passesLuhn(value))
    return read.fault('FIELD_INVALID', 'value', 'is not a card number');
  return { refs: sealer.cardReferences(value), last4: value.slice(-4) };
}

async function documentsOf(holder: Cardholder, sealer: Sealer, receivedAt: number): Promise<readonly CardholderDoc[]> {
  const seal = (text: string | undefined) => (text === undefined ? undefined : sealer.seal('contact', text));
  const [emailSealed, phoneSealed, webhookSealed, pushSealed] = await Promise.all(
    [holder.email, holder.phone, holder.webhook, holder.push].map(seal),
  );
  const locale = holder.locale === undefined ? undefined : localeOf(holder.locale);
  return holder.cards.flatMap(({ refs, last4 }) =>
    refs.map((ref) => ({
      _id: ref,
      ...(emailSealed !== undefined && { emailSealed }),
      ...(phoneSealed !== undefined && { phoneSealed }),
      ...(webhookSealed !== undefined && { webhookSealed }),
      ...(pushSealed !== undefined && { pushSealed }),
      ...(locale !== undefined && { locale }),
      ...(holder.programme !== undefined && { programme: holder.programme }),
      ...(last4 !== undefined && { last4 }),
      updatedAt: new Date(receivedAt),
    })),
  );
}

/** Replaces what is not newer. Where a newer entry stands the filter misses it, the upsert meets its id, and that is the answer: nothing to do. */
async function replaceOlder(cardholders: Collections['cardholders'], docs: readonly CardholderDoc[]): Promise<void> {
  if (docs.length === 0) return;
  const operations = docs.map(({ _id, ...replacement }) => ({
    replaceOne: { filter: { _id, updatedAt: { $lte: replacement.updatedAt } }, replacement, upsert: true },
  }));
  try {
    await fromStore(cardholders.bulkWrite(operations, { ordered: false, timeoutMS: storeTimeoutMs }));
  } catch (error) {
    const { writeErrors } = error as { writeErrors?: readonly { code: number }[] | { code: number } };
    const failures = writeErrors === undefined ? [] : [writeErrors].flat();
    if (failures.length === 0 || failures.some(({ code }) => code !== 11_000)) throw error;
  }
}

function checked(read: JsonReader, name: string, holds: (text: string) => boolean, fault: string): string | undefined {
  const text = read.text(name);
  if (text === undefined || holds(text)) return text;
  return read.fault('FIELD_INVALID', name, fault);
}

function isEmail(text: string): boolean {
  return text.length <= 254 && /^[^\s@<>(),;:"[\]\\]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/.test(text);
}

function isE164(text: string): boolean {
  return /^\+\d{7,15}$/.test(text) && parsePhoneNumberFromString(text)?.isPossible() === true;
}

function isWebhook(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, '')));
}

/** A name, and no number: what could be a card or a telephone number would be kept in clear. */
function isProgramme(text: string): boolean {
  return /^[\w.-]{1,64}$/.test(text) && !/\d{7,}/.test(text);
}

/** What the issuer's own app and whoever pushes to it call an installation: opaque. */
function isPushAddress(text: string): boolean {
  return /^[\x21-\x7e]{8,512}$/.test(text);
}

/** The canonical language tag; en_GB is taken for en-GB. */
function localeOf(text: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(text.replaceAll('_', '-'))[0];
  } catch {
    return undefined;
  }
}
