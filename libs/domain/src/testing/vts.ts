/** Builders of VTS messages for tests, as the mapper sees them (domain page, section 9: no number here was ever issued). */
import type { VtsMessage } from '../vts/message.js';

export interface VtsToken {
  readonly reference: string;
  readonly trace: string;
  readonly requestor: string;
  readonly type: string;
  readonly deviceId: string;
}

/** The same imaginary token as ehiToken(number) with its defaults. */
export function vtsToken(number: number, given: Partial<VtsToken> = {}): VtsToken {
  const digits = String(number).padStart(6, '0');
  return {
    reference: `DNITHE000000000000${digits}`,
    trace: `399000000${digits}`,
    requestor: '40010030273',
    type: 'SECURE_ELEMENT',
    deviceId: `04AABBCCDDEE0011223344556677889900AABBCCDD${digits}`,
    ...given,
  };
}

type Fields = Readonly<Record<string, string | undefined>>;

/** One message about a token; `fields` adds, replaces, or with undefined removes. */
export function vtsMessage(
  token: VtsToken,
  operation: string,
  fields: Fields = {},
  sealed: Readonly<Record<string, string>> = {},
): VtsMessage {
  const all: Fields = {
    tokenReferenceID: token.reference,
    tokenRequestorID: token.requestor,
    lifeCycleTraceID: token.trace,
    'deviceInfo.deviceID': token.deviceId,
    'card.ref': 'pan:k1:abc',
    'card.last4': '1111',
    ...fields,
  };
  return {
    operation,
    fields: Object.fromEntries(
      Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    sealed,
    receivedAt: Date.UTC(2030, 0, 15, 10, 5),
  };
}

const stamp = (second: number): string => new Date(Date.UTC(2030, 0, 15, 10, 0, second)).toISOString();

/** The messages of a flow, by kind. `at` is the second of 10:00 on 15 January 2030. */
export const vtsMessages = {
  approve: (token: VtsToken, actionCode: string, at = 0): VtsMessage =>
    vtsMessage(token, 'approveProvisioning', {
      'envelope.issuedAt': stamp(at),
      'tokenInfo.tokenType': token.type,
      'answer.actionCode': actionCode,
    }),
  changed: (token: VtsToken, reason: string, status: string | undefined, at: number, fields: Fields = {}): VtsMessage =>
    vtsMessage(
      token,
      'tokenChanged',
      {
        eventType: reason === 'TOKEN_CREATED' || reason === '3700' ? 'TOKEN_CREATED' : 'TOKEN_STATUS_UPDATED',
        messageReasonCode: reason,
        dateTimeOfEvent: stamp(at),
        actionCode: '00',
        'encryptedData.tokenInfo.tokenStatus': status,
        'encryptedData.tokenInfo.tokenType': token.type,
        'encryptedData.tokenInfo.tokenExpirationDate.month': '01',
        'encryptedData.tokenInfo.tokenExpirationDate.year': '2033',
        ...fields,
      },
      { 'encryptedData.tokenInfo.token': 'jwe-token' },
    ),
  passcode: (token: VtsToken, at = 20): VtsMessage =>
    vtsMessage(
      token,
      'sendPasscode',
      {
        'envelope.issuedAt': stamp(at),
        otpMethodIdentifier: 'm1f0c2',
        otpExpirationDate: '2030-01-15T10:30:20.000Z',
        'answer.method': 'SMS',
      },
      { otpValue: 'jwe-code', 'answer.contact': 'jwe-contact' },
    ),
};
