import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FactDraft } from '../facts/draft.js';
import { ehiFields, ehiMessages, ehiToken } from '../testing/ehi.js';
import { asUtc } from '../time.js';
import { mapEhi } from './map.js';
import type { EhiContext } from './message.js';

const winter: EhiContext = { localInstants: (local) => [asUtc(local)] };
const visa = ehiToken(101);
const mastercard = ehiToken(202, { creator: 'MC-MDES', wallet: 'ANDROID', type: 'CL' });
const receivedAt = Date.UTC(2030, 0, 15, 10, 5);

function map(
  fields: Readonly<Record<string, string>>,
  sealed: Readonly<Record<string, string>> = {},
  context = winter,
) {
  return mapEhi({ fields, sealed, receivedAt }, context);
}

function factOf(fields: Readonly<Record<string, string>>, sealed = {}, context = winter): FactDraft {
  const mapping = map(fields, sealed, context);
  if (!mapping.ok) throw new Error(`refused: ${JSON.stringify(mapping.rejection)}`);
  expect(mapping.facts).toHaveLength(1);
  return mapping.facts[0] as FactDraft;
}

function refusalOf(fields: Readonly<Record<string, string>>, sealed = {}) {
  const mapping = map(fields, sealed);
  if (mapping.ok) throw new Error('accepted');
  return mapping.rejection;
}

describe('a TAR', () => {
  it.each([
    ['00', 'APPROVED'],
    ['85', 'AUTHENTICATE'],
    ['05', 'DECLINED'],
  ] as const)('answered %s is a request that was %s', (code, decision) => {
    expect(factOf(ehiMessages.tar(visa, 1, code))).toMatchObject({
      kind: 'PROVISIONING_REQUESTED',
      decision,
      responseCode: code,
      reasonCode: '71',
      network: 'VTS',
      factId: 'thredd-ehi:1',
      occurredAt: Date.UTC(2030, 0, 15, 10),
      occurredAtSource: 'SOURCE',
      receivedAt,
      source: 'thredd-ehi',
    });
  });

  it('without an answer is refused rather than taken for a declined one', () => {
    const refusal = refusalOf(ehiFields(visa, 1, { Proc_Code: '330000', Resp_Code_DE39: undefined }));
    expect(refusal).toMatchObject({ code: 'FIELD_MISSING', errors: [{ path: 'Resp_Code_DE39' }] });
  });
});

describe('an ACN', () => {
  it('carries code and contact sealed, the method as a word and the expiry in the local zone', () => {
    const sealed = { PaymentToken_activationCode: 'jwe-code', PaymentToken_activationMethodData: 'jwe-contact' };
    const {
      PaymentToken_activationCode: _c,
      PaymentToken_activationMethodData: _d,
      ...fields
    } = ehiMessages.acn(visa, 3);
    expect(factOf(fields, sealed)).toMatchObject({
      kind: 'ACTIVATION_CODE_ISSUED',
      reportedStatus: 'INACTIVE',
      activation: {
        method: 'SMS',
        codeSealed: 'jwe-code',
        contactSealed: 'jwe-contact',
        expiresAt: Date.UTC(2030, 0, 15, 12),
      },
    });
  });

  it('may come without a method and without an expiry', () => {
    const fields = ehiFields(visa, 10, { Proc_Code: '340000' });
    expect(factOf(fields, { PaymentToken_activationCode: 'jwe' }).activation).toEqual({
      method: undefined,
      codeSealed: 'jwe',
      contactSealed: undefined,
      expiresAt: undefined,
    });
  });

  it.each(['NONE', 'SMS', 'EMAIL', 'AUTOMATED_CALL', 'AGENT_CALL', 'WEBSITE', 'APP', 'VOICE_CALL'])(
    'names the method %s',
    (word) => {
      const digit = ['NONE', 'SMS', 'EMAIL', 'AUTOMATED_CALL', 'AGENT_CALL', 'WEBSITE', 'APP', 'VOICE_CALL'].indexOf(
        word,
      );
      const fields = { ...ehiMessages.acn(visa, 3), PaymentToken_activationMethod: String(digit) };
      expect(factOf(fields).activation?.method).toBe(word);
    },
  );
});

