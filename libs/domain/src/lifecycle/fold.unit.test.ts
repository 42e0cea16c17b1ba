import { describe, expect, it } from 'vitest';
import type { TokenFact } from '../generated/records.js';
import { fold } from './fold.js';
import { fact, noon } from './given.js';

const at = (seconds: number): number => noon + seconds * 1_000;
const stateOf = (...facts: readonly TokenFact[]) => fold('t1', facts).state;
const active = { reportedStatus: 'ACTIVE' } as const;
/** A fact of which nothing is told but what is given. */
const told = (seconds: number, extra: Partial<TokenFact>) => fact('NOTED', seconds, { tokenType: undefined, ...extra });

describe('a token of which nothing is known', () => {
  it('is inactive, without a word about it', () => {
    expect(fold('t1', [])).toMatchObject({ refused: new Map() });
    expect(stateOf()).toEqual({
      tokenId: 't1',
      status: 'INACTIVE',
      suspendedBy: [],
      provisioning: {},
      bindings: [],
      aliases: [],
      updatedAt: 0,
    });
  });

  it('is as old as the first fact, even where that shows nothing', () => {
    const hidden = fact('FACTS_ABSORBED', 7, { tokenType: undefined, otherTokenId: 'other', wallet: 'APPLE' });
    expect(stateOf(hidden)).toMatchObject({ updatedAt: at(7), wallet: undefined });
    expect(stateOf(hidden, told(9, { wallet: 'APPLE' })).updatedAt).toBe(at(9));
  });
});

describe('of each thing told about a token', () => {
  const device = { id: 'd1', name: 'Test phone', type: 'PHONE' };
  it.each<[string, Partial<TokenFact>, Partial<TokenFact>, object]>([
    ['the wallet', { wallet: 'APPLE' }, { wallet: 'GOOGLE' }, { wallet: 'GOOGLE' }],
    ['the requestor', { tokenRequestorId: '1' }, { tokenRequestorId: '2' }, { tokenRequestorId: '2' }],
    ['the expiry', { tokenExpiry: '2033-01-31' }, { tokenExpiry: '2034-01-31' }, { tokenExpiry: '2034-01-31' }],
    ['the network', { network: 'VTS' }, { network: 'MDES' }, { network: 'MDES' }],
    ['the type', { tokenType: 'HCE' }, { tokenType: 'BROWSER' }, { tokenType: 'BROWSER' }],
    ['the device’s id', { device }, { device: { id: 'd2' } }, { device: { ...device, id: 'd2' } }],
    ['the device’s name', { device }, { device: { name: 'n2' } }, { device: { ...device, name: 'n2' } }],
    ['the device’s type', { device }, { device: { type: 'WATCH' } }, { device: { ...device, type: 'WATCH' } }],
    [
      'the card',
      { card: { ref: 'a:1', last4: '1234' } },
      { card: { ref: 'a:2' } },
      { card: { ref: 'a:2', last4: '1234' } },
    ],
    [
      'its last digits',
      { card: { ref: 'a:1' } },
      { card: { ref: 'a:1', last4: '9' } },
      { card: { ref: 'a:1', last4: '9' } },
    ],
  ])('%s is what the newest fact says that says any', (_, older, newer, expected) => {
    const [first, second] = [told(1, older), told(2, newer)];
    expect(stateOf(first, second)).toMatchObject(expected);
    const silent = fact('NOTED', 3, { network: 'UNKNOWN', tokenType: undefined });
    expect(stateOf(first, second, silent)).toEqual(stateOf(first, second));
  });

  it.each<Partial<TokenFact>>([
    { wallet: 'GOOGLE' },
    { tokenRequestorId: '2' },
    { tokenExpiry: '2034-01-31' },
    { device: { id: 'd2' } },
    { device: { name: 'n2' } },
    { device: { type: 'WATCH' } },
    { card: { ref: 'a:2' } },
    { card: { ref: 'a:1', last4: '9' } },
  ])('%j is news, and told again is none', (news) => {
    const facts = [told(1, { card: { ref: 'a:1' } }), told(2, news), told(3, news)];
    expect(stateOf(...facts).updatedAt).toBe(at(2));
  });

  it.each([{ id: 'd1' }, { name: 'Test phone' }, { type: 'PHONE' }])('a device is known by %j alone', (part) => {
    expect(stateOf(told(1, { device: part })).device).toEqual(part);
  });

  it('a device or a card of which nothing is told is none', () => {
    expect(stateOf(told(1, { device: {} }))).toMatchObject({ device: undefined, card: undefined });
  });

  it('names are gathered, each once, in the order of their kinds and values', () => {
    const [a, b, c] = [
      { kind: 'correlationId', value: '2' },
      { kind: 'correlationId', value: '1' },
      { kind: 'a', value: '1' },
    ];
    const facts = [
      told(1, { aliases: [b, a] as TokenFact['aliases'] }),
      told(2, { aliases: [c, a] as TokenFact['aliases'] }),
    ];
    expect(stateOf(...facts).aliases).toEqual([c, b, a]);
    expect(stateOf(...facts).updatedAt).toBe(at(2));
    expect(stateOf(...facts, told(3, { aliases: [b, c] as TokenFact['aliases'] })).updatedAt).toBe(at(2));
  });
});

