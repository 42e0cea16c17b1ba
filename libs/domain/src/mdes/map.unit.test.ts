import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FactDraft } from '../facts/draft.js';
import type { TokenFact } from '../generated/records.js';
import { fold } from '../lifecycle/fold.js';
import { compareFacts } from '../lifecycle/order.js';
import { mdesMessage, mdesMessages, mdesToken } from '../testing/mdes.js';
import { mapMdes } from './map.js';
import type { MdesMessage } from './message.js';
import { mdesOperations } from './operations.js';

const token = mdesToken(1);
const at = Date.UTC(2026, 10, 20, 10, 30, 2, 500);
const second = 1_000;
const autumn = Date.UTC(2026, 9, 14);
const tur = { kind: 'tokenUniqueReference', value: token.reference };

function facts(message: MdesMessage): readonly FactDraft[] {
  const mapping = mapMdes(message);
  if (!mapping.ok) throw new Error(JSON.stringify(mapping.rejection));
  return mapping.facts;
}
const factOf = (message: MdesMessage): FactDraft => facts(message)[0] as FactDraft;

function refused(message: MdesMessage): readonly string[] {
  const mapping = mapMdes(message);
  if (mapping.ok) throw new Error('It was not refused.');
  return mapping.rejection.errors.map(({ path }) => path);
}

/** The state of the one token all messages are about. */
function stateAfter(...messages: readonly MdesMessage[]) {
  const known = new Map(messages.flatMap(facts).map((fact) => [fact.factId, { tokenId: 't', ...fact } as TokenFact]));
  return fold('t', [...known.values()].sort(compareFacts)).state;
}

describe('authorizeService', () => {
  it('is a request for a token, with the decision we answered', () => {
    expect(factOf(mdesMessages.authorize(token, 'r-1', 'REQUIRE_ADDITIONAL_AUTHENTICATION', at))).toEqual({
      factId: 'mdes:authorizeService:r-1',
      network: 'MDES',
      kind: 'PROVISIONING_REQUESTED',
      occurredAt: at,
      occurredAtSource: 'RECEIVED',
      receivedAt: at,
      source: 'mdes',
      sourceMessageId: 'r-1',
      actor: 'TOKEN_REQUESTOR',
      decision: 'AUTHENTICATE',
      tokenType: 'SECURE_ELEMENT',
      wallet: 'APPLE',
      tokenRequestorId: '50110030273',
      device: { id: '5e1d0000aa11bb22cc33dd44ee55ff660011223344556677', name: 'Test Phone', type: 'PHONE' },
      card: { ref: 'pan:k1:abc', last4: '2346' },
      aliases: [tur, { kind: 'correlationId', value: token.correlationId }],
    });
  });

  it.each([
    ['APPROVED', { status: 'INACTIVE', outcome: 'REQUESTED', path: 'GREEN' }],
    ['REQUIRE_ADDITIONAL_AUTHENTICATION', { status: 'INACTIVE', outcome: 'AWAITING_AUTHENTICATION', path: 'YELLOW' }],
    ['DECLINED', { status: 'INACTIVE', outcome: 'DECLINED', path: 'RED' }],
    [undefined, { status: 'INACTIVE', outcome: undefined, path: undefined }],
  ])('answered %s leaves the token %j', (decision, { status, outcome, path }) => {
    const state = stateAfter(mdesMessages.authorize(token, 'r-1', decision, at));
    expect(state.status).toBe(status);
    expect(state.provisioning).toMatchObject({ outcome, path });
  });

  it('of before August 2022 goes by its correlation id', () => {
    const old = mdesMessages.authorize(token, 'r-1', 'APPROVED', at, {
      'fundingAccountInfo.tokenUniqueReference': undefined,
    });
    expect(factOf(old).aliases).toEqual([{ kind: 'correlationId', value: token.correlationId }]);
  });

  it.each([
    ['STATIC', 'CARD_ON_FILE'],
    ['CLOUD', 'HCE'],
    ['SOMETHING_NEW', 'OTHER'],
  ])('for a %s token is for %s', (word, type) => {
    expect(factOf(mdesMessages.authorize(token, 'r', undefined, at, { tokenType: word })).tokenType).toBe(type);
  });

  it('knows the wallet by who asks, where the wallet’s id says nothing', () => {
    const walletOf = (more: Record<string, string | undefined>) =>
      factOf(mdesMessages.authorize(token, 'r', undefined, at, more)).wallet;
    expect(walletOf({ walletId: undefined })).toBe('APPLE');
    expect(walletOf({ walletId: '999', tokenRequestorId: '50120834693' })).toBe('GOOGLE');
    expect(walletOf({ walletId: '999', tokenRequestorId: '1' })).toBeUndefined();
    expect(walletOf({ walletId: 'constructor', tokenRequestorId: '__proto__' })).toBeUndefined();
  });

  it.each(['requestId', 'services[0]', 'correlationId', 'tokenType'])('without %s is refused', (field) => {
    expect(refused(mdesMessages.authorize(token, 'r', undefined, at, { [field]: undefined }))).toContain(field);
  });
});

