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
import type { Fields } from './flat-json.js';

/** Free text and codes; references, whose letters and digits may stand in any order; or the shape that makes a value an identifier beyond doubt. */
export type Content = 'text' | 'reference' | RegExp;

const messageId = /^\d{1,16}$/;
const visaTrace = /^VIS1-\d{8}-\d{15}$/;

/** Fields that may travel in clear, by what they hold. */
const clearFields: Readonly<Record<string, Content>> = {
  Proc_Code: 'text',
  MTID: 'text',
  Txn_Type: 'text',
  TXn_ID: messageId,
  Txn_GPS_Date: ehiLocalTime,
  TXN_Time_DE07: 'text',
  Txn_Stat_Code: 'text',
  Resp_Code_DE39: 'text',
  Status_Code: 'text',
  Response_Source: 'text',
  Response_Source_Why: 'text',
  Message_Source: 'text',
  Message_Why: 'text',
  SendingAttemptCount: 'text',
  ProductID: 'text',
  InstCode: 'text',
  MCC_Code: 'text',
  Merch_Name_DE43: 'text',
  Note: 'text',
  Token: 'text',
  TokenUniqueReference: 'reference',
  traceid_lifecycle: visaTrace,
  Traceid_Message: visaTrace,
  Traceid_Original: visaTrace,
  PaymentToken_id: 'text',
  PaymentToken_creator: 'text',
  PaymentToken_creatorStatus: 'text',
  PaymentToken_status: 'text',
  PaymentToken_type: 'text',
  PaymentToken_wallet: 'text',
  PaymentToken_deviceType: 'text',
  PaymentToken_deviceId: 'reference',
  PaymentToken_deviceName: 'text',
  PaymentToken_deviceIp: 'text',
  PaymentToken_lang: 'text',
  PaymentToken_expdate: 'text',
  PaymentToken_activationExpiry: ehiLocalTime,
  PaymentToken_activationMethod: 'text',
  PaymentToken_PanSource: 'text',
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
const byName: ReadonlyMap<string, Listing> = new Map(listings.map((listing) => [listing.name, listing]));
const byFoldedName: ReadonlyMap<string, Listing> = new Map(
  listings.map((listing) => [listing.name.toLowerCase(), listing]),
);

const longestClear = 256;
/** Digits of the shortest card number (ISO/IEC 7812-1). */
const shortestCard = 12;

export interface SplitFields {
  readonly clear: Readonly<Record<string, string>>;
  readonly sealed: Readonly<Record<string, string>>;
}

/** Splits a message's fields; blank ones are left out. Listed names are matched as written first, then whatever their case, and kept in our spelling. */
export async function splitFields(fields: Fields, sealer: Pick<Sealer, 'seal'>): Promise<SplitFields> {
  const clear: Record<string, string> = {};
  const toSeal: [name: string, purpose: Purpose, value: string][] = [];
  const put = ({ name, purpose, content = 'text' }: Listing, value: string, text: string): void => {
    if (purpose !== undefined) toSeal.push([name, purpose, value]);
    else if (mayShow(text, content)) clear[name] = text;
    else toSeal.push([name, 'field', value]);
  };

  const otherwiseSpelled = new Map<Listing, string>();
  for (const [name, value] of fields) {
    const listing = byName.get(name) ?? byFoldedName.get(name.toLowerCase());
    if (listing === undefined) continue;
    const text = value.trim();
    if (text === '') continue;
    if (listing.name === name) put(listing, value, text);
    else if (isBlank(fields.get(listing.name))) otherwiseSpelled.set(listing, value);
  }
  for (const [listing, value] of otherwiseSpelled) put(listing, value, value.trim());

  const sealed: Record<string, string> = {};
  for (const [name, purpose, value] of toSeal) sealed[name] = await sealer.seal(purpose, value);
  return { clear, sealed };
}

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
 * Whether a text has an @, a + or the digits of a card number: without these, which few values have, it is none of what must not show, however it is
 * taken apart.
 */
function isSuspect(text: string): boolean {
  let digits = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === 0x40 || character === 0x2b) return true;
    if (character >= 0x30 && character <= 0x39 && ++digits === shortestCard) return true;
  }
  return false;
}
