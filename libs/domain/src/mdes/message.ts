/**
 * An MDES request as the mapper sees it: opened, in one shape (libs/envelopes), values by dotted path such as `tokens[0].status`.
 * Beside MDES' own fields stand what the door has added:
 *
 *   answer.decision, answer.declineReasonCode, answer.result   what we answered, in MDES' words
 *   …fundingAccountInfo.card.ref, …card.last4                  in place of the card's number
 *   tokens.length                                              how many tokens an NTU names
 */
import { type FieldReader, readFields } from '../facts/fields.js';
import { instantOfJson } from '../facts/json.js';
import type { Activation, Alias, Card, Decision, Device, InboundMessage, TokenType } from '../generated/records.js';
import { canonicalAlias } from '../identity/alias.js';
import { lastDayOfMonth } from '../time.js';
import { type MdesWallets, mdesDecision, mdesDeviceType, mdesMethods, mdesTokenType } from './vocabulary.js';

export type MdesMessage = Pick<InboundMessage, 'operation' | 'fields' | 'sealed' | 'receivedAt'>;

export interface Reading {
  readonly read: FieldReader;
  readonly receivedAt: number;
  readonly wallets: MdesWallets;
}

export function readingOf(message: MdesMessage, wallets: MdesWallets): Reading {
  return { read: readFields(message), receivedAt: message.receivedAt, wallets };
}

/** `requestId` names a call for good: a repeat of the call has the same. */
export function requestIdFrom({ read }: Reading): string | undefined {
  const id = read.required('requestId');
  if (id === undefined || /^[\x21-\x7e]{1,64}$/.test(id)) return id;
  return read.fault('FIELD_INVALID', 'requestId', 'is not 1 to 64 printable characters');
}

/** A name of the token; one that is there but may not be shown is a fault, or the message would go to another token. */
export function nameFrom({ read }: Reading, kind: string, path: string): Alias | undefined {
  const value = read.text(path);
  if (value !== undefined) return canonicalAlias(kind, value);
  if (read.sealed(path) !== undefined) read.required(path);
  return undefined;
}

/** The token's names in a message about one token: its reference, where the message has it, and the flow's correlation id. */
export function namesFrom(reading: Reading, reference: string): readonly Alias[] {
  const names = [
    nameFrom(reading, 'tokenUniqueReference', reference),
    nameFrom(reading, 'correlationId', 'correlationId'),
  ].filter((name) => name !== undefined);
  if (names.length === 0 && reading.read.faults.length === 0) {
    reading.read.fault('NO_TOKEN_NAME', reference, 'is missing or blank, and so is correlationId');
  }
  return names;
}

export function tokenTypeFrom({ read }: Reading): TokenType | undefined {
  const word = read.required('tokenType');
  return word === undefined ? undefined : mdesTokenType(word);
}

/** By walletId, which only wallets have; else by who asked for the token. */
export function walletFrom({ read, wallets }: Reading): string | undefined {
  const { byWalletId, byTokenRequestorId } = wallets;
  const known = (table: Readonly<Record<string, string>>, id: string | undefined): string | undefined =>
    id !== undefined && Object.hasOwn(table, id) ? table[id] : undefined;
  return known(byWalletId, read.text('walletId')) ?? known(byTokenRequestorId, read.text('tokenRequestorId'));
}

/** The payment app's id stays with the token from the first message on; the secure element's comes with the last. */
export function deviceFrom({ read }: Reading): Device | undefined {
  const form = read.text('deviceInfo.formFactor');
  const device: Device = {
    id: read.text('paymentAppInstanceId') ?? read.text('secureElementId'),
    name: read.text('deviceInfo.deviceName'),
    type: form === undefined ? undefined : mdesDeviceType(form),
  };
  return Object.values(device).some((part) => part !== undefined) ? device : undefined;
}

/** The card at `info` (fundingAccountInfo): by its number's keyed reference, else by Mastercard's reference of it. */
export function cardFrom({ read }: Reading, info: string): Card | undefined {
  const ref = read.text(`${info}.card.ref`);
  if (ref !== undefined) return { ref, last4: read.text(`${info}.card.last4`) };
  const reference = read.text(`${info}.panUniqueReference`);
  return reference === undefined ? undefined : { ref: `panUniqueReference:${reference}` };
}

/** The expiry of the token at `info`: month and year apart. */
export function tokenDataExpiry({ read }: Reading, info: string): string | undefined {
  const path = `${info}.fundingAccountData.tokenData.`;
  const [month, year] = [read.text(`${path}expiryMonth`), read.text(`${path}expiryYear`)];
  if (month === undefined || year === undefined) return undefined;
  return lastDayOf(month, year) ?? read.fault('FIELD_INVALID', `${path}expiryMonth`, notAMonth);
}

/** An expiry written MMYY. */
export function expiryFrom({ read }: Reading, path: string): string | undefined {
  const text = read.text(path);
  if (text === undefined) return undefined;
  return lastDayOf(text.slice(0, 2), text.slice(2)) ?? read.fault('FIELD_INVALID', path, notAMonth);
}

const notAMonth = 'is not a month that exists, written MMYY or in two fields of two digits';

/** A card or token is good to the last day of its month. */
function lastDayOf(month: string, year: string): string | undefined {
  if (!/^(?:0[1-9]|1[0-2])$/.test(month) || !/^\d{2}$/.test(year)) return undefined;
  return lastDayOfMonth(2000 + Number(year), Number(month));
}

/** An instant of MDES: ISO 8601 with a zone. */
export function instantFrom({ read }: Reading, path: string, required = false): number | undefined {
  const text = required ? read.required(path) : read.text(path);
  if (text === undefined) return undefined;
  return (
    instantOfJson(text) ?? read.fault('IMPOSSIBLE_DATE', path, 'is not a time that exists, in ISO 8601 with a zone')
  );
}

/** A decision at `path`. A word that is none of MDES' is a fault: nothing about a decision is guessed. */
export function decisionFrom({ read }: Reading, path: string): Exclude<Decision, 'UNKNOWN'> | undefined {
  const word = read.text(path);
  if (word === undefined) return undefined;
  return mdesDecision(word) ?? read.fault('FIELD_INVALID', path, 'is not a decision');
}

/** The code comes sealed; where to send it MDES shows masked only, so the contact is left to the cardholder directory. */
export function activationFrom(reading: Reading): Activation {
  const { read } = reading;
  const type = read.required('activationMethod.type')?.toUpperCase();
  return {
    method: type === undefined ? undefined : Object.hasOwn(mdesMethods, type) ? mdesMethods[type] : type,
    codeSealed: read.sealed('activationCode'),
    contactSealed: read.sealed('activationMethod.value'),
    expiresAt: instantFrom(reading, 'expirationDateTime'),
  };
}