describe('deliverActivationCode', () => {
  it('issues a code, which stays sealed', () => {
    expect(factOf(mdesMessages.code(token, 'r-4', at))).toMatchObject({
      factId: 'mdes:deliverActivationCode:r-4',
      kind: 'ACTIVATION_CODE_ISSUED',
      activation: { method: 'SMS', codeSealed: 'a sealed code', expiresAt: Date.UTC(2026, 10, 20, 10, 55) },
      aliases: [tur, { kind: 'correlationId', value: token.correlationId }],
    });
  });

  it('asked for again is another fact, sent again the same', () => {
    const [first, again, repeated] = ['r-4', 'r-5', 'r-4'].map((id) => factOf(mdesMessages.code(token, id, at)));
    expect(again?.factId).not.toBe(first?.factId);
    expect(repeated?.factId).toBe(first?.factId);
  });

  it('after tokenization leaves the token as it was, and says what the code is for', () => {
    const before = [
      mdesMessages.authorize(token, 'r-1', 'APPROVED', at),
      mdesMessages.activated(token, 'r-2', '2026-11-20T10:36:41.507Z', at + 400 * second),
    ];
    const code = mdesMessages.code(token, 'r-3', at + 900 * second, { 'reasonCodes[0]': 'TOKEN_BINDING' });
    expect(factOf(code).reasonCode).toBe('TOKEN_BINDING');
    expect({ ...stateAfter(...before, code), updatedAt: 0 }).toEqual({ ...stateAfter(...before), updatedAt: 0 });
  });

  it('keeps a method that is not known as it is', () => {
    const fact = factOf(mdesMessages.code(token, 'r', at, { 'activationMethod.type': 'EMV_3DS' }));
    expect(fact.activation?.method).toBe('EMV_3DS');
  });
});

