/**
 * What happens to a token after its provisioning, told through the networks' own doors and read back at the query door: suspension by several
 * parties, removal in the wallet, deletion, replacement, new cards and expiries, device bindings (mastercard-mdes.md 1.9, visa-vts-and-thredd-ehi.md 1.3).
 */
import { isDeepStrictEqual } from 'node:util';
import { luhnComplete } from '@tokenline/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMdes, type Json, type MdesUpdate, notifyServiceActivated, notifyTokenUpdated } from '../peers/mdes.js';
import { cardOf, type Persona } from '../peers/persona.js';
import { createVts, deviceBinding, tokenChanged } from '../peers/vts.js';
import { type System, startSystem, type Token } from '../system.js';
import { type TimelineEntry, timelineOf } from '../timeline.js';
import { expectAllRight } from '../tokenline.js';
import { testToken } from '../traffic.js';
import { until } from '../wait.js';

const mdes = createMdes();
const vts = createVts();

let system: System;
beforeAll(async () => {
  system = await startSystem({ env: { ...mdes.env, ...vts.env } });
});
afterAll(() => system?.stop());

/** A card the token is moved to: in the same account range, as a replacement is. */
const replacement = { mastercard: luhnComplete('512345678901999'), visa: luhnComplete('411111111111999') };

function aliasOf({ token }: Persona): string {
  return `${token.network === 'VISA-T' ? 'tokenReferenceId' : 'tokenUniqueReference'}:${token.reference}`;
}

/** The token, once it is as it should be. */
async function becomes(persona: Persona, expected: Json): Promise<Token> {
  let last: Token | undefined;
  return until(
    `${aliasOf(persona)} is as told`,
    async () => {
      last = await system.token(aliasOf(persona));
      return last !== undefined && matches(last, expected) && last;
    },
    30_000,
    () => last,
  );
}

function matches(token: Token, expected: Json): boolean {
  return Object.entries(expected).every(([name, value]) => isDeepStrictEqual(token[name as keyof Token], value));
}

/** A token but for its bindings and how often, and when last, it changed. */
function apart({ bindings: _bindings, version: _version, updatedAt: _updatedAt, ...rest }: Token): Partial<Token> {
  return rest;
}

/** The newest entry of the token's timeline, once it is of that kind. */
async function told(persona: Persona, factKind: string): Promise<TimelineEntry> {
  const { tokenId } = (await system.token(aliasOf(persona))) ?? expect.fail('There is no such token.');
  let last: readonly TimelineEntry[] = [];
  return until(
    `${aliasOf(persona)} has an entry ${factKind}`,
    async () => {
      last = await timelineOf(system, tokenId);
      const newest = last.at(-1);
      return newest?.factKind === factKind && newest;
    },
    30_000,
    () => last.map((entry) => entry.factKind),
  );
}

