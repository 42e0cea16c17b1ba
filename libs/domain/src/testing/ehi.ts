/**
 * Builders of EHI messages for tests: the fields Thredd documents, invented values (domain page, section 9: no number here was ever issued).
 * Values are text, as the mapper sees them; a door's test turns them into JSON or XML itself.
 */
export type EhiFields = Readonly<Record<string, string>>;

/** Data of one imaginary token. */
export interface EhiToken {
  readonly creator: 'VISA-T' | 'MC-MDES';
  readonly paymentTokenId: string;
  readonly trace: string;
  readonly reference: string;
  readonly card: string;
  readonly wallet: string;
  readonly type: string;
  readonly deviceId: string;
}

export function ehiToken(number: number, given: Partial<EhiToken> = {}): EhiToken {
  const digits = String(number).padStart(6, '0');
  const creator = given.creator ?? 'VISA-T';
  return {
    creator,
    paymentTokenId: `70${digits}`,
    trace: creator === 'VISA-T' ? `VIS1-20300115-399000000${digits}` : `BNET-20300115-MCC${digits}`,
    reference: creator === 'VISA-T' ? `DNITHE000000000000${digits}` : `DWSPMC${'0'.repeat(36)}${digits}`,
    card: '100000001',
    wallet: 'APPLE',
    type: 'SE',
    deviceId: `04AABBCCDDEE0011223344556677889900AABBCCDD${digits}`,
    ...given,
  };
}

/** One message about a token; `fields` adds, replaces, or with undefined removes. */
export function ehiFields(
  token: EhiToken,
  messageId: number,
  fields: Readonly<Record<string, string | undefined>> = {},
): EhiFields {
  const all: Record<string, string | undefined> = {
    TXn_ID: String(messageId),
    Proc_Code: '360000',
    MTID: '0620',
    Txn_Type: 'J',
    Resp_Code_DE39: '00',
    Txn_GPS_Date: '2030-01-15 10:00:00.100',
    TXN_Time_DE07: '0115100000',
    SendingAttemptCount: '0',
    Message_Why: '0',
    Token: token.card,
    traceid_lifecycle: token.trace,
    PaymentToken_id: token.paymentTokenId,
    PaymentToken_creator: token.creator,
    PaymentToken_type: token.type,
    PaymentToken_status: '00',
    PaymentToken_wallet: token.wallet,
    PaymentToken_deviceType: 'M',
    PaymentToken_deviceId: token.deviceId,
    PaymentToken_deviceName: 'Test phone',
    PaymentToken_deviceIp: '192.0.2.10',
    ...fields,
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The messages of a flow, by kind. `at` is the second of 10:00 on 15 January 2030, when London keeps UTC. */
export const ehiMessages = {
  tar: (token: EhiToken, id: number, responseCode: '00' | '85' | '05', at = 0): EhiFields =>
    ehiFields(token, id, {
      ...moment(at),
      Proc_Code: '330000',
      MTID: '0100',
      Txn_Type: 'A',
      Message_Why: '71',
      Resp_Code_DE39: responseCode,
    }),
  acn: (token: EhiToken, id: number, at = 20): EhiFields =>
    ehiFields(token, id, {
      ...moment(at),
      Proc_Code: '340000',
      MTID: '0120',
      PaymentToken_creatorStatus: 'I',
      PaymentToken_activationCode: '000123',
      PaymentToken_activationExpiry: '2030-01-15 12:00:00.000',
      PaymentToken_activationMethod: '1',
      PaymentToken_activationMethodData: '+447700900123',
    }),
  tcn: (token: EhiToken, id: number, status: 'A' | 'I', at = 30): EhiFields =>
    ehiFields(token, id, {
      ...moment(at),
      Proc_Code: '350000',
      Message_Why: token.creator === 'VISA-T' ? '72' : '0',
      Message_Source: token.creator,
      PaymentToken_creatorStatus: status,
      PaymentToken_expdate: '2033-01-31',
      TokenUniqueReference: token.reference,
    }),
  ten: (token: EhiToken, id: number, why: string, status: string, at = 10, source: string = token.creator): EhiFields =>
    ehiFields(token, id, {
      ...moment(at),
      Message_Why: why,
      Message_Source: source,
      PaymentToken_creatorStatus: status,
      PaymentToken_expdate: '2033-01-31',
      TokenUniqueReference: token.reference,
    }),
};

function moment(second: number): EhiFields {
  const clock = `10:${String(Math.floor(second / 60)).padStart(2, '0')}:${String(second % 60).padStart(2, '0')}`;
  return { Txn_GPS_Date: `2030-01-15 ${clock}.000`, TXN_Time_DE07: `0115${clock.replaceAll(':', '')}` };
}