describe('notifyServiceActivated', () => {
  const activated = mdesMessages.activated(token, 'r-5', '2026-11-20T10:36:41.507Z', at + 400 * second);

  it('activates the token at the moment MDES says, and completes it', () => {
    expect(factOf(activated)).toMatchObject({
      factId: `mdes:notifyServiceActivated:${token.reference}:${Date.UTC(2026, 10, 20, 10, 36, 41, 507)}`,
      kind: 'DEVICE_PROVISIONED',
      occurredAt: Date.UTC(2026, 10, 20, 10, 36, 41, 507),
      occurredAtSource: 'SOURCE',
      sourceMessageId: 'r-5',
      reportedStatus: 'ACTIVE',
      tokenExpiry: '2030-11-30',
      tokenPanSealed: 'a sealed number',
    });
    expect(stateAfter(activated)).toMatchObject({ status: 'ACTIVE', provisioning: { outcome: 'COMPLETED' } });
  });

  it('told under another request id is the same fact', () => {
    const again = mdesMessages.activated(token, 'r-6', '2026-11-20T11:36:41.507+01:00', at + 500 * second);
    expect(factOf(again).factId).toBe(factOf(activated).factId);
  });

  it('of a merchant’s token completes it without a device', () => {
    const shop = mdesToken(2, { tokenType: 'STATIC', walletId: '327' });
    const state = stateAfter(mdesMessages.activated(shop, 'r-7', '2026-11-20T10:36:41Z', at));
    expect(state).toMatchObject({
      status: 'ACTIVE',
      tokenType: 'CARD_ON_FILE',
      wallet: 'MRCHTOKEN',
      provisioning: { outcome: 'COMPLETED', onDeviceAt: undefined },
    });
  });

  it('brings the request with it where rules decided and nobody asked the issuer', () => {
    const ruled = mdesMessages.activated(token, 'r-8', '2026-11-20T10:36:41Z', at + 400 * second, {
      decisionMadeBy: 'RULES',
      decision: 'REQUIRE_ADDITIONAL_AUTHENTICATION',
      serviceRequestDateTime: '2026-11-20T10:30:02.120Z',
    });
    expect(stateAfter(ruled).provisioning).toMatchObject({
      path: 'YELLOW',
      requestedAt: Date.UTC(2026, 10, 20, 10, 30, 2, 120),
    });
  });

  it.each([
    ['fundingAccountInfo.tokenUniqueReference', undefined],
    ['tokenActivatedDateTime', undefined],
    ['tokenActivatedDateTime', '2026-02-30T10:00:00Z'],
    ['tokenActivatedDateTime', '2026-11-20T10:00:00'],
    ['decision', 'DECLINED'],
    ['correlationId', undefined],
    ['fundingAccountInfo.fundingAccountData.tokenData.expiryMonth', '13'],
  ])('with %s %s is refused', (field, value) => {
    expect(refused({ ...activated, fields: without(activated, field, value) })).toContain(field);
  });
});