describe('MDES tells', () => {
  const personaOf = (n: number): Persona => ({
    token: testToken(n, 'MC-MDES'),
    card: cardOf('5123456789012346'),
  });
  const activated = async (n: number): Promise<Persona> => {
    const persona = personaOf(n);
    await mdes.send(system, notifyServiceActivated(persona, Date.now()));
    await becomes(persona, { status: 'ACTIVE' });
    return persona;
  };
  const update = (reasonCode: string, ...updates: MdesUpdate[]): Promise<Json> =>
    mdes.send(system, notifyTokenUpdated(reasonCode, updates));

  it('the whole set of who holds a token suspended, for several tokens at once', async () => {
    const [held, other] = [await activated(1), await activated(2)];
    await update(
      'STATUS_UPDATE',
      { persona: held, fields: { status: 'SUSPENDED', suspendedBy: ['TOKEN_REQUESTOR', 'ISSUER', 'CARDHOLDER'] } },
      { persona: other, fields: { status: 'SUSPENDED', suspendedBy: ['MOBILE_PIN_LOCKED'] } },
    );
    await becomes(held, { status: 'SUSPENDED', suspendedBy: ['CARDHOLDER', 'ISSUER', 'TOKEN_REQUESTOR'] });
    await becomes(other, { status: 'SUSPENDED', suspendedBy: ['NETWORK'] });
    // One lets go, the others stay: the new set replaces the old one.
    await update('STATUS_UPDATE', { persona: held, fields: { status: 'SUSPENDED', suspendedBy: ['ISSUER'] } });
    await becomes(held, { status: 'SUSPENDED', suspendedBy: ['ISSUER'] });
    await update('STATUS_UPDATE', { persona: held, fields: { status: 'ACTIVE' } });
    await becomes(held, { status: 'ACTIVE', suspendedBy: [] });
    await becomes(other, { status: 'SUSPENDED', suspendedBy: ['NETWORK'] });
  });

  it('that a token was removed in the wallet: noted, for it may live on; deactivated it is deleted', async () => {
    const persona = await activated(3);
    await update('DELETED_FROM_CONSUMER_APP', { persona });
    expect(await told(persona, 'NOTED')).toMatchObject({ reasonCode: 'DELETED_FROM_CONSUMER_APP' });
    // On 14 October 2026 this reason loses its meaning, and `triggeredBy` gets one (libs/domain/src/mdes/updates.ts).
    const until = Date.now() < Date.UTC(2026, 9, 14);
    const { removedFromWalletAt } = await becomes(persona, { status: 'ACTIVE' });
    expect(typeof removedFromWalletAt).toBe(until ? 'string' : 'undefined');
    await update('STATUS_UPDATE', { persona, fields: { status: 'DEACTIVATED', triggeredBy: 'CARDHOLDER' } });
    await becomes(persona, { status: 'DELETED' });
    expect(await told(persona, 'TOKEN_DELETED')).toMatchObject({ actor: until ? 'UNKNOWN' : 'CARDHOLDER' });
  });

  it('by an adapter that a card is gone from its wallet, and itself that it is there again', async () => {
    const persona = await activated(7);
    const removedAt = new Date().toISOString();
    const gone = {
      factId: 'wallet-7',
      kind: 'NOTED',
      network: 'MDES',
      occurredAt: removedAt,
      removedFromWallet: true,
      aliases: [{ kind: 'tokenUniqueReference', value: persona.token.reference }],
    };
    expect((await system.send('POST', `${system.urls.ingest}/v1/facts`, JSON.stringify(gone))).status).toBe(202);
    await becomes(persona, { status: 'ACTIVE', removedFromWalletAt: removedAt });
    expect(await told(persona, 'NOTED')).toMatchObject({ changes: [{ field: 'removedFromWalletAt', to: removedAt }] });
    await mdes.send(system, notifyServiceActivated(persona, Date.parse(removedAt) + 1_000));
    await becomes(persona, { status: 'ACTIVE', removedFromWalletAt: undefined });
    expect(await told(persona, 'DEVICE_PROVISIONED')).toMatchObject({
      changes: expect.arrayContaining([{ field: 'removedFromWalletAt', from: removedAt }]),
    });
  });

  it('that a token was replaced: the same token with another expiry', async () => {
    const persona = await activated(4);
    const { tokenId } = await becomes(persona, { tokenExpiry: '2033-01-31' });
    const replaced = { ...persona, token: { ...persona.token, expiry: '2036-06-30' } };
    const fields = { tokenExpiry: '0636' };
    await update('REDIGITIZATION_COMPLETE', { persona: replaced, fields, withFundingAccount: true });
    expect((await becomes(persona, { status: 'ACTIVE', tokenExpiry: '2036-06-30' })).tokenId).toBe(tokenId);
    expect(await told(persona, 'TOKEN_REPLACED')).toMatchObject({
      changes: expect.arrayContaining([{ field: 'tokenExpiry', from: '2033-01-31', to: '2036-06-30' }]),
    });
  });

  it('that the card behind a token is another', async () => {
    const persona = await activated(5);
    const { card: old } = await becomes(persona, { status: 'ACTIVE' });
    expect(old?.last4).toBe('2346');
    const moved = { ...persona, card: cardOf(replacement.mastercard) };
    await update('FUNDING_ACCOUNT_UPDATE', { persona: moved, withFundingAccount: true });
    const entry = await told(persona, 'TOKEN_UPDATED');
    expect(entry.changes?.map(({ field }) => field).sort()).toEqual(['card.last4', 'card.ref']);
    const { card } = await becomes(persona, { status: 'ACTIVE', tokenExpiry: '2033-01-31' });
    expect(card?.last4).toBe(replacement.mastercard.slice(-4));
    expect(card?.ref).not.toBe(old?.ref);
  });

  it('of bindings, shown with the token, which change nothing else about it; those of the account are not the token’s', async () => {
    const persona = await activated(6);
    const before = apart(await becomes(persona, { status: 'ACTIVE', bindings: undefined }));
    const bind = (reasonCode: string, bindId: string, bindingStatus: string) =>
      update(reasonCode, {
        persona,
        fields: { bindId, bindingStatus, authenticatorInfo: { entityId: 'A34BF' } },
      });
    await bind('TOKEN_BINDING', 'bind-0001', 'ACTIVE');
    const entry = await told(persona, 'DEVICE_BOUND');
    const bindings = [{ bindingId: 'bind-0001', boundAt: entry.at }];
    expect(entry).toMatchObject({
      reasonCode: 'TOKEN_BINDING',
      changes: [{ field: 'bindings', to: `bindingId:bind-0001 boundAt:${entry.at}` }],
    });
    expect(apart(await becomes(persona, { bindings }))).toEqual(before);
    await bind('ACCOUNT_BINDING', 'bind-0002', 'DEACTIVATED');
    expect(await told(persona, 'DEVICE_UNBOUND')).toMatchObject({
      event: 'FactNoted',
      reasonCode: 'ACCOUNT_BINDING',
    });
    await bind('TOKEN_BINDING', 'bind-0003', 'PENDING_ACTIVATION');
    await told(persona, 'NOTED');
    await becomes(persona, { bindings });
    await bind('TOKEN_BINDING', 'bind-0001', 'DEACTIVATED');
    expect(apart(await becomes(persona, { bindings: undefined }))).toEqual(before);
    expect(await told(persona, 'DEVICE_UNBOUND')).toMatchObject({ reasonCode: 'TOKEN_BINDING' });
  });
});

