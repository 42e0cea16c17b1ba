/** Claims about the VTS door over all inputs, and what happens when something is away. The cases one by one are in fixtures/vts. */
import { vtsOperations } from '@tokenline/domain';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { ContactParts } from '../contacts.js';
import { StoreUnavailable } from '../durable.js';
import { startVts, type VtsEdge } from './given.js';
import { readVtsTarget } from './target.js';

const token = 'tokenRequestors/40010075001/tokens/DNITHE000000000000000404';
const targets = [
  'v1/checkEligibility',
  `v2/${token}/approveProvisioning`,
  `v2/${token}/tokenChanged?eventType=TOKEN_CREATED&eventID=EV1`,
  `v2/${token}/tokenChanged?eventType=TOKEN_STATUS_UPDATED`,
  `v2/${token}/tokenCreated`,
  'v1/retrieveStepUpMethods',
  'v1/sendPasscode',
  `v1/${token}/deviceBinding`,
  'v1/pan/notification?eventType=PAN_UPDATED',
  `v1/${token}/notification?eventType=CARD_METADATA_UPDATED`,
  'v1/pushProvisioning/notification',
];

describe('the addresses', () => {
  it('reach every operation, with Visa’s base before them or without', () => {
    const reached = targets.map((target) => readVtsTarget(target)?.operation);
    expect(new Set(reached)).toEqual(new Set(vtsOperations));
    expect(targets.map((target) => readVtsTarget(`vtis/${target}`)?.operation)).toEqual(reached);
  });

  it('tell the event by its type, where that is a word, and by its id', () => {
    const fields = (query: string) => readVtsTarget(`v2/${token}/tokenChanged?${query}`)?.fields;
    const ids = { tokenRequestorID: '40010075001', tokenReferenceID: 'DNITHE000000000000000404' };
    expect(fields('EVENTTYPE=TOKEN_CREATED&eventId=EV1')).toEqual({
      ...ids,
      eventType: 'TOKEN_CREATED',
      eventID: 'EV1',
    });
    for (const none of ['+447700900123', '4111111111111111', 'a@example.com', '%00', '']) {
      expect(fields(`eventType=${none}`), none).toEqual(ids);
    }
  });

  it('that are none known are no operation, whatever they are', () => {
    for (const target of [
      '',
      'v1/',
      'v3/sendPasscode',
      'v1/constructor',
      `v2/${token}/toString`,
      'v2/tokenRequestors/1/tokens//x',
      'v2/tokenRequestors/%/tokens/%/tokenChanged',
    ]) {
      expect(readVtsTarget(target), target).toBeUndefined();
    }
    fc.assert(fc.property(fc.string(), (target) => void readVtsTarget(target)));
  });
});

/** Values that give themselves away wherever they stand, and values that are secret for where they stand: test data only. */
const telling = ['4111111111111111', '4111110000000021', '+447700900123', 'test.cardholder@example.com'];
const secrets = [...telling, '000123', '1 Example Street'];
const body = {
  tokenRequestorID: 40_010_075_001,
  tokenReferenceID: 'DNITHE000000000000000404',
  panReferenceID: 'V-0000000000000000000011',
  lifeCycleTraceID: 399_000_000_000_404,
  messageReasonCode: '3712',
  dateTimeOfEvent: '2030-01-16T11:01:30.000Z',
  actionCode: '00',
  otpReason: 'PROVISIONING',
  otpMaxReached: false,
  otpMethodIdentifier: 'm1f0c2',
  otpValue: '000123',
  otpExpirationDate: '2030-01-16T11:30:20.000Z',
  status: 'SUCCESS',
  statusCode: 'SUCCESS',
  deviceInfo: { deviceID: 'gpdevice0001_A', deviceType: 'MOBILE_PHONE', deviceNumber: '+447700900123' },
};
const inside = {
  cardholderInfo: {
    primaryAccountNumber: '4111111111111111',
    name: 'TEST CARDHOLDER',
    emailAddress: 'test.cardholder@example.com',
    billingAddress: { line1: '1 Example Street' },
  },
  tokenInfo: {
    token: '4111110000000021',
    tokenStatus: 'ACTIVE',
    tokenType: 'HCE',
    tokenExpirationDate: { month: '01', year: '2033' },
  },
  riskInfo: { walletProviderRiskAssessment: 0, walletProviderDeviceScore: '5' },
};

/** A value somewhere in a tree put in place of another, or one left out. */
function mutated(tree: unknown): fc.Arbitrary<unknown> {
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(...telling, '', ' ', '__proto__', '2030-02-30T00:00:00Z', -1, 1e308),
  );
  if (typeof tree !== 'object' || tree === null) return odd;
  const entries = Object.entries(tree);
  return fc.nat({ max: entries.length - 1 }).chain((at) => {
    const [name, value] = entries[at] as [string, unknown];
    const instead = fc.oneof(
      { weight: 3, arbitrary: mutated(value) },
      { weight: 1, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: odd },
    );
    return fc
      .tuple(instead, fc.constantFrom(name, name.toUpperCase(), name.toLowerCase()))
      .map(([changed, spelled]) => {
        const { [name]: _old, ...rest } = tree as Record<string, unknown>;
        return { ...rest, [spelled]: changed };
      });
  });
}

const edge = startVts();
afterAll(() => edge.close());