describe('a TCN', () => {
  it('puts the token on the device, with the status it reports', () => {
    expect(factOf(ehiMessages.tcn(visa, 4, 'I'))).toMatchObject({
      kind: 'DEVICE_PROVISIONED',
      reportedStatus: 'INACTIVE',
      reasonCode: '72',
      tokenExpiry: '2033-01-31',
    });
  });

  it('of Mastercard gives no reason for its why of 0', () => {
    const fact = factOf(ehiMessages.tcn(mastercard, 4, 'A'));
    expect(fact).toMatchObject({ kind: 'DEVICE_PROVISIONED', network: 'MDES', wallet: 'GOOGLE', tokenType: 'HCE' });
    expect(fact.reasonCode).toBeUndefined();
  });

  it.each(['06', '05', '96'])('with response code %s provisioned nothing', (code) => {
    expect(factOf({ ...ehiMessages.tcn(visa, 4, 'I'), Resp_Code_DE39: code }).kind).toBe('NOTED');
  });
});

describe('a TEN', () => {
  it.each([
    ['0', 'STATUS_REPORTED'],
    ['', 'STATUS_REPORTED'],
    ['38', 'NOTED'],
    ['39', 'NOTED'],
    ['41', 'NOTED'],
    ['51', 'STATUS_REPORTED'],
    ['52', 'TOKEN_REPLACED'],
    ['53', 'AUTHENTICATION_FAILED'],
    ['54', 'AUTHENTICATION_FAILED'],
    ['55', 'AUTHENTICATION_FAILED'],
    ['71', 'TOKEN_CREATED'],
    ['72', 'DEVICE_PROVISIONED'],
    ['73', 'AUTHENTICATION_SUCCEEDED'],
    ['74', 'AUTHENTICATION_SUCCEEDED'],
    ['75', 'AUTHENTICATION_SUCCEEDED'],
    ['76', 'NOTED'],
    ['77', 'NOTED'],
    ['78', 'TOKEN_UPDATED'],
    ['79', 'TOKEN_UPDATED'],
    ['80', 'TOKEN_RESUMED'],
    ['81', 'TOKEN_SUSPENDED'],
    ['82', 'TOKEN_DELETED'],
    ['84', 'NOTED'],
    ['85', 'DEVICE_UNBOUND'],
    ['86', 'DEVICE_BOUND'],
    ['87', 'DEVICE_BOUND'],
    ['88', 'DEVICE_BOUND'],
    ['89', 'DEVICE_BOUND'],
    ['90', 'CARDHOLDER_VERIFIED'],
    ['91', 'CARDHOLDER_VERIFIED'],
    ['92', 'CARDHOLDER_VERIFIED'],
    ['93', 'CARDHOLDER_VERIFIED'],
    ['94', 'NOTED'],
    ['95', 'TOKEN_UPDATED'],
    ['100', 'NOTED'],
    ['101', 'NOTED'],
    ['0071', 'TOKEN_CREATED'],
    ['9999', 'STATUS_REPORTED'],
  ])('with why "%s" says %s', (why, kind) => {
    expect(factOf(ehiMessages.ten(visa, 5, why, 'A')).kind).toBe(kind);
  });

  it.each(['73', '74', '75'])('with why %s and a response code of failure reports a failed authentication', (why) => {
    const fields = { ...ehiMessages.ten(visa, 5, why, 'I'), Resp_Code_DE39: '06' };
    expect(factOf(fields).kind).toBe('AUTHENTICATION_FAILED');
  });

  it.each([
    ['72', 'provisioned'],
    ['87', 'bound'],
    ['91', 'verified'],
  ])('with why %s and a response code of failure %s nothing', (why) => {
    expect(factOf({ ...ehiMessages.ten(visa, 5, why, 'I'), Resp_Code_DE39: '06' }).kind).toBe('NOTED');
  });

  it('tells the device that was bound or let go, and of requests and failures to bind none: it need not be the token’s own', () => {
    const deviceOf = (fields: Readonly<Record<string, string>>) => factOf(fields).device?.id;
    const ten = (why: string) => ehiMessages.ten(visa, 5, why, 'A');
    for (const why of ['85', '86', '87', '88', '89']) expect(deviceOf(ten(why)), why).toBe(visa.deviceId);
    for (const why of ['84', '100', '101']) expect(deviceOf(ten(why)), why).toBeUndefined();
    for (const why of ['86', '87', '88', '89'])
      expect(deviceOf({ ...ten(why), Resp_Code_DE39: '06' }), `${why} failed`).toBeUndefined();
    expect(deviceOf(ehiFields(visa, 5, { Proc_Code: '380000', Message_Why: '0' }))).toBeUndefined();
    for (const Proc_Code of ['320000', '370000'])
      expect(deviceOf(ehiFields(visa, 5, { Proc_Code, Message_Why: '0' })), Proc_Code).toBe(visa.deviceId);
    expect(deviceOf(ehiFields(visa, 5, { Message_Why: undefined }))).toBe(visa.deviceId);
  });

  it('says what it says of anything else, whatever its response code', () => {
    expect(factOf({ ...ehiMessages.ten(visa, 5, '81', 'S'), Resp_Code_DE39: '06' }).kind).toBe('TOKEN_SUSPENDED');
    expect(factOf(ehiFields(visa, 5, { Message_Why: '73', Resp_Code_DE39: undefined })).kind).toBe(
      'AUTHENTICATION_SUCCEEDED',
    );
  });

  it('without a why only reports a status', () => {
    const fact = factOf(ehiFields(visa, 5, { Message_Why: undefined, PaymentToken_creatorStatus: 'S' }));
    expect(fact).toMatchObject({ kind: 'STATUS_REPORTED', reportedStatus: 'SUSPENDED' });
    expect(fact.reasonCode).toBeUndefined();
  });

  it('with why 73 and status I keeps both: which counts is for the fold to say', () => {
    const fact = factOf(ehiMessages.ten(visa, 5, '73', 'I'));
    expect(fact).toMatchObject({ kind: 'AUTHENTICATION_SUCCEEDED', reportedStatus: 'INACTIVE', reasonCode: '73' });
  });

  it.each([
    ['CRDHLR', 'CARDHOLDER'],
    ['CARD-WAL', 'CARDHOLDER'],
    ['ISSUER', 'ISSUER'],
    ['WALLET', 'TOKEN_REQUESTOR'],
    ['WAL-AP', 'TOKEN_REQUESTOR'],
    ['Wal-Ap', 'TOKEN_REQUESTOR'],
    ['VISA-T', 'NETWORK'],
    ['VISA-VDEP', 'NETWORK'],
    ['VISA-STIP', 'NETWORK'],
    ['MC-MDES', 'NETWORK'],
    ['SOMEBODY', 'UNKNOWN'],
    ['MY-WAL-', 'UNKNOWN'],
    ['', 'UNKNOWN'],
  ])('from %s was caused by the %s', (source, actor) => {
    expect(factOf(ehiMessages.ten(visa, 5, '81', 'S', 10, source)).actor).toBe(actor);
  });
});

