/** Single values of an EHI message: each is read, checked and put into our words; what is wrong becomes a fault and no value. */

import type { FieldReader } from '../facts/fields.js';
import type { Activation, Alias, Card, Decision, Device, Network, TokenStatus } from '../generated/records.js';
import { type ClockTime, parseDate } from '../time.js';
import { type EhiOperation, operationOf } from './classify.js';
import { normaliseIp } from './ip.js';
import type { EhiContext } from './message.js';
import { ehiNames } from './names.js';
import { instantOf, parseLocalTime } from './time.js';
import { activationMethodOf, deviceTypeOf, networkOf, statusOfLetter } from './vocabulary.js';

const noSuchTime = 'is not a date and time that exist, written YYYY-MM-DD HH:MM:SS.mmm';
const noSuchDate = 'is not a date that exists, written YYYY-MM-DD';

export function operationFrom(read: FieldReader): EhiOperation | undefined {
  const code = read.required('Proc_Code');
  if (code === undefined) return undefined;
  return (
    operationOf(code) ?? read.fault('UNKNOWN_PROCESSING_CODE', 'Proc_Code', 'is not the code of a tokenisation message')
  );
}

export function networkFrom(read: FieldReader): Exclude<Network, 'UNKNOWN'> | undefined {
  const creator = read.required('PaymentToken_creator');
  if (creator === undefined) return undefined;
  return (
    networkOf(creator) ??
    read.fault('UNKNOWN_CREATOR', 'PaymentToken_creator', 'is not a token service provider known here')
  );
}

/** TXn_ID names the message for good; SendingAttemptCount does not belong to it: the first copy to arrive may be the fifth sent. */
export function messageIdFrom(read: FieldReader): string | undefined {
  const id = read.required('TXn_ID');
  if (id === undefined) return undefined;
  const digits = id.replace(/^0+/, '');
  return /^\d{1,16}$/.test(digits)
    ? digits
    : read.fault('FIELD_INVALID', 'TXn_ID', 'is not a number of 1 to 16 digits');
}

export function responseCodeFrom(read: FieldReader): string | undefined {
  const code = read.text('Resp_Code_DE39');
  if (code === undefined || /^[0-9A-Za-z]{1,3}$/.test(code)) return code;
  return read.fault('FIELD_INVALID', 'Resp_Code_DE39', 'is not a response code of up to 3 letters and digits');
}

export function whyFrom(read: FieldReader): string | undefined {
  const why = read.text('Message_Why');
  if (why === undefined) return undefined;
  return /^\d{1,4}$/.test(why)
    ? String(Number(why))
    : read.fault('FIELD_INVALID', 'Message_Why', 'is not a number of 1 to 4 digits');
}

/** DE 39 of a TAR. A request without an answer is not taken for a declined one, which could never be taken back. */
export function decisionFrom(read: FieldReader, responseCode: string | undefined): Decision | undefined {
  if (responseCode === undefined) {
    read.required('Resp_Code_DE39');
    return undefined;
  }
  return responseCode === '00' ? 'APPROVED' : responseCode === '85' ? 'AUTHENTICATE' : 'DECLINED';
}

export function statusFrom(read: FieldReader): TokenStatus | undefined {
  const letter = read.text('PaymentToken_creatorStatus');
  if (letter === undefined) return undefined;
  const status = statusOfLetter(letter);
  if (status === undefined) {
    return read.fault('FIELD_INVALID', 'PaymentToken_creatorStatus', 'is not one of A, I, S, D, X, N, P, U');
  }
  return status === 'none' ? undefined : status;
}

export function dateFrom(read: FieldReader, field: string): string | undefined {
  const text = read.text(field);
  if (text === undefined) return undefined;
  return parseDate(text) ?? read.fault('IMPOSSIBLE_DATE', field, noSuchDate);
}

export function localTimeFrom(read: FieldReader, field: string): ClockTime | undefined {
  const text = read.text(field);
  return text === undefined ? undefined : localTime(read, field, text);
}

export function localTime(read: FieldReader, field: string, text: string): ClockTime | undefined {
  return parseLocalTime(text) ?? read.fault('IMPOSSIBLE_DATE', field, noSuchTime);
}

export function activationFrom(read: FieldReader, context: EhiContext, occurredAt: number): Activation {
  const method = activationMethodFrom(read);
  // The zone of the expiry is documented nowhere; it is read like Txn_GPS_Date, and where that leaves two instants, as the one that lets the code live shorter.
  const expiry = localTimeFrom(read, 'PaymentToken_activationExpiry');
  return {
    method,
    codeSealed: read.sealed('PaymentToken_activationCode'),
    contactSealed: read.sealed('PaymentToken_activationMethodData'),
    expiresAt: expiry === undefined ? undefined : instantOf(expiry, context, occurredAt),
  };
}

function activationMethodFrom(read: FieldReader): string | undefined {
  const digit = read.text('PaymentToken_activationMethod');
  if (digit === undefined) return undefined;
  return (
    activationMethodOf(digit) ??
    read.fault('FIELD_INVALID', 'PaymentToken_activationMethod', 'is not a digit from 0 to 7')
  );
}

/** Token is Thredd's public token of the card, not of the payment token. */
export function cardFrom(read: FieldReader): Card | undefined {
  const token = read.text('Token');
  if (token === undefined || /^0+$/.test(token)) return undefined;
  return /^\d{1,19}$/.test(token)
    ? { ref: `threddPublicToken:${token}` }
    : read.fault('FIELD_INVALID', 'Token', 'is not a number');
}

export function deviceFrom(read: FieldReader): Device | undefined {
  const letter = read.text('PaymentToken_deviceType');
  const device: Device = {
    id: read.text('PaymentToken_deviceId'),
    name: read.text('PaymentToken_deviceName'),
    type: letter === undefined ? undefined : deviceTypeOf(letter),
  };
  return Object.values(device).some((part) => part !== undefined) ? device : undefined;
}

/** The address is personal and nothing needs it: it is checked and left behind. */
export function checkIp(read: FieldReader): void {
  const ip = read.text('PaymentToken_deviceIp');
  if (ip !== undefined && normaliseIp(ip) === undefined) {
    read.fault('FIELD_INVALID', 'PaymentToken_deviceIp', 'is not an IP address');
  }
}

export function namesFrom(read: FieldReader, network: Network | undefined): readonly Alias[] {
  const id = read.text('PaymentToken_id');
  if (id !== undefined && !/^\d{1,19}$/.test(id)) read.fault('FIELD_INVALID', 'PaymentToken_id', 'is not a number');
  const names = ehiNames(read, network);
  if (names.length === 0) {
    read.fault('NO_TOKEN_NAME', 'PaymentToken_id', 'is blank or 0, and so is every other name of the token');
  }
  return names;
}