describe('notifyTokenUpdated', () => {
  const live = [
    mdesMessages.authorize(token, 'r-1', 'APPROVED', at),
    mdesMessages.activated(token, 'r-2', '2026-11-20T10:36:41.507Z', at + 400 * second),
  ];
  const status = (id: string, word: string, suspenders: readonly string[], after: number) =>
    mdesMessages.updated(
      id,
      'STATUS_UPDATE',
      [
        {
          tokenUniqueReference: token.reference,
          status: word,
          ...Object.fromEntries(suspenders.map((party, i) => [`suspendedBy[${i}]`, party])),
        },
      ],
      at + after * second,
    );

  it('names suspenders as a set: active again when the last lets go', () => {
    const steps = [
      status('u-1', 'SUSPENDED', ['TOKEN_REQUESTOR'], 500),
      status('u-2', 'SUSPENDED', ['TOKEN_REQUESTOR', 'ISSUER'], 501),
      status('u-3', 'SUSPENDED', ['ISSUER'], 502),
      status('u-4', 'ACTIVE', [], 503),
    ];
    const seen = steps.map((_, i) => {
      const { status: word, suspendedBy } = stateAfter(...live, ...steps.slice(0, i + 1));
      return [word, [...suspendedBy].sort()];
    });
    expect(seen).toEqual([
      ['SUSPENDED', ['TOKEN_REQUESTOR']],
      ['SUSPENDED', ['ISSUER', 'TOKEN_REQUESTOR']],
      ['SUSPENDED', ['ISSUER']],
      ['ACTIVE', []],
    ]);
  });

  it('knows every suspender MDES documents, and takes those it does not', () => {
    const words = ['ISSUER', 'TOKEN_REQUESTOR', 'CARDHOLDER', 'MOBILE_PIN_LOCKED', 'PAYMENT_APP_PROVIDER', 'NEW_ONE'];
    expect(factOf(status('u-5', 'SUSPENDED', words, 500)).suspenders).toEqual([
      'ISSUER',
      'TOKEN_REQUESTOR',
      'CARDHOLDER',
      'NETWORK',
      'UNKNOWN',
    ]);
  });

  it('that suspends without a suspender suspends all the same', () => {
    expect(stateAfter(...live, status('u-6', 'SUSPENDED', [], 500))).toMatchObject({
      status: 'SUSPENDED',
      suspendedBy: ['UNKNOWN'],
    });
  });

  it('about several tokens is a fact for each', () => {
    const message = mdesMessages.updated(
      'u-7',
      'STATUS_UPDATE',
      [
        { tokenUniqueReference: 'D1', status: 'SUSPENDED', 'suspendedBy[0]': 'ISSUER' },
        { tokenUniqueReference: 'D2', status: 'ACTIVE' },
        { tokenUniqueReference: 'D3', status: 'DEACTIVATED' },
      ],
      at,
    );
    expect(facts(message).map(({ factId, kind, aliases }) => [factId, kind, aliases[0]?.value])).toEqual([
      ['mdes:notifyTokenUpdated:u-7:0', 'TOKEN_SUSPENDED', 'D1'],
      ['mdes:notifyTokenUpdated:u-7:1', 'STATUS_REPORTED', 'D2'],
      ['mdes:notifyTokenUpdated:u-7:2', 'TOKEN_DELETED', 'D3'],
    ]);
    expect(facts(message)[0]).toMatchObject({ occurredAt: at, occurredAtSource: 'RECEIVED' });
  });

  it.each([
    ['REDIGITIZATION_COMPLETE', { tokenExpiry: '0133' }, { kind: 'TOKEN_REPLACED', tokenExpiry: '2033-01-31' }],
    [
      'FUNDING_ACCOUNT_UPDATE',
      { 'fundingAccountInfo.card.ref': 'pan:k1:new', 'fundingAccountInfo.card.last4': '9994' },
      { kind: 'TOKEN_UPDATED', card: { ref: 'pan:k1:new', last4: '9994' } },
    ],
    ['PAYMENT_ACCOUNT_REFERENCE_UPDATED', {}, { kind: 'NOTED' }],
    ['AUTHENTICATION_PERFORMED', {}, { kind: 'CARDHOLDER_VERIFIED' }],
    ['TOKEN_BINDING', { bindingStatus: 'ACTIVE', bindId: 'b-1' }, { kind: 'DEVICE_BOUND', bindingId: 'b-1' }],
    ['TOKEN_BINDING', { bindingStatus: 'DEACTIVATED', bindId: 'b-1' }, { kind: 'DEVICE_UNBOUND', bindingId: 'b-1' }],
    ['ACCOUNT_BINDING', { bindingStatus: 'ACTIVE', bindId: 'b-1' }, { kind: 'DEVICE_BOUND' }],
    ['ACCOUNT_BINDING', { bindingStatus: 'DEACTIVATED' }, { kind: 'DEVICE_UNBOUND' }],
    ['TOKEN_BINDING', { bindingStatus: 'PENDING_ACTIVATION' }, { kind: 'NOTED' }],
    ['PAYMT_CHANNEL_PREFERENCE_UPDATED', {}, { kind: 'NOTED' }],
    ['A_REASON_OF_TOMORROW', {}, { kind: 'NOTED' }],
  ])('for %s %j says %j, and leaves the status', (reasonCode, fields, expected) => {
    const message = mdesMessages.updated(
      'u-8',
      reasonCode,
      [{ tokenUniqueReference: token.reference, ...fields }],
      at + 500 * second,
    );
    expect(factOf(message)).toMatchObject({ reasonCode, ...expected });
    expect(stateAfter(...live, message)).toMatchObject({ status: 'ACTIVE', provisioning: { outcome: 'COMPLETED' } });
  });

  it('binds the token, by the id of the binding; what is bound to the account is no binding of the token', () => {
    const binding = (id: string, reasonCode: string, bindId: string, bindingStatus: string, after: number) =>
      mdesMessages.updated(
        id,
        reasonCode,
        [{ tokenUniqueReference: token.reference, bindId, bindingStatus }],
        at + after * second,
      );
    const bound = [
      ...live,
      binding('b-1', 'TOKEN_BINDING', 'bind-1', 'ACTIVE', 500),
      binding('b-2', 'TOKEN_BINDING', 'bind-2', 'PENDING_ACTIVATION', 501),
      binding('b-3', 'ACCOUNT_BINDING', 'bind-3', 'ACTIVE', 502),
      binding('b-4', 'ACCOUNT_BINDING', 'bind-1', 'DEACTIVATED', 503),
    ];
    expect(stateAfter(...bound).bindings).toEqual([{ bindingId: 'bind-1', boundAt: at + 500 * second }]);
    expect(stateAfter(...bound, binding('b-5', 'TOKEN_BINDING', 'bind-1', 'DEACTIVATED', 504)).bindings).toEqual([]);
  });

  it.each([
    ['reasonCode', mdesMessages.updated('u', '', [{ tokenUniqueReference: 'D1' }], at)],
    ['tokens', mdesMessages.updated('u', 'STATUS_UPDATE', [], at)],
    ['tokens[1].tokenUniqueReference', mdesMessages.updated('u', 'X', [{ tokenUniqueReference: 'D1' }, {}], at)],
    ['tokens[0].status', mdesMessages.updated('u', 'STATUS_UPDATE', [{ tokenUniqueReference: 'D1' }], at)],
    ['tokens[0].status', status('u', 'FROZEN', [], 0)],
    ['tokens[0].tokenExpiry', mdesMessages.updated('u', 'X', [{ tokenUniqueReference: 'D', tokenExpiry: '1399' }], at)],
  ])('without a proper %s is refused', (path, message) => {
    expect(refused(message)).toContain(path);
  });
});