describe('processing codes', () => {
  it('decide the kind, whatever MTID and Txn_Type say', () => {
    const fields = { ...ehiMessages.tcn(visa, 6, 'A'), MTID: '0100', Txn_Type: 'A' };
    expect(factOf(fields).kind).toBe('DEVICE_PROVISIONED');
  });

  it.each(['320000', '370000', '380000'])('%s, which only Visa uses, is noted', (code) => {
    expect(factOf(ehiFields(visa, 6, { Proc_Code: code, Message_Why: '100' })).kind).toBe('NOTED');
  });

  it.each(['000000', '390000', '3', 'TAR', '3300000'])('%s is refused', (code) => {
    expect(refusalOf(ehiFields(visa, 6, { Proc_Code: code }))).toMatchObject({
      code: 'UNKNOWN_PROCESSING_CODE',
      errors: [{ path: 'Proc_Code', message: 'is not the code of a tokenisation message' }],
    });
  });
});

describe('statuses', () => {
  it.each([
    ['A', 'ACTIVE'],
    ['a', 'ACTIVE'],
    ['I', 'INACTIVE'],
    ['S', 'SUSPENDED'],
    ['D', 'DELETED'],
    ['X', 'DELETED'],
    ['N', undefined],
    ['P', undefined],
    ['U', undefined],
    [' ', undefined],
    ['', undefined],
  ])('"%s" reports %s', (letter, status) => {
    expect(factOf({ ...ehiMessages.ten(visa, 7, '51', letter) }).reportedStatus).toBe(status);
  });

  it('of any other letter are refused', () => {
    expect(refusalOf(ehiMessages.ten(visa, 7, '51', 'Z'))).toMatchObject({
      code: 'FIELD_INVALID',
      errors: [{ path: 'PaymentToken_creatorStatus' }],
    });
  });
});