describe('VTS tells', () => {
  const start = Date.now() - 600_000;
  const at = (second: number): number => start + second * 1_000;
  const personaOf = (n: number, more: Partial<Persona['token']> = {}): Persona => ({
    token: testToken(n, 'VISA-T', more),
    card: cardOf('4111111111111111'),
  });
  const tell = (persona: Persona, second: number, code: string, status: string, more: Json = {}): Promise<Json> =>
    vts.send(system, tokenChanged(persona, at(second), { code, status }, more));
  const created = async (n: number, more: Partial<Persona['token']> = {}): Promise<Persona> => {
    const persona = personaOf(n, more);
    await tell(persona, 0, '3700', 'ACTIVE');
    if (more.type === undefined) await tell(persona, 5, '3711', 'ACTIVE');
    await becomes(persona, { status: 'ACTIVE' });
    return persona;
  };

  it('of suspensions without saying by whom, and of the end of them', async () => {
    const persona = await created(101);
    await tell(persona, 10, '3702', 'SUSPENDED');
    await becomes(persona, { status: 'SUSPENDED', suspendedBy: ['UNKNOWN'] });
    await tell(persona, 20, 'TOKEN_RESUME', 'ACTIVE');
    await becomes(persona, { status: 'ACTIVE', suspendedBy: [] });
  });

  it('that a token was deactivated: it is deleted, and what comes after is ignored', async () => {
    const persona = await created(102);
    await tell(persona, 10, '3701', 'DEACTIVATED');
    await becomes(persona, { status: 'DELETED' });
    await tell(persona, 20, '3703', 'ACTIVE');
    expect(await told(persona, 'TOKEN_RESUMED')).toMatchObject({ event: 'FactIgnored', reason: 'ILLEGAL' });
    await becomes(persona, { status: 'DELETED' });
  });

  it('that a token’s expiry changed', async () => {
    const persona = await created(103);
    await becomes(persona, { tokenExpiry: '2033-01-31' });
    await tell({ ...persona, token: { ...persona.token, expiry: '2036-06-30' } }, 10, '3720', 'ACTIVE');
    await becomes(persona, { status: 'ACTIVE', tokenExpiry: '2036-06-30' });
    expect(await told(persona, 'TOKEN_UPDATED')).toMatchObject({ reasonCode: 'TOKEN_EXPIRY_DATE_UPDATED' });
  });

  it('that the card behind a token is another', async () => {
    const persona = await created(104);
    const { card: old } = await becomes(persona, { status: 'ACTIVE' });
    await tell({ ...persona, card: cardOf(replacement.visa) }, 10, 'PAN_UPDATED', 'ACTIVE');
    expect(await told(persona, 'TOKEN_UPDATED')).toMatchObject({ reasonCode: 'PAN_UPDATED' });
    const { card } = await becomes(persona, { status: 'ACTIVE' });
    expect(card?.last4).toBe(replacement.visa.slice(-4));
    expect(card?.ref).not.toBe(old?.ref);
  });

  it('of devices that are bound and let go, each for itself: the status stays, and the device the token lives on', async () => {
    const persona = await created(105, { type: 'CF', wallet: 'APPLE' });
    const before = await becomes(persona, { status: 'ACTIVE', bindings: undefined });
    expect(before.device?.id).toBe(persona.token.deviceId);
    const [desk, sofa] = [
      { deviceID: 'browser-0003', deviceIndex: 1, deviceType: 'PC' },
      { deviceID: 'tablet-0004', deviceIndex: 2 },
    ];
    const bind = (second: number, deviceInfo: Json) =>
      tell(persona, second, 'TOKEN_DEVICE_BINDING_RESULT', 'ACTIVE', {
        deviceInfo,
        deviceBindingResult: 'DEVICE_BINDING_OTP',
      });
    const bound = (second: number, bindingId: string, device: Json) => ({
      bindingId,
      device,
      boundAt: new Date(at(second)).toISOString(),
    });
    const atDesk = bound(10, '1', { id: 'browser-0003', type: 'PC' });
    await bind(10, desk);
    await becomes(persona, { bindings: [atDesk] });
    expect(await told(persona, 'DEVICE_BOUND')).toMatchObject({
      reasonCode: 'TOKEN_DEVICE_BINDING_RESULT',
      changes: [{ field: 'bindings' }],
    });
    await bind(12, sofa);
    await becomes(persona, { bindings: [atDesk, bound(12, '2', { id: 'tablet-0004' })] });
    // The second device's place goes to a third one, and the first is let go.
    await bind(14, { deviceID: 'tablet-0005', deviceIndex: 2 });
    await tell(persona, 20, 'TOKEN_DEVICE_BINDING_REMOVED', 'ACTIVE', { deviceInfo: desk });
    const left = bound(14, '2', { id: 'tablet-0005' });
    await becomes(persona, { bindings: [left] });
    expect(await told(persona, 'DEVICE_UNBOUND')).toMatchObject({ reasonCode: 'TOKEN_DEVICE_BINDING_REMOVED' });
    // A request is dated by its receipt, so this one comes last of all; the device it comes from is bound by its result only.
    expect(await vts.send(system, deviceBinding(persona, desk))).toEqual({ actionCode: '85' });
    expect(await told(persona, 'NOTED')).toMatchObject({ reasonCode: 'TOKEN_DEVICE_BINDING_REQUEST' });
    expect(apart(await becomes(persona, { bindings: [left] }))).toEqual(apart(before));
  });
});

it('after all that every invariant holds, and nothing was put aside', async () => {
  await expectAllRight(system);
  expect(await system.askAll('/v1/dead-letters')).toEqual([]);
});
