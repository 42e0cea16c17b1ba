import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FactDraft } from '../facts/draft.js';
import { vtsMessage, vtsMessages, vtsToken } from '../testing/vts.js';
import { vtsReasons } from './events.js';
import { mapVts } from './map.js';
import { type VtsMessage, vtsOperations } from './message.js';

const token = vtsToken(101);
const { approve, changed, passcode } = vtsMessages;

function factOf(message: VtsMessage): FactDraft {
  const mapping = mapVts(message);
  if (!mapping.ok) throw new Error(`refused: ${JSON.stringify(mapping.rejection)}`);
  expect(mapping.facts).toHaveLength(1);
  return mapping.facts[0] as FactDraft;
}

function refusalOf(message: VtsMessage) {
  const mapping = mapVts(message);
  if (mapping.ok) throw new Error('accepted');
  return mapping.rejection;
}

describe('a request to approve provisioning', () => {
  it.each([
    ['00', 'APPROVED'],
    ['85', 'AUTHENTICATE'],
    ['05', 'DECLINED'],
    ['N7', 'DECLINED'],
  ] as const)('answered %s is a request that was %s', (actionCode, decision) => {
    expect(factOf(approve(token, actionCode))).toMatchObject({
      kind: 'PROVISIONING_REQUESTED',
      decision,
      responseCode: actionCode,
      network: 'VTS',
      actor: 'TOKEN_REQUESTOR',
      tokenType: 'SECURE_ELEMENT',
      wallet: 'APPLE',
      tokenRequestorId: '40010030273',
      card: { ref: 'pan:k1:abc', last4: '1111' },
      aliases: [
        { kind: 'tokenReferenceId', value: 'DNITHE000000000000000101' },
        { kind: 'lifecycleTraceId', value: '399000000000101' },
      ],
    });
  });

  it('happened when Visa signed it, by Visa’s clock', () => {
    const fact = factOf(approve(token, '00', 7));
    expect(fact).toMatchObject({ occurredAt: Date.UTC(2030, 0, 15, 10, 0, 7), occurredAtSource: 'SOURCE' });
  });

  it('repeated is the same message, unless it was answered otherwise', () => {
    expect(factOf(approve(token, '00', 9)).factId).toBe(factOf(approve(token, '00', 0)).factId);
    expect(factOf(approve(token, '85')).factId).not.toBe(factOf(approve(token, '00')).factId);
  });

  it('that nobody answered was asked, and no more', () => {
    const { 'answer.actionCode': _answer, ...fields } = approve(token, '00').fields;
    const fact = factOf({ ...approve(token, '00'), fields });
    expect(fact).toMatchObject({ kind: 'PROVISIONING_REQUESTED', decision: undefined, responseCode: undefined });
  });
});