/** Never a fault of ours, always an answer, and nothing secret in what was answered or written. */
async function holds({ post, messages, letters, kept, clear }: VtsEdge, target: string, text: string): Promise<void> {
  clear();
  const answer = await post(target, text);
  expect(answer.status).toBeLessThan(500);
  expect(messages().length + letters().length).toBe(answer.status === 413 ? 0 : 1);
  const seen = `${answer.text}${kept()}`;
  for (const secret of secrets) expect(seen.includes(secret), `${secret} in clear`).toBe(false);
}

describe('whatever is sent', () => {
  it('as a body is answered without a fault of ours', () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom(...targets), fc.oneof(fc.json(), fc.string()), (target, text) =>
        holds(edge, target, text),
      ),
      { numRuns: 300 },
    ));

  it('inside the envelope is answered without a fault of ours', () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom(...targets), fc.oneof(fc.jsonValue(), fc.string()), async (target, opened) =>
        holds(edge, target, await edge.sealed(body, opened ?? 'null')),
      ),
      { numRuns: 100 },
    ));

  it('that is nearly right is answered without a fault of ours, and shows no secret', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...targets),
        mutated(body),
        mutated(inside),
        fc.boolean(),
        async (target, outer, inner, both) =>
          holds(edge, target, await edge.sealed(outer as object, both ? inner : inside)),
      ),
      { numRuns: 400 },
    ));

  it('nested ever deeper is answered', async () => {
    const deep = `${'{"tokenInfo":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    await holds(edge, targets[2] as string, deep.slice(0, 250_000));
    await holds(edge, targets[7] as string, deep.slice(0, 250_000));
    await holds(edge, targets[2] as string, await edge.sealed(body, `${'['.repeat(5_000)}${']'.repeat(5_000)}`));
  });

  it('beside what every message needs is taken, for each operation', async () => {
    for (const target of targets) {
      edge.clear();
      const answer = await edge.post(target, await edge.sealed(body, inside));
      expect(`${target} ${answer.status}`).toBe(`${target} 200`);
      expect(edge.messages()).toHaveLength(1);
    }
  });
});

describe('when something is away', () => {
  const away = {
    find: () => {
      const cursor = {
        sort: () => cursor,
        limit: () => cursor,
        toArray: () => Promise.reject(new StoreUnavailable('away')),
      };
      return cursor;
    },
  } as unknown as ContactParts['cardholders'];

  it('the directory: a passcode is taken all the same, the methods are to be asked for later', async () => {
    const without = startVts({ directory: away });
    const passcode = await without.post('v1/sendPasscode', await without.sealed(body, inside));
    expect(passcode.status).toBe(200);
    expect(without.messages()[0]?.sealed).toHaveProperty('otpValue');
    const methods = await without.post('v1/retrieveStepUpMethods', await without.sealed(body, inside));
    expect(methods.status).toBe(503);
    expect(without.letters()).toEqual([]);
    await without.close();
  });

  it('the decision: Visa is told of a fault of ours, and the request is put aside', async () => {
    const without = startVts({ decisions: { decide: () => Promise.reject(new Error('no decision')) } });
    const answer = await without.post(`v2/${token}/approveProvisioning`, await without.sealed(body, inside));
    expect(answer.status).toBe(500);
    expect(JSON.parse(answer.text)).toMatchObject({ errorCode: 'ISE40504', errorResponse: { reason: 'serviceError' } });
    expect(without.letters()).toMatchObject([{ reasonCode: 'INTERNAL', operation: 'approveProvisioning' }]);
    await without.close();
  });
});

describe('an answer', () => {
  it('declines with the policy’s code, where that is one', async () => {
    for (const [declineReason, actionCode] of [
      ['N7', 'N7'],
      ['05', '05'],
      ['00', '05'],
      ['HIGH_RISK', '05'],
      [undefined, '05'],
    ] as const) {
      const declining = startVts({
        decisions: {
          decide: async () => ({
            decision: 'DECLINED',
            methods: [],
            rule: 'r',
            ...(declineReason !== undefined && { declineReason }),
          }),
        },
      });
      const answer = await declining.post(`v2/${token}/approveProvisioning`, await declining.sealed(body, inside));
      expect(JSON.parse(answer.text)).toEqual({ actionCode });
      expect(declining.messages()[0]?.fields).toMatchObject({
        'answer.actionCode': actionCode,
        'answer.decision': 'DECLINED',
        'answer.rule': 'r',
      });
      await declining.close();
    }
  });

  it('rests on what Visa sent', async () => {
    const asked: unknown[] = [];
    const deciding = startVts({
      decisions: {
        decide: async (request) => {
          asked.push(request);
          return { decision: 'APPROVED', methods: [], rule: 'r' };
        },
      },
    });
    const risk = {
      walletProviderRiskAssessment: 1,
      walletProviderDeviceScore: '2',
      walletProviderAccountScore: 4,
      walletProviderReasonCodes: '01, 0G',
      visaTokenDecisioning: '00',
    };
    await deciding.post(
      `v2/${token}/approveProvisioning`,
      await deciding.sealed({ ...body, panSource: 'KEY_ENTERED' }, { ...inside, riskInfo: risk }),
    );
    expect(asked).toEqual([
      {
        question: 'PROVISIONING',
        network: 'VTS',
        cardNumber: '4111111111111111',
        wallet: 'GOOGLE',
        tokenRequestorId: '40010075001',
        tokenType: 'HCE',
        panSource: 'KEY_ENTERED',
        deviceScore: 2,
        accountScore: 4,
        recommendation: 'AUTHENTICATE',
        recommendationReasons: ['01', '0G'],
      },
    ]);
    await deciding.close();
  });
});