describe('the change of deletions on 14 October 2026', () => {
  const shop = mdesToken(3);
  const removed = (id: string, received: number) =>
    mdesMessages.updated(id, 'DELETED_FROM_CONSUMER_APP', [{ tokenUniqueReference: shop.reference }], received);
  const deactivated = (id: string, received: number) =>
    mdesMessages.updated(
      id,
      'STATUS_UPDATE',
      [{ tokenUniqueReference: shop.reference, status: 'DEACTIVATED', triggeredBy: 'CARDHOLDER' }],
      received,
    );

  it('gives a replay each side’s own meaning', () => {
    const dayBefore = mdesMessages.activated(shop, 'r', '2026-10-01T10:00:00Z', autumn - 86_400_000);
    const before = removed('b-1', autumn - 1);
    expect(factOf(before)).toMatchObject({ kind: 'NOTED', actor: 'TOKEN_REQUESTOR', removedFromWallet: true });
    expect(stateAfter(dayBefore, before)).toMatchObject({ status: 'ACTIVE', removedFromWalletAt: autumn - 1 });
    const after = deactivated('b-2', autumn);
    expect(factOf(after)).toMatchObject({ kind: 'TOKEN_DELETED', actor: 'CARDHOLDER' });
    expect(stateAfter(dayBefore, before, after).status).toBe('DELETED');
  });

  it('knows of no triggeredBy before, and of no DELETED_FROM_CONSUMER_APP after', () => {
    expect(factOf(deactivated('b-3', autumn - 1))).toMatchObject({ kind: 'TOKEN_DELETED', actor: 'UNKNOWN' });
    expect(factOf(removed('b-4', autumn))).toMatchObject({
      kind: 'NOTED',
      actor: 'UNKNOWN',
      reasonCode: 'DELETED_FROM_CONSUMER_APP',
    });
    expect(factOf(removed('b-5', autumn)).removedFromWallet).toBeUndefined();
  });

  it('a card removed in the wallet is back when it is activated there again', () => {
    const first = mdesMessages.activated(shop, 'r-1', '2026-10-01T10:00:00Z', Date.UTC(2026, 9, 1, 10));
    const gone = removed('b-6', Date.UTC(2026, 9, 2));
    const again = mdesMessages.activated(shop, 'r-2', '2026-10-03T10:00:00Z', Date.UTC(2026, 9, 3, 10));
    expect(stateAfter(first, gone).removedFromWalletAt).toBe(Date.UTC(2026, 9, 2));
    expect(stateAfter(first, gone, again)).toMatchObject({ status: 'ACTIVE', removedFromWalletAt: undefined });
  });
});

