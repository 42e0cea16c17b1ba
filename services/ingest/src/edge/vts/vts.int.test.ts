/** VTS on the real log, registry and database, over real HTTP with real encryption: what each operation ends in on token.facts. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { noticeIdOf, type TokenFact } from '@tokenline/domain';
import { ehiMessages, ehiToken } from '@tokenline/domain/testing';
import { generateVtsPair } from '@tokenline/envelopes';
import { createSealer, parseKeySet } from '@tokenline/sealing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Deployed, deploy, eventually, type Running, readTopic, start } from '../../given.js';
import { sealed } from './given.js';

const pair = generateVtsPair();
const policy = readFileSync(resolve(import.meta.dirname, '../../../fixtures/vts/policy.json'), 'utf8');
const resource = 'tokenRequestors/40010075001/tokens/DNITHE000000000000000404';
const changed = `v2/${resource}/tokenChanged?eventType=TOKEN_STATUS_UPDATED`;
const cardholderInfo = { primaryAccountNumber: '4111111111111111' };
const ids = {
  tokenRequestorID: 40_010_075_001,
  tokenReferenceID: 'DNITHE000000000000000404',
  panReferenceID: 'V-0000000000000000000011',
  lifeCycleTraceID: 399_000_000_000_404,
};
/** EHI's trace of the same token. */
const heard = ehiToken(404, { paymentTokenId: '70000404', trace: 'VIS1-20300115-399000000000404', reference: '' });
const began = Date.now();

let deployed: Deployed;
let running: Running;
let base: string;
beforeAll(async () => {
  deployed = await deploy();
  deployed = { ...deployed, config: { ...deployed.config, vtsKeys: pair.keys, decisionPolicy: policy } };
  running = await start(deployed);
  base = await running.listen();
  await running.put('/v1/cardholders', { cards: [{ kind: 'pan', value: '4111111111111111' }], phone: '+447700900123' });
});
afterAll(async () => {
  await running?.stop();
  await deployed?.drop();
});

async function visa(target: string, body: object, opened?: unknown): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${base}/v1/inbound/vts/${target}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: await sealed(body, opened, pair.sender, Date.now()),
  });
  return { status: answer.status, text: await answer.text() };
}

/** A change of the token, `second` seconds after this test began. */
function update(reason: string, status: string, second: number, more: object = {}) {
  const dateTimeOfEvent = new Date(began + 60_000 + second * 1_000).toISOString();
  const tokenInfo = { token: '4111110000000021', tokenType: 'HCE', tokenStatus: status };
  const { tokenReferenceID: _r, tokenRequestorID: _q, ...rest } = ids;
  const target = reason === 'TOKEN_CREATED' ? `v2/${resource}/tokenChanged?eventType=TOKEN_CREATED` : changed;
  return visa(
    target,
    { ...rest, messageReasonCode: reason, dateTimeOfEvent, actionCode: '00', ...more },
    { cardholderInfo, tokenInfo },
  );
}

async function facts(): Promise<readonly TokenFact[]> {
  return (await readTopic(deployed, 'token.facts', 'tokenline.facts.TokenFact')).map(({ value }) => value);
}