describe('EHI quirks', () => {
  it('blank, whitespace-only and absent are the same', () => {
    const absent = factOf(ehiFields(visa, 8));
    const blank = factOf(
      ehiFields(visa, 8, {
        PaymentToken_creatorStatus: ' ',
        PaymentToken_lang: '  ',
        PaymentToken_expdate: '',
        PaymentToken_activationExpiry: '   ',
        Message_Source: '',
      }),
    );
    expect(blank).toEqual(absent);
  });

  it('field names match exactly first, and otherwise whatever their case', () => {
    const shouted = Object.fromEntries(Object.entries(ehiFields(visa, 8)).map(([k, v]) => [k.toUpperCase(), v]));
    expect(factOf(shouted)).toEqual(factOf(ehiFields(visa, 8)));
    expect(factOf({ ...ehiFields(visa, 8), PAYMENTTOKEN_WALLET: 'GARMIN' }).wallet).toBe('APPLE');
  });

  it.each([
    ['VISA-T', 'VTS'],
    ['Visa-t', 'VTS'],
    ['visa-vdep', 'VTS'],
    ['Mc-Mdes', 'MDES'],
  ] as const)('the creator %s is %s', (creator, network) => {
    expect(factOf(ehiFields(visa, 8, { PaymentToken_creator: creator })).network).toBe(network);
  });

  it('message ids keep every digit', () => {
    const fact = factOf(ehiFields(visa, 8, { TXn_ID: '9007199254740993' }));
    expect(fact).toMatchObject({ factId: 'thredd-ehi:9007199254740993', sourceMessageId: '9007199254740993' });
    expect(factOf(ehiFields(visa, 8, { TXn_ID: '00000000000000000123' })).factId).toBe('thredd-ehi:123');
  });

  it('the sending attempt does not belong to the identity of a message', () => {
    const first = factOf(ehiFields(visa, 8, { SendingAttemptCount: '0' }));
    expect(factOf(ehiFields(visa, 8, { SendingAttemptCount: '4' }))).toEqual(first);
  });

  it.each([
    ['SE', 'SECURE_ELEMENT'],
    ['se', 'SECURE_ELEMENT'],
    ['CL', 'HCE'],
    ['CF', 'CARD_ON_FILE'],
    ['BW', 'BROWSER'],
    ['V', 'OTHER'],
    ['', undefined],
  ])('the token type "%s" is %s', (code, tokenType) => {
    expect(factOf(ehiFields(visa, 8, { PaymentToken_type: code })).tokenType).toBe(tokenType);
  });

  it('device and card are named, the card by its public token', () => {
    expect(factOf(ehiFields(visa, 8))).toMatchObject({
      device: { id: visa.deviceId, name: 'Test phone', type: 'PHONE' },
      card: { ref: 'threddPublicToken:100000001' },
    });
    const leadingZero = factOf(ehiFields(visa, 8, { Token: '0100000001' }));
    expect(leadingZero.card).toEqual({ ref: 'threddPublicToken:0100000001' });
    expect(factOf(ehiFields(visa, 8, { Token: undefined })).card).toBeUndefined();
  });

  it.each([
    ['M', 'PHONE'],
    ['m', 'PHONE'],
    ['W', 'WATCH'],
    ['T', 'TABLET'],
    ['P', 'PC'],
    ['X', 'PHONE_OR_TABLET'],
    ['C', 'CARD'],
    ['J', 'JEWELLERY'],
    ['R', 'WRISTBAND'],
    ['V', 'VEHICLE'],
    ['q', 'Q'],
    ['U', undefined],
    ['u', undefined],
    ['', undefined],
  ])('the device type "%s" is %s', (letter, type) => {
    expect(factOf(ehiFields(visa, 8, { PaymentToken_deviceType: letter })).device?.type).toBe(type);
  });

  it.each([
    ['ANDROID', 'GOOGLE'],
    ['android', 'GOOGLE'],
    ['Apple', 'APPLE'],
    ['Garmin', 'GARMIN'],
    ['', undefined],
  ])('the wallet "%s" is %s', (code, wallet) => {
    expect(factOf(ehiFields(visa, 8, { PaymentToken_wallet: code })).wallet).toBe(wallet);
  });

  it('a message that says nothing of device, card or type tells of none', () => {
    const silent = factOf(
      ehiFields(visa, 8, {
        PaymentToken_deviceType: 'U',
        PaymentToken_deviceId: undefined,
        PaymentToken_deviceName: undefined,
        PaymentToken_deviceIp: undefined,
        Token: '000',
        Resp_Code_DE39: undefined,
      }),
    );
    expect(silent).toMatchObject({ device: undefined, card: undefined, responseCode: undefined, decision: undefined });
    expect(silent.activation).toBeUndefined();
    const named = factOf(ehiFields(visa, 8, { PaymentToken_deviceType: undefined, PaymentToken_deviceId: undefined }));
    expect(named.device).toEqual({ id: undefined, name: 'Test phone', type: undefined });
  });

  it('the number of the token travels sealed', () => {
    expect(factOf(ehiFields(visa, 8), { PaymentTokenPan: 'jwe' }).tokenPanSealed).toBe('jwe');
  });
});

