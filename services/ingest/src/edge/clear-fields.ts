/**
 * Which EHI fields may travel in clear. Three lots:
 *
 *   listed here                 → clear, unless the value looks like a card number, an e-mail address or a phone number: then sealed
 *   secrets the mapper hands on → sealed one by one
 *   everything else             → not copied: it stays inside the sealed original
 *
 * Identifiers of documented shape are taken as they are. One number in ten passes the check that card numbers carry; a message whose id was
 * sealed for that would lose its identity.
 */
import { ehiLocalTime } from '@tokenline/domain';
import { looksSensitive } from '@tokenline/runtime';
import type { Purpose, Sealer } from '@tokenline/sealing';

/** Free text and codes; references, whose letters and digits may stand in any order; or the shape that makes a value an identifier beyond doubt. */
export type Content = 'text' | 'reference' | RegExp;

const messageId = /^\d{1,16}$/;
const visaTrace = /^VIS1-\d{8}-\d{15}$/;

/** What the mapper reads (libs/domain ehi), by what it holds. What it does not read nobody needs in clear. */
const clearFields: Readonly<Record<string, Content>> = {
  Proc_Code: 'text',
  TXn_ID: messageId,
  Txn_GPS_Date: ehiLocalTime,
  TXN_Time_DE07: 'text',
  Resp_Code_DE39: 'text',
  Message_Source: 'text',
  Message_Why: 'text',
  Token: 'text',
  TokenUniqueReference: 'reference',
  traceid_lifecycle: visaTrace,
  PaymentToken_id: 'text',
  PaymentToken_creator: 'text',
  PaymentToken_creatorStatus: 'text',
  PaymentToken_type: 'text',
  PaymentToken_wallet: 'text',
  PaymentToken_deviceType: 'text',
  PaymentToken_deviceId: 'reference',
  PaymentToken_deviceName: 'text',
  PaymentToken_deviceIp: 'text',
  PaymentToken_expdate: 'text',
  PaymentToken_activationExpiry: ehiLocalTime,
  PaymentToken_activationMethod: 'text',
};

/** Secrets the mapper hands on, with what they are sealed for. */
const secretFields: Readonly<Record<string, Purpose>> = {
  PaymentTokenPan: 'token-number',
  PaymentToken_activationCode: 'activation-code',
  PaymentToken_activationMethodData: 'contact',
};

/** A name of ours, and what its values are sealed for or hold. */
interface Listing {
  readonly name: string;
  readonly purpose?: Purpose;
  readonly content?: Content;
}

const listings: readonly Listing[] = [
  ...Object.entries(secretFields).map(([name, purpose]) => ({ name, purpose })),
  ...Object.entries(clearFields).map(([name, content]) => ({ name, content })),
];
/** Place of a listing by its name, and by its name in lower case. */
const places: ReadonlyMap<string, number> = new Map(listings.map(({ name }, place) => [name, place]));
const foldedPlaces: ReadonlyMap<string, number> = new Map(
  listings.map(({ name }, place) => [name.toLowerCase(), place]),
);
/** Length and last letter of a name, whatever its case: by these most names that are not ours are told without folding them. */
const build = (name: string): number => name.length * 256 + (name.charCodeAt(name.length - 1) | 0x20);
const builds: ReadonlySet<number> = new Set(listings.map(({ name }) => build(name)));

/** The fields of a flat message as they were given. Those spelled as in our lists have a place: looked up once while the message is read. */
export interface Fields {
  readonly listed: (string | undefined)[];
  readonly others: Map<string, string>;
}

/** The fields of a message before any is read. */
export function noFields(): Fields {
  return { listed: new Array(listings.length).fill(undefined), others: new Map() };
}

/** Fields by their names, each of which is given once. */
export function fieldsOf(values: Iterable<readonly [name: string, value: string]>): Fields {
  const fields = noFields();
  for (const [name, value] of values) putField(fields, name, value);
  return fields;
}

/** Puts a field to those read before; false, and nothing put, when it is among them. */
export function putField({ listed, others }: Fields, name: string, value: string): boolean {
  const place = places.get(name);
  if (place !== undefined) {
    if (listed[place] !== undefined) return false;
    listed[place] = value;
    return true;
  }
  if (others.has(name)) return false;
  others.set(name, value);
  return true;
}

const longestClear = 256;
/** Digits of the shortest card number (ISO/IEC 7812-1). */
const shortestCard = 12;

export interface SplitFields {
  readonly clear: Readonly<Record<string, string>>;
  readonly sealed: Readonly<Record<string, string>>;
}

/** Splits a message's fields; blank ones are left out. Listed names are matched as written first, then whatever their case, and kept in our spelling. */
export async function splitFields(fields: Fields, sealer: Pick<Sealer, 'seal'>): Promise<SplitFields> {
  const values = withOtherSpellings(fields);
  const shown: (string | undefined)[] = new Array(listings.length).fill(undefined);
  const sealed: Record<string, string> = {};
  for (let place = 0; place < listings.length; place++) {
    const value = values[place];
    if (value === undefined) continue;
    const text = value.trim();
    if (text === '') continue;
    const { name, purpose, content = 'text' } = listings[place] as Listing;
    if (purpose === undefined && mayShow(text, content)) shown[place] = text;
    else sealed[name] = await sealer.seal(purpose ?? 'field', value);
  }
  return { clear: named(shown), sealed };
}

/** Values by place: the last of another spelling where ours is absent or blank. */
function withOtherSpellings({ listed, others }: Fields): readonly (string | undefined)[] {
  let values: (string | undefined)[] | undefined;
  for (const [name, value] of others) {
    if (!builds.has(build(name))) continue;
    const place = foldedPlaces.get(name.toLowerCase());
    if (place === undefined || isBlank(value) || !isBlank(listed[place])) continue;
    values ??= [...listed];
    values[place] = value;
  }
  return values ?? listed;
}

/**
 * An object of the values that are there. As code that names the listings, made once: with names that V8 learns only as they come, the same object takes
 * eight times as long to make (1.8 against 0.2 µs), and longer to read.
 */
const named = new Function(
  'values',
  `const fields = {};
  ${listings.map(({ name }, place) => `if (values[${place}] !== undefined) fields.${name} = values[${place}];`).join('\n')}
  return fields;`,
) as (values: readonly (string | undefined)[]) => Record<string, string>;

function isBlank(value: string | undefined): boolean {
  return value === undefined || value.trim() === '';
}

/** Whether a value may travel in clear. */
export function mayShow(text: string, content: Content): boolean {
  if (typeof content === 'object' && content.test(text)) return true;
  if (text.length > longestClear) return false;
  if (!isSuspect(text)) return true;
  if (looksSensitive(text)) return false;
  if (content === 'reference' || (text.length < shortestCard && !text.includes('@'))) return true;
  // Letters hard by a number hide it from the check; in a reference they are its own.
  return !looksSensitive(text.replaceAll(/[A-Za-z]+/g, '.'));
}

/**
 * Whether a text has an @, a + or the digits of a card number with nothing but blanks and hyphens between them: without these, which few values have,
 * it is none of what must not show, however it is taken apart.
 */
function isSuspect(text: string): boolean {
  let digits = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === 0x40 || character === 0x2b) return true;
    if (character < 0x30 || character > 0x39) {
      if (character !== 0x20 && character !== 0x2d) digits = 0;
    } else if (++digits === shortestCard) return true;
  }
  return false;
}