describe('a card removed in the wallet', () => {
  const removed = (seconds: number) => told(seconds, { removedFromWallet: true });
  const since = (...facts: readonly TokenFact[]) => stateOf(...facts).removedFromWalletAt;
  const provisioned = fact('DEVICE_PROVISIONED', 1, active);

  it('is gone since the newest word of it, and lives on', () => {
    expect(stateOf(provisioned)).toMatchObject({ removedFromWalletAt: undefined });
    expect(stateOf(provisioned, removed(2))).toMatchObject({
      status: 'ACTIVE',
      removedFromWalletAt: at(2),
      updatedAt: at(2),
    });
    const silent = fact('STATUS_REPORTED', 4, active);
    expect(stateOf(provisioned, removed(2), removed(3), silent)).toMatchObject({
      removedFromWalletAt: at(3),
      updatedAt: at(3),
    });
  });

  it('is back once it is on the device again, or a source says so', () => {
    const again = fact('DEVICE_PROVISIONED', 5, active);
    expect(since(provisioned, removed(2), again)).toBeUndefined();
    expect(stateOf(provisioned, removed(2), again).updatedAt).toBe(at(5));
    expect(since(provisioned, removed(2), told(3, { removedFromWallet: false }))).toBeUndefined();
    expect(since(provisioned, removed(2), again, removed(6))).toBe(at(6));
    expect(since(fact('DEVICE_PROVISIONED', 1, { ...active, removedFromWallet: true }))).toBe(at(1));
  });
});

describe('the life of a token', () => {
  it.each<[string, readonly TokenFact[]]>([
    ['REQUESTED', [fact('PROVISIONING_REQUESTED', 1, { decision: 'APPROVED' })]],
    ['AWAITING_AUTHENTICATION', [fact('PROVISIONING_REQUESTED', 1, { decision: 'AUTHENTICATE' })]],
    ['DECLINED', [fact('PROVISIONING_REQUESTED', 1, { decision: 'DECLINED' })]],
    ['AUTHENTICATED', [fact('AUTHENTICATION_SUCCEEDED', 1)]],
    ['FAILED', [fact('AUTHENTICATION_FAILED', 1)]],
    ['ABANDONED', [fact('DEADLINE_PASSED', 1)]],
    ['COMPLETED', [fact('DEVICE_PROVISIONED', 1, active)]],
  ])('has the outcome %s', (outcome, facts) => {
    expect(stateOf(...facts).provisioning.outcome).toBe(outcome);
    expect(stateOf(...facts).updatedAt).toBe(at(1));
  });

  it('shows its times', () => {
    const facts = [
      fact('PROVISIONING_REQUESTED', 1, { decision: 'APPROVED' }),
      fact('DEVICE_PROVISIONED', 2, { reportedStatus: 'INACTIVE' }),
      fact('STATUS_REPORTED', 3, active),
    ];
    expect(stateOf(...facts).provisioning).toEqual({
      outcome: 'COMPLETED',
      path: 'GREEN',
      requestedAt: at(1),
      onDeviceAt: at(2),
      activatedAt: at(3),
      completedAt: at(3),
    });
    expect(facts.map((_, i) => stateOf(...facts.slice(0, i + 1)).updatedAt)).toEqual([at(1), at(2), at(3)]);
  });

  it('is news also where nothing but its status changes', () => {
    const facts = [fact('DEVICE_PROVISIONED', 1, active), fact('TOKEN_DELETED', 2)];
    expect(stateOf(...facts)).toMatchObject({ status: 'DELETED', updatedAt: at(2) });
  });

  it('shows who holds the token down while it is suspended, and only then', () => {
    const held = [1, 2].map((seconds, i) =>
      fact('TOKEN_SUSPENDED', seconds, { actor: i === 0 ? 'ISSUER' : 'CARDHOLDER' }),
    );
    expect(stateOf(...held)).toMatchObject({ status: 'SUSPENDED', suspendedBy: ['CARDHOLDER', 'ISSUER'] });
    expect(stateOf(...held).updatedAt, 'another holder is news').toBe(at(2));
    expect(stateOf(...held, fact('TOKEN_DELETED', 3))).toMatchObject({
      status: 'DELETED',
      suspendedBy: [],
      updatedAt: at(3),
    });
  });

  it('takes the type of the token from whichever fact tells it', () => {
    const remote = fact('TOKEN_CREATED', 1, { ...active, tokenType: undefined });
    expect(stateOf(remote).provisioning.outcome).toBeUndefined();
    expect(stateOf(remote, told(2, { tokenType: 'CARD_ON_FILE' })).provisioning).toMatchObject({
      outcome: 'COMPLETED',
      completedAt: at(1),
    });
    const tcn = fact('DEVICE_PROVISIONED', 1, { tokenType: undefined });
    expect(stateOf(tcn).provisioning.onDeviceAt).toBe(at(1));
    expect(stateOf(tcn, told(2, { tokenType: 'BROWSER' })).provisioning.onDeviceAt).toBeUndefined();
    const ownWord = fact('DEVICE_PROVISIONED', 1, { tokenType: 'BROWSER' });
    expect(stateOf(ownWord, told(2, { tokenType: 'HCE' })).provisioning.onDeviceAt).toBeUndefined();
  });
});