describe('what states nothing about a token’s life', () => {
  it('is noted', () => {
    const common = { requestId: 'n-1', correlationId: token.correlationId };
    const noted = [
      mdesMessage('requestActivationMethods', at, {
        ...common,
        tokenType: 'STATIC',
        'reasonCodes[0]': 'TOKEN_BINDING',
      }),
      mdesMessage('notifySuspiciousEvents', at, {
        requestId: 'n-2',
        tokenUniqueReference: token.reference,
        'events[0].eventName': 'REPLENISH',
      }),
      mdesMessage('getAccountInformation', at, { requestId: 'n-3', tokenUniqueReference: token.reference }),
    ].map(factOf);
    expect(noted.map(({ kind, reasonCode }) => [kind, reasonCode])).toEqual([
      ['NOTED', 'TOKEN_BINDING'],
      ['NOTED', 'REPLENISH'],
      ['NOTED', undefined],
    ]);
  });

  it.each(['requestActivationMethods', 'deliverActivationCode'])(
    'a %s once the token exists may come from another device than its own',
    (operation) => {
      const asked = (reason: string | undefined) =>
        factOf(
          mdesMessage(operation, at, {
            requestId: 'n-5',
            correlationId: token.correlationId,
            tokenUniqueReference: token.reference,
            tokenType: 'STATIC',
            'activationMethod.type': 'TEXT_TO_CARDHOLDER_NUMBER',
            'deviceInfo.formFactor': 'TABLET',
            'reasonCodes[0]': reason,
          }),
        ).device;
      expect(asked('TOKEN_BINDING')).toBeUndefined();
      expect(asked(undefined)).toMatchObject({ type: 'TABLET' });
    },
  );

  it('and names no token is no fact', () => {
    expect(facts(mdesMessage('getAccountInformation', at, { requestId: 'n-4' }))).toEqual([]);
  });
});

it('a code checked by us is an authentication that went well or not', () => {
  const kinds = ['SUCCESS', 'INCORRECT_CODE', 'EXPIRED_CODE', undefined].map(
    (result) =>
      factOf(
        mdesMessage('validateActivationCode', at, {
          requestId: 'v',
          correlationId: 'D1',
          tokenUniqueReference: 'D2',
          'answer.result': result,
        }),
      ).kind,
  );
  expect(kinds).toEqual(['AUTHENTICATION_SUCCEEDED', 'AUTHENTICATION_FAILED', 'AUTHENTICATION_FAILED', 'NOTED']);
});

