/**
 * Which EHI fields may travel in clear. Three lots:
 *
 *   listed here                → clear, unless the value looks like a card number, an e-mail address or a phone number: then sealed
 *   known or named as secrets  → sealed one by one
 *   everything else            → not copied: it stays inside the sealed original
 *
 * Identifiers of documented shape are taken as they are. One number in ten passes the check that card numbers carry; a message whose id was
 * sealed for that would lose its identity.
 */
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
  Txn_GPS_Date: 'text',
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
  PaymentToken_activationExpiry: 'text',
  PaymentToken_activationMethod: 'text',
  PaymentToken_PanSource: 'text',
};

/** Fields known to be secrets, with what they are sealed for. */
const secretFields: Readonly<Record<string, Purpose>> = {
  PaymentTokenPan: 'token-number',
  PaymentToken_activationCode: 'activation-code',
  PaymentToken_activationMethodData: 'contact',
  PaymentToken_deviceTelNum: 'field',
};

const listed: ReadonlySet<string> = new Set([...Object.keys(secretFields), ...Object.keys(clearFields)]);
const listedByFolded: ReadonlyMap<string, string> = new Map([...listed].map((name) => [name.toLowerCase(), name]));

const secretName = /pan|cvv|cvc|track|pin|phone|tel|mail|secret|password/i;
/** Names of ours and of Thredd's style; a sender's own invention could be a secret itself. */
const plainName = /^[A-Za-z_][A-Za-z_.-]*\d{0,3}[A-Za-z_]*$/;

const longestClear = 256;
const mostSealed = 40;

export interface SplitFields {
  readonly clear: Readonly<Record<string, string>>;
  readonly sealed: Readonly<Record<string, string>>;
}

/** Splits a message's fields; blank ones are left out. Listed names are matched as written first, then whatever their case, and kept in our spelling. */
export async function splitFields(fields: Fields, sealer: Pick<Sealer, 'seal'>): Promise<SplitFields> {
  const found = new Map<string, string>();
  const unlisted = new Map<string, string>();
  for (const [name, value] of fields) {
    if (value.trim() !== '') (listed.has(name) ? found : unlisted).set(name, value);
  }
  const otherwiseSpelled = new Map<string, string>();
  for (const name of unlisted.keys()) {
    const ours = listedByFolded.get(name.toLowerCase());
    if (ours !== undefined && !found.has(ours)) otherwiseSpelled.set(ours, name);
  }
  for (const [ours, name] of otherwiseSpelled) {
    found.set(ours, unlisted.get(name) as string);
    unlisted.delete(name);
  }

  const clear: Record<string, string> = {};
  const toSeal: [name: string, purpose: Purpose, value: string][] = [];
  for (const [name, value] of found) {
    const purpose = secretFields[name];
    const text = value.trim();
    if (purpose !== undefined) toSeal.push([name, purpose, value]);
    else if (mayShow(text, clearFields[name] as Content)) clear[name] = text;
    else toSeal.push([name, 'field', value]);
  }
  for (const [name, value] of unlisted) {
    if (secretName.test(name) && plainName.test(name) && name.length <= 64) toSeal.push([name, 'field', value]);
  }
  const sealed = await Promise.all(
    toSeal
      .slice(0, mostSealed)
      .map(async ([name, purpose, value]) => [name, await sealer.seal(purpose, value)] as const),
  );
  return { clear, sealed: Object.fromEntries(sealed) };
}

/** Whether a value may travel in clear. */
export function mayShow(text: string, content: Content): boolean {
  if (typeof content === 'object' && content.test(text)) return true;
  if (text.length > longestClear || looksSensitive(text)) return false;
  // Letters hard by a number hide it from the check; in a reference they are its own.
  return content === 'reference' || !looksSensitive(text.replaceAll(/[A-Za-z]+/g, '.'));
}