describe('when it happened', () => {
  const stamp = { Txn_GPS_Date: '2030-10-27 01:30:00.500' };

  it('is what Thredd’s clock showed, and in the hour it showed twice what DE 07 says', () => {
    const twice: EhiContext = { localInstants: (local) => [asUtc(local) - 3_600_000, asUtc(local)] };
    const occurredAt = (de07: string | undefined) =>
      factOf(ehiFields(visa, 9, { ...stamp, TXN_Time_DE07: de07 }), {}, twice).occurredAt;
    expect(occurredAt('1027003000')).toBe(Date.UTC(2030, 9, 27, 0, 30, 0, 500));
    expect(occurredAt('1027013000')).toBe(Date.UTC(2030, 9, 27, 1, 30, 0, 500));
    expect(occurredAt(undefined)).toBe(Date.UTC(2030, 9, 27, 0, 30, 0, 500));
  });
});

describe('names of the token', () => {
  it('are all kept, strongest first, the Visa trace as its 15 digits', () => {
    expect(factOf(ehiMessages.tcn(visa, 9, 'A')).aliases).toEqual([
      { kind: 'threddPaymentTokenId', value: '70000101' },
      { kind: 'tokenReferenceId', value: visa.reference },
      { kind: 'lifecycleTraceId', value: '399000000000101' },
    ]);
  });

  it('of Mastercard are a token unique reference and the whole trace', () => {
    expect(factOf(ehiMessages.tcn(mastercard, 9, 'A')).aliases).toEqual([
      { kind: 'threddPaymentTokenId', value: '70000202' },
      { kind: 'tokenUniqueReference', value: mastercard.reference },
      { kind: 'lifecycleTraceId', value: 'BNET-20300115-MCC000202' },
    ]);
  });

  it.each(['0', '', '000', ' '])('do not include a payment token id of "%s"', (id) => {
    const fact = factOf(ehiFields(visa, 9, { PaymentToken_id: id }));
    expect(fact.aliases).toEqual([{ kind: 'lifecycleTraceId', value: '399000000000101' }]);
  });

  it('fall back to nothing less than card, wallet and device', () => {
    const nameless = { PaymentToken_id: '0', traceid_lifecycle: undefined };
    for (const part of ['Token', 'PaymentToken_wallet', 'PaymentToken_deviceId']) {
      for (const nothing of ['0', undefined]) {
        expect(refusalOf(ehiFields(visa, 9, { ...nameless, [part]: nothing })).code).toBe('NO_TOKEN_NAME');
      }
    }
    const shouting = factOf(ehiFields(visa, 9, { ...nameless, PaymentToken_wallet: 'Apple' }));
    expect(shouting.aliases).toEqual([{ kind: 'cardDevice', value: `100000001/APPLE/${visa.deviceId}` }]);
  });

  it('fall back to card, wallet and device, and only then', () => {
    const fact = factOf(ehiFields(visa, 9, { PaymentToken_id: '0', traceid_lifecycle: undefined }));
    expect(fact.aliases).toEqual([{ kind: 'cardDevice', value: `100000001/APPLE/${visa.deviceId}` }]);
  });

  it('must not all be missing', () => {
    const nameless = {
      PaymentToken_id: '0',
      traceid_lifecycle: 'N/A',
      TokenUniqueReference: 'null',
      PaymentToken_deviceId: '',
    };
    expect(refusalOf(ehiFields(visa, 9, nameless))).toMatchObject({
      code: 'NO_TOKEN_NAME',
      errors: [{ path: 'PaymentToken_id', message: 'is blank or 0, and so is every other name of the token' }],
    });
  });
});