describe('a change of a token', () => {
  it.each([
    ['3700', 'TOKEN_CREATED', 'INACTIVE', 'TOKEN_CREATED', 'INACTIVE'],
    ['3700', 'TOKEN_CREATED', 'ACTIVE', 'TOKEN_CREATED', 'ACTIVE'],
    ['3701', 'TOKEN_DEACTIVATED', 'DEACTIVATED', 'TOKEN_DELETED', 'DELETED'],
    ['3702', 'TOKEN_SUSPEND', 'SUSPENDED', 'TOKEN_SUSPENDED', 'SUSPENDED'],
    ['3703', 'TOKEN_RESUME', 'ACTIVE', 'TOKEN_RESUMED', 'ACTIVE'],
    ['3711', 'DEVICE_PROVISIONING_RESULT', 'I', 'DEVICE_PROVISIONED', 'INACTIVE'],
    ['3712', 'OTP_VERIFICATION_RESULT', 'ACTIVE', 'AUTHENTICATION_SUCCEEDED', 'ACTIVE'],
    ['3713', 'CALL_CENTER_ACTIVATION', 'A', 'AUTHENTICATION_SUCCEEDED', 'ACTIVE'],
    ['3714', 'MOBILE_BANK_APP_ACTIVATION', 'ACTIVE', 'AUTHENTICATION_SUCCEEDED', 'ACTIVE'],
    ['3715', 'LUK_REPLENISHMENT', 'ACTIVE', 'NOTED', 'ACTIVE'],
    ['3720', 'TOKEN_EXPIRY_DATE_UPDATED', 'ACTIVE', 'TOKEN_UPDATED', 'ACTIVE'],
  ] as const)('%s, which is %s, with status %s, is %s', (number, symbol, status, kind, reportedStatus) => {
    const numeric = factOf(changed(token, number, status, 5, { messageReason: symbol }));
    expect(numeric).toMatchObject({ kind, reportedStatus, reasonCode: symbol, responseCode: '00' });
    // Both dialects are the same message.
    expect(factOf(changed(token, symbol, status, 5))).toEqual(numeric);
    expect(factOf(changed(token, symbol.toLowerCase().replaceAll('_', ''), status, 5))).toEqual(numeric);
  });

  it.each([
    ['3711', { actionCode: '06' }, 'NOTED', 'DEVICE_PROVISIONING_RESULT'],
    [
      '3712',
      { activationVerificationResult: 'VERIFICATION_SUCCESS' },
      'AUTHENTICATION_SUCCEEDED',
      'OTP_VERIFICATION_RESULT',
    ],
    [
      '3712',
      { activationVerificationResult: 'VERIFICATION_CODE_FAILED' },
      'AUTHENTICATION_FAILED',
      'VERIFICATION_CODE_FAILED',
    ],
    [
      '3712',
      { activationVerificationResult: 'VERIFICATION_CODE_RETRIES_EXCEEDED', actionCode: '06' },
      'AUTHENTICATION_FAILED',
      'VERIFICATION_CODE_RETRIES_EXCEEDED',
    ],
    ['3714', { actionCode: '05' }, 'AUTHENTICATION_FAILED', 'MOBILE_BANK_APP_ACTIVATION'],
    [
      'TOKEN_DEVICE_BINDING_RESULT',
      { deviceBindingResult: 'DEVICE_BINDING_OTP' },
      'DEVICE_BOUND',
      'TOKEN_DEVICE_BINDING_RESULT',
    ],
    [
      'TOKEN_DEVICE_BINDING_RESULT',
      { deviceBindingResult: 'DEVICE_BINDING_REMOVED' },
      'DEVICE_UNBOUND',
      'TOKEN_DEVICE_BINDING_RESULT',
    ],
    ['TOKEN_DEVICE_BINDING_RESULT', { actionCode: '05' }, 'NOTED', 'TOKEN_DEVICE_BINDING_RESULT'],
    ['TOKEN_DEVICE_BINDING_REMOVED', {}, 'DEVICE_UNBOUND', 'TOKEN_DEVICE_BINDING_REMOVED'],
    [
      'CARDHOLDER_STEPUP_RESULT',
      { cardHolderStepupResult: 'CARDHOLDER_STEPUP_OTP' },
      'CARDHOLDER_VERIFIED',
      'CARDHOLDER_STEPUP_RESULT',
    ],
    ['CARDHOLDER_STEPUP_RESULT', { actionCode: '05' }, 'NOTED', 'CARDHOLDER_STEPUP_RESULT'],
    ['3740', {}, 'NOTED', 'TOKEN_DEVICE_BINDING_REQUEST'],
  ] as const)('%s with %o is %s', (reason, fields, kind, reasonCode) => {
    expect(factOf(changed(token, reason, 'ACTIVE', 5, fields))).toMatchObject({ kind, reasonCode });
  });

  it('for a reason not known reports the status it states, and without one is noted', () => {
    expect(factOf(changed(token, '3799', 'SUSPENDED', 5))).toMatchObject({
      kind: 'STATUS_REPORTED',
      reportedStatus: 'SUSPENDED',
      reasonCode: '3799',
    });
    expect(factOf(changed(token, '3799', undefined, 5))).toMatchObject({ kind: 'NOTED', reasonCode: '3799' });
  });

  it('under a number not known is what its symbol says', () => {
    const message = changed(token, '3748', 'ACTIVE', 5, { messageReason: 'TOKEN_DEVICE_BINDING_RESULT' });
    expect(factOf(message)).toMatchObject({ kind: 'DEVICE_BOUND' });
  });

  it('happened at dateTimeOfEvent, to the millisecond', () => {
    const message = changed(token, '3702', 'SUSPENDED', 0, { dateTimeOfEvent: '2030-01-16T11:00:01.007Z' });
    expect(factOf(message)).toMatchObject({
      occurredAt: Date.UTC(2030, 0, 16, 11, 0, 1, 7),
      occurredAtSource: 'SOURCE',
    });
  });

  it('is known by its eventID, and else by token, reason and time', () => {
    expect(factOf(changed(token, '3702', 'SUSPENDED', 5, { eventID: 'EV1' })).factId).toBe('vts:event:EV1');
    expect(factOf(changed(token, '3702', 'SUSPENDED', 5)).factId).toBe(
      'vts:tokenChanged:DNITHE000000000000000101:TOKEN_SUSPEND:2030-01-15T10:00:05.000Z',
    );
  });

  it('carries the token’s number sealed and its expiry as the last day of the month', () => {
    expect(factOf(changed(token, '3700', 'ACTIVE', 1))).toMatchObject({
      tokenPanSealed: 'jwe-token',
      tokenExpiry: '2033-01-31',
    });
    const leap = changed(token, '3720', 'ACTIVE', 1, {
      'encryptedData.tokenInfo.tokenExpirationDate.month': '2',
      'encryptedData.tokenInfo.tokenExpirationDate.year': '2032',
    });
    expect(factOf(leap)).toMatchObject({ tokenExpiry: '2032-02-29' });
  });

  it('that tells of Visa’s own decision is a request, decided by the network', () => {
    const message = changed(token, '', undefined, 3, {
      messageReasonCode: undefined,
      eventType: 'ANYTHING',
      stipReasonCode: '9020',
      actionCode: '85',
    });
    expect(factOf(message)).toMatchObject({
      kind: 'PROVISIONING_REQUESTED',
      decision: 'AUTHENTICATE',
      actor: 'NETWORK',
      reasonCode: '9020',
    });
  });

  it.each([
    ['DEVICE_BOUND', 'TOKEN_DEVICE_BINDING_RESULT', {}],
    ['DEVICE_UNBOUND', 'TOKEN_DEVICE_BINDING_RESULT', { deviceBindingResult: 'DEVICE_BINDING_REMOVED' }],
    ['DEVICE_UNBOUND', 'TOKEN_DEVICE_BINDING_REMOVED', {}],
  ])('that is %s names the device and its slot', (kind, reason, fields) => {
    const [slot, device] = [{ 'deviceInfo.deviceIndex': '1' }, { 'deviceInfo.deviceType': 'PC' }];
    expect(factOf(changed(token, reason, 'ACTIVE', 5, { ...fields, ...slot, ...device }))).toMatchObject({
      kind,
      bindingId: '1',
      device: { id: token.deviceId, type: 'PC' },
    });
    const { bindingId } = factOf(changed(token, reason, 'ACTIVE', 5, { ...fields }));
    expect(bindingId).toBeUndefined();
  });

  it('of a binding that was asked for or did not come about tells no device: it need not be the token’s own', () => {
    const asked = ['3740', '3749', '3760'].map((reason) => changed(token, reason, 'ACTIVE', 5));
    const failed = changed(token, 'TOKEN_DEVICE_BINDING_RESULT', 'ACTIVE', 5, { actionCode: '05' });
    for (const message of [...asked, failed]) {
      const slot = { 'deviceInfo.deviceIndex': '1' };
      const { kind, device, bindingId } = factOf({ ...message, fields: { ...message.fields, ...slot } });
      expect({ kind, device, bindingId }).toEqual({ kind: 'NOTED' });
    }
  });

  it.each(['3711', '3700', '3799', ''])('with the reason "%s" tells the token’s own device', (reason) => {
    const message = changed(token, reason, 'ACTIVE', 5, { eventType: 'TOKEN_CREATED', 'deviceInfo.deviceIndex': '1' });
    expect(factOf(message)).toMatchObject({ device: { id: token.deviceId } });
    expect(factOf(message).bindingId).toBeUndefined();
  });
});