describe('a token’s life told by Visa', () => {
  it('is answered as Visa waits for it', async () => {
    const device = { deviceID: 'gpdevice0001_A', deviceType: 'MOBILE_PHONE', deviceName: 'Test Pixel' };
    const eligible = await visa(
      'v1/checkEligibility',
      { ...ids, panSource: 'KEY_ENTERED', deviceInfo: device },
      { cardholderInfo },
    );
    expect(JSON.parse(eligible.text)).toHaveProperty('profileID');

    const riskInfo = { walletProviderRiskAssessment: 1, walletProviderDeviceScore: '3' };
    const approval = await visa(
      `v2/${resource}/approveProvisioning`,
      { ...ids, tokenInfo: { tokenType: 'HCE' }, deviceInfo: device },
      { cardholderInfo, riskInfo },
    );
    expect(JSON.parse(approval.text)).toEqual({ actionCode: '85' });

    const methods = await visa(
      'v1/retrieveStepUpMethods',
      { ...ids, otpReason: 'PROVISIONING', otpMaxReached: false, deviceInfo: device },
      { cardholderInfo },
    );
    const [sms] = JSON.parse(methods.text).stepUpMethods;
    expect(sms).toMatchObject({ type: 'OTPSMS', value: '+44*****0123' });

    const passcode = {
      otpMethodIdentifier: sms.identifier,
      otpValue: '000123',
      otpExpirationDate: new Date(began + 1_800_000).toISOString(),
    };
    expect(await visa('v1/sendPasscode', { ...ids, ...passcode, deviceInfo: device }, { cardholderInfo })).toEqual({
      status: 200,
      text: '',
    });

    const binding = await visa(`v1/${resource}/deviceBinding`, {
      panReferenceID: ids.panReferenceID,
      deviceInfo: { deviceID: 'browser-0003' },
    });
    expect(JSON.parse(binding.text)).toEqual({ actionCode: '85' });
  });

  it('and notified with an empty answer, in whatever order', async () => {
    const told = [
      await update('3712', 'ACTIVE', 30, { activationVerificationResult: 'VERIFICATION_SUCCESS' }),
      await update('DEVICE_PROVISIONING_RESULT', 'INACTIVE', 20),
      await update('TOKEN_CREATED', 'INACTIVE', 1),
      await update('3702', 'SUSPENDED', 40),
      await update('3703', 'ACTIVE', 50),
      await update('3720', 'ACTIVE', 60),
      await update('TOKEN_DEVICE_BINDING_RESULT', 'ACTIVE', 70, { deviceBindingResult: 'DEVICE_BINDING_OTP' }),
      await update('TOKEN_DEVICE_BINDING_REMOVED', 'ACTIVE', 80),
      await update('3799', 'ACTIVE', 90),
      await update('TOKEN_DEACTIVATED', 'DEACTIVATED', 100),
      await visa(`v1/${resource}/notification?eventType=CARD_METADATA_UPDATED`, {
        taskID: 'task-1',
        statusCode: 'SUCCESS',
      }),
      await visa(
        'v1/pan/notification?eventType=PAN_UPDATED',
        { messageReasonCode: 'PAN_UPDATED', dateTimeOfEvent: new Date(began).toISOString() },
        { cardholderInfo },
      ),
      await visa('v1/pushProvisioning/notification', { status: 'SUCCESS' }),
    ];
    expect(told).toEqual(told.map(() => ({ status: 200, text: '' })));
    // A repeat of Visa's, and EHI's word on the same token.
    await update('3702', 'SUSPENDED', 40);
    const ehi = await running.post('/v1/inbound/thredd/ehi', JSON.stringify(ehiMessages.tcn(heard, 404, 'A')));
    expect(ehi.status).toBe(200);
  });

  it('ends in one fact for each, of one token', async () => {
    const all = await eventually('all facts', async () => {
      const found = await facts();
      return found.length >= 18 ? found : undefined;
    });
    const kinds = new Map(all.map((fact) => [fact.factId, fact.kind]));
    expect([...kinds.values()].sort()).toEqual(
      [
        'NOTED', // eligibility
        'PROVISIONING_REQUESTED',
        'NOTED', // methods
        'ACTIVATION_CODE_ISSUED',
        'NOTED', // device binding asked for
        'TOKEN_CREATED',
        'DEVICE_PROVISIONED',
        'AUTHENTICATION_SUCCEEDED',
        'TOKEN_SUSPENDED',
        'TOKEN_RESUMED',
        'TOKEN_UPDATED',
        'DEVICE_BOUND',
        'DEVICE_UNBOUND',
        'STATUS_REPORTED', // a reason not known
        'TOKEN_DELETED',
        'NOTED', // card metadata
        'DEVICE_PROVISIONED', // by EHI
      ].sort(),
    );
    expect(new Set(all.map((fact) => fact.tokenId)).size).toBe(1);
    expect(new Set(all.map((fact) => fact.source))).toEqual(new Set(['vts', 'thredd-ehi']));
    expect(all.find((fact) => fact.kind === 'PROVISIONING_REQUESTED')).toMatchObject({
      decision: 'AUTHENTICATE',
      wallet: 'GOOGLE',
    });

    const sealer = createSealer(parseKeySet(deployed.config.sealingKeys));
    const code = all.find((fact) => fact.kind === 'ACTIVATION_CODE_ISSUED');
    expect(code?.activation).toEqual({ method: 'SMS', expiresAt: began + 1_800_000 });
    const kept = await deployed.collections.activationCodes.findOne({
      _id: noticeIdOf('ACTIVATION_CODE', code?.factId ?? ''),
    });
    expect(kept?.wipeAt).toEqual(new Date(began + 1_800_000));
    expect(await sealer.open('activation-code', kept?.codeSealed ?? '')).toBe('000123');
    expect(await sealer.open('contact', kept?.contactSealed ?? '')).toBe('+447700900123');
  });

  it('leaves nothing secret in clear in any record', async () => {
    const records = [
      ...(await readTopic(deployed, 'tsp.inbound', 'tokenline.inbound.InboundMessage')),
      ...(await readTopic(deployed, 'token.facts', 'tokenline.facts.TokenFact')),
    ];
    const text = JSON.stringify(records.map(({ value, record }) => [value, record.key, record.headers]));
    for (const secret of ['4111111111111111', '4111110000000021', '000123', '+447700900123'])
      expect(text).not.toContain(secret);
  });

  it('refused is put aside with its address, and goes through when it is redriven, answering nobody', async () => {
    const { vtsKeys: _keys, ...keyless } = deployed.config;
    const shut = await start({ ...deployed, config: keyless }, { reading: false });
    const body = await sealed({ ...ids, tokenInfo: { tokenType: 'HCE' } }, { cardholderInfo }, pair.sender, Date.now());
    const other = `v2/${resource.replace('404', '405')}/approveProvisioning`;
    const answer = await shut.post(`/v1/inbound/vts/${other}`, body);
    await shut.stop();
    expect(answer.status).toBe(404);
    const { value } =
      (await readTopic(deployed, 'token.dead-letters', 'tokenline.deadletters.DeadLetter'))[0] ?? expect.fail();
    expect(value).toMatchObject({ source: 'vts', operation: 'approveProvisioning', reasonCode: 'NOT_CONFIGURED' });
    const { deadLetterId, receivedAt, failedAt, contentType, original, ...rest } = value;
    await deployed.collections.deadLetters.insertOne({
      _id: deadLetterId,
      stage: rest.stage,
      source: rest.source,
      operation: rest.operation,
      reasonCode: rest.reasonCode,
      explanation: rest.explanation,
      errors: rest.errors,
      headers: rest.headers,
      receivedAt: new Date(receivedAt),
      failedAt: new Date(failedAt),
      ...(contentType !== undefined && { contentType }),
      ...(original !== undefined && { original }),
      occurrences: [],
      state: 'OPEN',
      watermarks: {},
    });
    expect((await running.post('/v1/dead-letters/redrive', {})).json()).toMatchObject({ redriven: 1 });
    const fact = await eventually('the redriven fact', async () =>
      (await facts()).find(({ aliases }) => aliases.some((alias) => alias.value.endsWith('405'))),
    );
    expect(fact).toMatchObject({ kind: 'PROVISIONING_REQUESTED', receivedAt });
    expect(fact.decision).toBeUndefined();
  });
});