describe('refusals', () => {
  it.each([
    ['Proc_Code', undefined, 'FIELD_MISSING'],
    ['PaymentToken_creator', undefined, 'FIELD_MISSING'],
    ['PaymentToken_creator', 'ACME-TSP', 'UNKNOWN_CREATOR'],
    ['TXn_ID', undefined, 'FIELD_MISSING'],
    ['TXn_ID', '12345678901234567', 'FIELD_INVALID'],
    ['TXn_ID', '9.0E9', 'FIELD_INVALID'],
    ['TXn_ID', '0', 'FIELD_INVALID'],
    ['Txn_GPS_Date', undefined, 'FIELD_MISSING'],
    ['Txn_GPS_Date', '2030-02-30 10:00:00.000', 'IMPOSSIBLE_DATE'],
    ['Txn_GPS_Date', '2030-01-15 24:00:00.000', 'IMPOSSIBLE_DATE'],
    ['Txn_GPS_Date', 'yesterday', 'IMPOSSIBLE_DATE'],
    ['TXN_Time_DE07', '1315100000', 'IMPOSSIBLE_DATE'],
    ['TXN_Time_DE07', '0115106000', 'IMPOSSIBLE_DATE'],
    ['PaymentToken_expdate', '2033-02-29', 'IMPOSSIBLE_DATE'],
    ['PaymentToken_activationExpiry', '2030-01-15 10:61:00', 'IMPOSSIBLE_DATE'],
    ['Message_Why', 'later', 'FIELD_INVALID'],
    ['PaymentToken_deviceIp', '300.1.1.1', 'FIELD_INVALID'],
    ['PaymentToken_id', 'seventy', 'FIELD_INVALID'],
    ['PaymentToken_id', 'x70', 'FIELD_INVALID'],
    ['PaymentToken_id', '12345678901234567890', 'FIELD_INVALID'],
    ['Token', '10-0', 'FIELD_INVALID'],
    ['Token', 'x100', 'FIELD_INVALID'],
    ['Token', '12345678901234567890', 'FIELD_INVALID'],
    ['Resp_Code_DE39', '1234', 'FIELD_INVALID'],
    ['Resp_Code_DE39', '0-', 'FIELD_INVALID'],
    ['Message_Why', '12345', 'FIELD_INVALID'],
    ['Message_Why', '7x', 'FIELD_INVALID'],
    ['PaymentToken_creatorStatus', 'AA', 'FIELD_INVALID'],
    ['TXn_ID', '12a', 'FIELD_INVALID'],
    ['TXn_ID', 'a12', 'FIELD_INVALID'],
  ])('name %s when it is %s (%s)', (path, value, code) => {
    const refusal = refusalOf(ehiFields(visa, 10, { [path]: value }));
    expect(refusal.code).toBe(code);
    expect(refusal.errors.map((e) => e.path)).toEqual([path]);
    expect(refusal.errors[0]?.message).toMatch(/^(is|looks) \w+/);
    if (value !== undefined) expect(JSON.stringify(refusal)).not.toContain(value);
  });

  it('name an activation method that is none, and only in the message that carries it', () => {
    for (const digit of ['8', '10', '01', '1.0', 'x', '1x']) {
      const refusal = refusalOf({ ...ehiMessages.acn(visa, 10), PaymentToken_activationMethod: digit });
      expect(refusal).toMatchObject({ code: 'FIELD_INVALID', errors: [{ path: 'PaymentToken_activationMethod' }] });
      expect(refusal.errors[0]?.message).toMatch(/^is /);
    }
    expect(factOf(ehiFields(visa, 10, { PaymentToken_activationMethod: 'x' })).activation).toBeUndefined();
  });

  it('name DE 07 beside a missing date, and do not hold 29 February against it', () => {
    const undated = { Txn_GPS_Date: undefined };
    const paths = (de07: string) =>
      refusalOf(ehiFields(visa, 10, { ...undated, TXN_Time_DE07: de07 })).errors.map((e) => e.path);
    expect(paths('0229100000')).toEqual(['Txn_GPS_Date']);
    expect(paths('0230100000')).toEqual(['Txn_GPS_Date', 'TXN_Time_DE07']);
  });

  it('name every fault of a message at once', () => {
    const refusal = refusalOf(
      ehiFields(visa, 10, {
        Proc_Code: undefined,
        PaymentToken_creator: 'ACME',
        TXn_ID: 'x',
        Txn_GPS_Date: '2030-13-01 00:00:00.000',
        PaymentToken_expdate: '2033-13-31',
      }),
    );
    expect(refusal.code).toBe('FIELD_MISSING');
    expect(refusal.errors.map((e) => e.path)).toEqual([
      'Proc_Code',
      'PaymentToken_creator',
      'TXn_ID',
      'Txn_GPS_Date',
      'PaymentToken_expdate',
    ]);
    const wrongExpiry = { ...ehiMessages.acn(visa, 10), PaymentToken_activationExpiry: 'soon' };
    expect(refusalOf(wrongExpiry).errors.map((e) => e.path)).toEqual(['PaymentToken_activationExpiry']);
  });

  it('say that a needed value was withheld because it looks sensitive', () => {
    const refusal = refusalOf(ehiFields(visa, 10, { TXn_ID: undefined }), { TXn_ID: 'jwe' });
    expect(refusal).toMatchObject({
      code: 'FIELD_INVALID',
      errors: [{ path: 'TXn_ID', message: 'looks like a card number, e-mail address or phone number' }],
    });
  });

  it('hold for whatever the fields contain: the mapper answers and never throws', () => {
    const names = [...Object.keys(ehiMessages.acn(visa, 1)), 'TokenUniqueReference', 'PaymentToken_expdate'];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.string()), (noise) => {
        const mapping = map({ ...ehiMessages.acn(visa, 1), ...noise });
        return mapping.ok ? mapping.facts.length === 1 : mapping.rejection.errors.length > 0;
      }),
    );
  });
});