describe('the other operations', () => {
  it('send passcode is a code on its way, sealed', () => {
    expect(factOf(passcode(token))).toMatchObject({
      kind: 'ACTIVATION_CODE_ISSUED',
      activation: {
        method: 'SMS',
        codeSealed: 'jwe-code',
        contactSealed: 'jwe-contact',
        expiresAt: Date.UTC(2030, 0, 15, 10, 30, 20),
      },
    });
  });

  it.each([
    ['checkEligibility', {}, 'CHECK_ELIGIBILITY'],
    ['retrieveStepUpMethods', { otpReason: 'CARDHOLDER_STEPUP' }, 'CARDHOLDER_STEPUP'],
    ['deviceBinding', { 'answer.actionCode': '85' }, 'TOKEN_DEVICE_BINDING_REQUEST'],
    ['cardMetadataNotification', { taskID: 'task-1', statusCode: 'SUCCESS' }, 'SUCCESS'],
    ['cardMetadataNotification', { taskID: 'task-1', statusCode: 'FAILURE', errorCode: 'VSE40001' }, 'VSE40001'],
  ] as const)('%s with %o is noted', (operation, fields, reasonCode) => {
    expect(factOf(vtsMessage(token, operation, fields))).toMatchObject({ kind: 'NOTED', reasonCode });
  });

  it('tell of a device only before there is a token', () => {
    const told = (operation: string) => factOf(vtsMessage(token, operation, requests)).device?.id;
    const requests = {
      otpReason: 'PROVISIONING',
      otpMethodIdentifier: 'm',
      otpExpirationDate: '2030-01-15T10:30:20.000Z',
      statusCode: 'SUCCESS',
    };
    expect(['checkEligibility', 'approveProvisioning'].map(told)).toEqual([token.deviceId, token.deviceId]);
    expect(['retrieveStepUpMethods', 'deviceBinding', 'cardMetadataNotification'].map(told)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(factOf(passcode(token)).device).toBeUndefined();
  });

  it('without an envelope happened when we received them', () => {
    const message = vtsMessage(token, 'deviceBinding');
    expect(factOf(message)).toMatchObject({ occurredAt: message.receivedAt, occurredAtSource: 'RECEIVED' });
  });

  it.each([
    ['panNotification', { messageReasonCode: 'PAN_UPDATED', dateTimeOfEvent: '2030-01-15T10:00:00.000Z' }],
    ['pushProvisioningStatus', { status: 'SUCCESS' }],
  ])('%s names no token and gives no fact', (operation, fields) => {
    expect(mapVts(vtsMessage(token, operation, { ...fields, tokenReferenceID: undefined }))).toEqual({
      ok: true,
      facts: [],
    });
  });
});

describe('a refusal names the field at fault', () => {
  it.each([
    ['no reference', { tokenReferenceID: undefined }, 'FIELD_MISSING', 'tokenReferenceID'],
    ['a reference with spaces', { tokenReferenceID: 'a b' }, 'FIELD_INVALID', 'tokenReferenceID'],
    [
      'names that are placeholders',
      { tokenReferenceID: '0', lifeCycleTraceID: '0' },
      'NO_TOKEN_NAME',
      'tokenReferenceID',
    ],
    ['a requestor that is no number', { tokenRequestorID: 'apple' }, 'FIELD_INVALID', 'tokenRequestorID'],
    ['a trace of sixteen digits', { lifeCycleTraceID: '1234567890123456' }, 'FIELD_INVALID', 'lifeCycleTraceID'],
    ['no reason', { messageReasonCode: undefined }, 'FIELD_MISSING', 'messageReasonCode'],
    ['no time', { dateTimeOfEvent: undefined }, 'FIELD_MISSING', 'dateTimeOfEvent'],
    [
      'a day that does not exist',
      { dateTimeOfEvent: '2030-02-30T00:00:00.000Z' },
      'IMPOSSIBLE_DATE',
      'dateTimeOfEvent',
    ],
    ['a time without zone', { dateTimeOfEvent: '2030-02-20T00:00:00.000' }, 'IMPOSSIBLE_DATE', 'dateTimeOfEvent'],
    [
      'a status not known',
      { 'encryptedData.tokenInfo.tokenStatus': 'ASLEEP' },
      'FIELD_INVALID',
      'encryptedData.tokenInfo.tokenStatus',
    ],
    [
      'a thirteenth month',
      { 'encryptedData.tokenInfo.tokenExpirationDate.month': '13' },
      'IMPOSSIBLE_DATE',
      'encryptedData.tokenInfo.tokenExpirationDate',
    ],
  ] as const)('%s', (_what, fields, code, path) => {
    const refusal = refusalOf(changed(token, '3702', 'SUSPENDED', 5, fields));
    expect(refusal).toMatchObject({ code, errors: expect.arrayContaining([expect.objectContaining({ path })]) });
  });

  it('an operation not known', () => {
    expect(refusalOf(vtsMessage(token, 'tokenDreamt'))).toMatchObject({ code: 'UNKNOWN_OPERATION' });
  });

  it('a passcode without its code', () => {
    expect(refusalOf({ ...passcode(token), sealed: {} })).toMatchObject({ errors: [{ path: 'otpValue' }] });
  });
});

describe('a refusal says what is wrong', () => {
  const month = 'is not a month that exists: month 1 to 12, year of four digits';
  const code = 'is not a code of up to 4 letters and digits';
  const requestor = 'is not a number of up to 11 digits';
  const expiry = 'encryptedData.tokenInfo.tokenExpirationDate';

  it.each([
    ['tokenReferenceID', 'a b', 'is not a reference of up to 32 letters and digits'],
    ['tokenRequestorID', 'x1', requestor],
    ['tokenRequestorID', '1x', requestor],
    ['tokenRequestorID', '123456789012', requestor],
    ['lifeCycleTraceID', '1234567890123456', 'is not a number of up to 15 digits'],
    ['actionCode', '12345', code],
    ['actionCode', '-00', code],
    ['actionCode', '00-', code],
    [`${expiry}.month`, '13', month],
    ['encryptedData.tokenInfo.tokenStatus', 'ASLEEP', 'is not one of ACTIVE, INACTIVE, SUSPENDED, DEACTIVATED'],
  ])('%s "%s"', (field, value, message) => {
    const path = field.startsWith(expiry) ? expiry : field;
    expect(refusalOf(changed(token, '3702', 'SUSPENDED', 5, { [field]: value })).errors).toEqual([{ path, message }]);
  });

  it('of names that are placeholders, and of a passcode without its code', () => {
    const nameless = changed(token, '3702', 'SUSPENDED', 5, { tokenReferenceID: '0', lifeCycleTraceID: '0' });
    expect(refusalOf(nameless).errors).toEqual([
      { path: 'tokenReferenceID', message: 'is a placeholder, and there is no lifeCycleTraceID' },
    ]);
    expect(refusalOf({ ...passcode(token), sealed: {} }).errors).toEqual([
      { path: 'otpValue', message: 'is missing or blank' },
    ]);
  });
});

describe('what a message tells beside its kind', () => {
  const signed = (at: string) => ({ 'envelope.issuedAt': at });
  const first = signed('2030-01-15T10:00:00.000Z');
  const second = signed('2030-01-15T10:00:01.000Z');

  it.each([
    ['checkEligibility', {}, 'TOKEN_REQUESTOR'],
    ['retrieveStepUpMethods', { otpReason: 'PROVISIONING' }, 'TOKEN_REQUESTOR'],
    ['cardMetadataNotification', { statusCode: 'SUCCESS', dateTimeOfEvent: '2030-01-15T10:00:00.000Z' }, 'NETWORK'],
    ['sendPasscode', passcode(token).fields, 'NETWORK'],
  ] as const)('%s: who did it', (operation, fields, actor) => {
    const message = vtsMessage(token, operation, { ...first, ...fields }, { otpValue: 'jwe-code' });
    expect(factOf(message).actor).toBe(actor);
  });

  it('only a call centre’s activation is known to be the issuer’s', () => {
    const actors = ['3713', '3702'].map((reason) => factOf(changed(token, reason, 'ACTIVE', 5)).actor);
    expect(actors).toEqual(['ISSUER', 'UNKNOWN']);
  });

  it.each([
    ['checkEligibility', {}],
    ['retrieveStepUpMethods', { otpReason: 'PROVISIONING' }],
  ] as const)('%s asked twice is two facts', (operation, fields) => {
    const asked = [first, second].map((at) => factOf(vtsMessage(token, operation, { ...at, ...fields })).factId);
    expect(new Set(asked).size).toBe(2);
  });

  it('a passcode by another method or with another end is another', () => {
    const { fields, ...rest } = passcode(token);
    const others = [{}, { otpMethodIdentifier: 'm2' }, { otpExpirationDate: '2030-01-15T10:40:20.000Z' }];
    const ids = others.map((other) => factOf({ ...rest, fields: { ...fields, ...other } }).factId);
    expect(new Set(ids).size).toBe(3);
  });

  it('no expiry by halves, and no wallet without a requestor', () => {
    const expiry = 'encryptedData.tokenInfo.tokenExpirationDate';
    for (const half of ['month', 'year'])
      expect(
        factOf(changed(token, '3702', 'SUSPENDED', 5, { [`${expiry}.${half}`]: undefined })).tokenExpiry,
      ).toBeUndefined();
    const fact = factOf(changed(token, '3702', 'SUSPENDED', 5, { tokenRequestorID: undefined }));
    expect([fact.tokenRequestorId, fact.wallet]).toEqual([undefined, undefined]);
  });
});

it('any message at all gives facts or a rejection, the same each time, that quotes no value', () => {
  const paths = Object.keys({
    ...changed(token, '3700', 'ACTIVE', 1).fields,
    ...passcode(token).fields,
    eventID: '',
    stipReasonCode: '',
  });
  const marked = fc.string().map((text) => `<${text}>`);
  const value = fc.oneof(
    marked,
    fc.constantFrom(...Object.keys(vtsReasons), 'ACTIVE', '2030-01-15T10:00:00.000Z', '00', '85'),
  );
  const messages = fc.record({
    operation: fc.constantFrom(...vtsOperations, 'other'),
    fields: fc.dictionary(fc.constantFrom(...paths), value),
    sealed: fc.dictionary(fc.constantFrom('otpValue', 'tokenReferenceID'), fc.constant('<jwe>')),
    receivedAt: fc.constant(0),
  });
  fc.assert(
    fc.property(messages, (message) => {
      const mapping = mapVts(message);
      expect(mapVts(message)).toEqual(mapping);
      if (!mapping.ok) expect(JSON.stringify(mapping.rejection)).not.toContain('<');
    }),
    { numRuns: 2_000 },
  );
});