describe('a fact that is not legal where it stands', () => {
  const deleted = fact('TOKEN_DELETED', 1);

  it('is refused with what it claims and what the token is', () => {
    const suspended = fact('TOKEN_SUSPENDED', 2);
    const claimed = fact('STATUS_REPORTED', 3, active);
    expect([...fold('t1', [deleted, suspended, claimed]).refused]).toEqual([
      [suspended.factId, 'TOKEN_SUSPENDED is not legal for a token that is DELETED.'],
      [claimed.factId, 'STATUS_REPORTED (ACTIVE) is not legal for a token that is DELETED.'],
    ]);
    const declined = fact('PROVISIONING_REQUESTED', 1, { decision: 'DECLINED' });
    expect([...fold('t1', [declined, claimed]).refused.values()]).toEqual([
      'STATUS_REPORTED (ACTIVE) is not legal for a token that is INACTIVE, DECLINED.',
    ]);
  });

  it('is believed in its names, and in nothing else it tells', () => {
    const claimed = fact('TOKEN_SUSPENDED', 2, {
      wallet: 'APPLE',
      aliases: [{ kind: 'correlationId', value: '1' }],
    });
    expect(stateOf(deleted, claimed)).toMatchObject({
      status: 'DELETED',
      wallet: undefined,
      aliases: claimed.aliases,
      updatedAt: at(2),
    });
  });

  it('is legal again where only part of it is not: then nothing of it is refused', () => {
    const deletedToo = fact('ACTIVATION_CODE_ISSUED', 2, { reportedStatus: 'DELETED', wallet: 'APPLE' });
    const { state, refused } = fold('t1', [fact('DEVICE_PROVISIONED', 1, active), deletedToo]);
    expect([...refused]).toEqual([]);
    expect(state).toMatchObject({ status: 'DELETED', wallet: 'APPLE' });
  });
});

describe('folding on from an earlier fold', () => {
  const facts = [
    fact('PROVISIONING_REQUESTED', 1, { decision: 'APPROVED', wallet: 'APPLE' }),
    fact('DEVICE_PROVISIONED', 2, active),
    fact('TOKEN_SUSPENDED', 3, { actor: 'ISSUER' }),
    fact('TOKEN_RESUMED', 4, { actor: 'CARDHOLDER' }),
  ];
  const insertions: readonly (readonly [string, number, TokenFact])[] = [
    ['at the end', 4, fact('TOKEN_RESUMED', 5, { actor: 'ISSUER' })],
    ['in the middle', 2, fact('TOKEN_DELETED', 2, { tokenType: undefined })],
    ['at the beginning', 0, fact('PROVISIONING_REQUESTED', 0, { decision: 'DECLINED' })],
    ['that tells another type', 4, fact('NOTED', 6, { tokenType: 'CARD_ON_FILE' })],
  ];

  it.each(insertions)('ends as a fold from the start does, with a fact more %s', (_, place, more) => {
    const longer = facts.toSpliced(place, 0, more);
    const before = fold('t1', facts);
    const [on, afresh] = [fold('t1', longer, before), fold('t1', longer)];
    expect(on.state).toEqual(afresh.state);
    expect([...on.refused]).toEqual([...afresh.refused]);
    expect(before.state, 'what was is left alone').toEqual(fold('t1', facts).state);
  });

  it('ends as a fold from the start does, with fewer facts', () => {
    const fewer = facts.slice(0, 2);
    expect(fold('t1', fewer, fold('t1', facts)).state).toEqual(fold('t1', fewer).state);
    expect(fold('t1', facts, fold('t1', facts)).state).toEqual(fold('t1', facts).state);
  });
});