it('anything at all is mapped or refused, and no refusal quotes a value', () => {
  const value = fc.oneof(fc.string(), fc.constant('4111111111111111'));
  const path = fc.constantFrom(
    'requestId',
    'correlationId',
    'tokenType',
    'reasonCode',
    'tokens.length',
    'tokens[0].tokenUniqueReference',
    'tokens[0].status',
    'tokens[0].tokenExpiry',
    'answer.decision',
    'decision',
    'tokenActivatedDateTime',
    'expirationDateTime',
    'fundingAccountInfo.tokenUniqueReference',
  );
  fc.assert(
    fc.property(
      fc.constantFrom<string>(...mdesOperations, 'somethingElse'),
      fc.dictionary(path, value, { maxKeys: 13 }),
      (operation, fields) => {
        const { 'tokens.length': length, ...rest } = fields;
        const counted = { ...rest, ...(length !== undefined && { 'tokens.length': '1' }) };
        const mapping = mapMdes({ operation, fields: counted, sealed: {}, receivedAt: at });
        if (mapping.ok) for (const fact of mapping.facts) expect(fact.aliases.length).toBeGreaterThan(0);
        else expect(JSON.stringify(mapping.rejection)).not.toContain('4111111111111111');
      },
    ),
    { numRuns: 500 },
  );
});

function without(message: MdesMessage, field: string, value: string | undefined): Readonly<Record<string, string>> {
  const { [field]: _, ...rest } = message.fields;
  return value === undefined ? rest : { ...rest, [field]: value };
}

describe('a refusal says which field, and what is wrong with it', () => {
  const { authorize, code, activated, updated } = mdesMessages;
  const iso = '2026-11-20T10:30:00.000Z';
  const data = 'fundingAccountInfo.fundingAccountData.tokenData.';
  const month = 'is not a month that exists, written MMYY or in two fields of two digits';
  const ones = (count: number) => Array.from({ length: count }, (_, n) => ({ tokenUniqueReference: `DAPLMC${n + 1}` }));

  it.each<[string, MdesMessage, { path: string; message: string }]>([
    ['operation', mdesMessage('askNicely' as never, at, {}), { path: 'operation', message: 'is not known' }],
    [
      'request id',
      authorize(token, 'a b', undefined, at),
      { path: 'requestId', message: 'is not 1 to 64 printable characters' },
    ],
    [
      'long request id',
      authorize(token, 'r'.repeat(65), undefined, at),
      { path: 'requestId', message: 'is not 1 to 64 printable characters' },
    ],
    ['decision', authorize(token, 'r', 'PERHAPS', at), { path: 'answer.decision', message: 'is not a decision' }],
    [
      'names',
      authorize({ ...token, correlationId: '0' }, 'r', undefined, at, {
        'fundingAccountInfo.tokenUniqueReference': '0',
      }),
      { path: 'fundingAccountInfo.tokenUniqueReference', message: 'is missing or blank, and so is correlationId' },
    ],
    [
      'time',
      code(token, 'r', at, { expirationDateTime: '2026-02-30T10:00:00Z' }),
      { path: 'expirationDateTime', message: 'is not a time that exists, in ISO 8601 with a zone' },
    ],
    [
      'declined activation',
      activated(token, 'r', iso, at, { decision: 'DECLINED' }),
      { path: 'decision', message: 'is DECLINED for a token that was activated' },
    ],
    ...['13', '011', 'x11', '111'].map((wrong): [string, MdesMessage, { path: string; message: string }] => [
      `month ${wrong}`,
      activated(token, 'r', iso, at, { [`${data}expiryMonth`]: wrong }),
      { path: `${data}expiryMonth`, message: month },
    ]),
    ...['2030', 'x30'].map((wrong): [string, MdesMessage, { path: string; message: string }] => [
      `year ${wrong}`,
      activated(token, 'r', iso, at, { [`${data}expiryYear`]: wrong }),
      { path: `${data}expiryMonth`, message: month },
    ]),
    ['no token', updated('r', 'STATUS_UPDATE', [], at), { path: 'tokens', message: 'names no token' }],
    ['many tokens', updated('r', 'X', ones(201), at), { path: 'tokens', message: 'names more than 200 tokens' }],
    [
      'reference',
      updated('r', 'X', [{ tokenUniqueReference: '0' }], at),
      { path: 'tokens[0].tokenUniqueReference', message: 'is missing, blank or a placeholder' },
    ],
    [
      'status',
      updated('r', 'STATUS_UPDATE', [{ tokenUniqueReference: token.reference, status: 'GONE' }], at),
      { path: 'tokens[0].status', message: 'is not one of INACTIVE, ACTIVE, SUSPENDED, DEACTIVATED' },
    ],
  ])('%s', (_, message, fault) => {
    const mapping = mapMdes(message);
    expect(mapping.ok ? [] : mapping.rejection.errors).toEqual([fault]);
  });

  it('200 tokens in one notice are not too many', () => {
    expect(facts(updated('r', 'X', ones(200), at))).toHaveLength(200);
  });
});

