import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sealMdes } from './envelope.js';
import { keysText, newPair, recipient } from './given.js';
import { fingerprintsOf, parseMdesKeys } from './keys.js';
import { openMdesRequest } from './request.js';

const ours = newPair();
const keys = parseMdesKeys(keysText([ours], newPair()));
const envelope = (plain: unknown) =>
  sealMdes(
    typeof plain === 'string' ? plain : JSON.stringify(plain),
    recipient(ours.publicKey, fingerprintsOf(createPublicKey(ours.publicKey)).sha1, 'SHA256', 'CBC'),
  );
const open = (body: Record<string, unknown>) => openMdesRequest(body, keys, JSON.parse);

const card = { accountNumber: '5123456789012346', expiryMonth: '12', expiryYear: '29' };
const token = { token: '5204240000000013', expiryMonth: '11', expiryYear: '30' };

describe('an MDES request', () => {
  it('has the same shape once opened, whatever its age', () => {
    const references = { panUniqueReference: 'F1', tokenUniqueReference: 'D1' };
    const today = {
      fundingAccountInfo: {
        ...references,
        encryptedPayload: envelope({ cardAccountData: card, tokenData: token, paymentAccountReference: 'P' }),
      },
    };
    const old = { cardAndToken: { ...references, ...envelope({ card, token, paymentAccountReference: 'P' }) } };
    const opened = {
      ok: true,
      request: {
        requestId: 'r',
        fundingAccountInfo: {
          ...references,
          fundingAccountData: { cardAccountData: card, tokenData: token, paymentAccountReference: 'P' },
        },
      },
    };
    expect(open({ requestId: 'r', ...today })).toEqual(opened);
    expect(open({ requestId: 'r', ...old })).toEqual(opened);
  });

  it('of the oldest form holds the card’s fields bare', () => {
    const body = { cardInfo: { panUniqueReference: 'F1', ...envelope({ ...card, source: 'ACCOUNT_ADDED_MANUALLY' }) } };
    expect(open(body)).toEqual({
      ok: true,
      request: {
        fundingAccountInfo: {
          panUniqueReference: 'F1',
          fundingAccountData: { cardAccountData: card, source: 'ACCOUNT_ADDED_MANUALLY' },
        },
      },
    });
  });

  it('is opened inside each token, and what is encrypted nowhere stays as it is', () => {
    const body = {
      reasonCode: 'FUNDING_ACCOUNT_UPDATE',
      tokens: [
        { tokenUniqueReference: 'D1', fundingAccountInfo: { encryptedPayload: envelope({ tokenData: token }) } },
        { tokenUniqueReference: 'D2' },
        'no token',
      ],
    };
    expect(open(body)).toEqual({
      ok: true,
      request: {
        reasonCode: 'FUNDING_ACCOUNT_UPDATE',
        tokens: [
          { tokenUniqueReference: 'D1', fundingAccountInfo: { fundingAccountData: { tokenData: token } } },
          { tokenUniqueReference: 'D2' },
          'no token',
        ],
      },
    });
  });

  it('brings no card data but those that came encrypted', () => {
    const clear = { fundingAccountInfo: { tokenUniqueReference: 'D1', fundingAccountData: { cardAccountData: card } } };
    expect(open(clear)).toEqual({ ok: true, request: { fundingAccountInfo: { tokenUniqueReference: 'D1' } } });
  });

  it('that does not open names the part at fault', () => {
    const { oaepHashingAlgorithm: _, ...unsaid } = envelope({});
    const body = { tokens: [{}, { fundingAccountInfo: { encryptedPayload: unsaid } }] };
    expect(open(body)).toMatchObject({
      ok: false,
      reason: 'KEY_WRAP_UNSUPPORTED',
      path: 'tokens[1].fundingAccountInfo.encryptedPayload.oaepHashingAlgorithm',
    });
    expect(open({ fundingAccountInfo: { encryptedPayload: envelope('[1]') } })).toMatchObject({
      ok: false,
      reason: 'DAMAGED',
      path: 'fundingAccountInfo.encryptedPayload.encryptedData',
    });
  });
});