describe('what a message tells beside its kind', () => {
  const { authorize, code, activated, updated } = mdesMessages;
  const iso = '2026-11-20T10:30:00.000Z';
  const card = 'fundingAccountInfo.card.ref';

  it.each<[string, MdesMessage, Partial<FactDraft>]>([
    ['who sends a code', code(token, 'r', at), { actor: 'NETWORK' }],
    ['who activates', activated(token, 'r', iso, at), { actor: 'NETWORK' }],
    [
      'why we declined',
      authorize(token, 'r', 'DECLINED', at, { 'answer.declineReasonCode': 'LOST' }),
      { reasonCode: 'LOST' },
    ],
    [
      'the card by Mastercard’s reference',
      authorize(token, 'r', undefined, at, { [card]: undefined, 'fundingAccountInfo.panUniqueReference': 'FPAN1' }),
      { card: { ref: 'panUniqueReference:FPAN1' } },
    ],
    ['no card', authorize(token, 'r', undefined, at, { [card]: undefined }), { card: undefined }],
    [
      'the device by its secure element',
      authorize(token, 'r', undefined, at, { paymentAppInstanceId: undefined, secureElementId: 'se-1' }),
      { device: { id: 'se-1', name: 'Test Phone', type: 'PHONE' } },
    ],
    [
      'no expiry by halves',
      activated(token, 'r', iso, at, { 'fundingAccountInfo.fundingAccountData.tokenData.expiryYear': undefined }),
      { tokenExpiry: undefined },
    ],
    [
      'who triggered it, for all tokens of a notice',
      updated('r', 'STATUS_UPDATE', [{ tokenUniqueReference: token.reference, status: 'DEACTIVATED' }], at, {
        triggeredBy: 'CARDHOLDER',
      }),
      { kind: 'TOKEN_DELETED', actor: 'CARDHOLDER' },
    ],
    [
      'a token that is inactive again',
      updated('r', 'STATUS_UPDATE', [{ tokenUniqueReference: token.reference, status: 'INACTIVE' }], at),
      { kind: 'STATUS_REPORTED', reportedStatus: 'INACTIVE' },
    ],
  ])('%s', (_, message, told) => expect(factOf(message)).toMatchObject(told));

  it.each(['ELIGIBILITY_REQUEST', 'RULES'])(
    'an activation decided by %s brings its request, where both are told',
    (by) => {
      const asked = { decisionMadeBy: by, serviceRequestDateTime: '2026-11-20T10:29:00.000Z' };
      const [request, ...others] = facts(activated(token, 'r', iso, at, asked));
      expect(request).toMatchObject({
        factId: `mdes:notifyServiceActivated:${token.reference}:requested`,
        kind: 'PROVISIONING_REQUESTED',
        actor: 'NETWORK',
      });
      expect(others).toHaveLength(1);
      expect(facts(activated(token, 'r', iso, at, { ...asked, decision: undefined }))).toHaveLength(1);
      expect(facts(activated(token, 'r', iso, at, { ...asked, serviceRequestDateTime: undefined }))).toHaveLength(1);
      expect(facts(activated(token, 'r', iso, at, { ...asked, decisionMadeBy: undefined }))).toHaveLength(1);
    },
  );
});
