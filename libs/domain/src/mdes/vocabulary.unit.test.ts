import { describe, expect, it } from 'vitest';
import {
  mdesDecision,
  mdesDecisionWords,
  mdesDeviceType,
  mdesMethods,
  mdesParty,
  mdesStatus,
  mdesTokenType,
  mdesWallets,
} from './vocabulary.js';

describe('MDES’ words', () => {
  it.each([
    ['embedded_se', 'SECURE_ELEMENT'],
    ['CLOUD', 'HCE'],
    ['STATIC', 'CARD_ON_FILE'],
    ['NEW_ONE', 'OTHER'],
  ])('token type %s is %s', (word, type) => expect(mdesTokenType(word)).toBe(type));

  it.each([
    ['inactive', 'INACTIVE'],
    ['ACTIVE', 'ACTIVE'],
    ['SUSPENDED', 'SUSPENDED'],
    ['DEACTIVATED', 'DELETED'],
    ['DELETED', undefined],
  ])('status %s is %s', (word, status) => expect(mdesStatus(word)).toBe(status));

  it.each([
    ['approved', 'APPROVED'],
    ['REQUIRE_ADDITIONAL_AUTHENTICATION', 'AUTHENTICATE'],
    ['DECLINED', 'DECLINED'],
    ['PERHAPS', undefined],
  ])('decision %s is %s', (word, decision) => {
    expect(mdesDecision(word)).toBe(decision);
    if (decision !== undefined)
      expect(mdesDecisionWords[decision as keyof typeof mdesDecisionWords]).toBe(word.toUpperCase());
  });

  it.each([
    ['issuer', 'ISSUER'],
    ['TOKEN_REQUESTOR', 'TOKEN_REQUESTOR'],
    ['PAYMENT_APP_PROVIDER', 'TOKEN_REQUESTOR'],
    ['WALLET', 'TOKEN_REQUESTOR'],
    ['CARDHOLDER', 'CARDHOLDER'],
    ['CONSUMER', 'CARDHOLDER'],
    ['MOBILE_PIN_LOCKED', 'NETWORK'],
    ['MASTERCARD', 'NETWORK'],
    ['MDES', 'NETWORK'],
    ['SOMEBODY', 'UNKNOWN'],
    [undefined, 'UNKNOWN'],
  ])('party %s is %s', (word, party) => expect(mdesParty(word)).toBe(party));

  it.each([
    ['undefined', undefined],
    ['jewelry', 'JEWELLERY'],
    ['Phone', 'PHONE'],
  ])('form factor %s is %s', (word, type) => expect(mdesDeviceType(word)).toBe(type));

  it('for methods, each to its own', () => {
    expect(mdesMethods).toEqual({
      TEXT_TO_CARDHOLDER_NUMBER: 'SMS',
      EMAIL_TO_CARDHOLDER_ADDRESS: 'EMAIL',
      CARDHOLDER_TO_CALL_AUTOMATED_NUMBER: 'AUTOMATED_CALL',
      CARDHOLDER_TO_CALL_MANNED_NUMBER: 'AGENT_CALL',
      CARDHOLDER_TO_VISIT_WEBSITE: 'WEBSITE',
      CARDHOLDER_TO_USE_MOBILE_APP: 'APP',
      ISSUER_TO_CALL_CARDHOLDER_NUMBER: 'VOICE_CALL',
      PUSH_NOTIFICATION_TO_MOBILE_APP: 'APP',
    });
  });

  it('for wallets, by both of their ids', () => {
    expect(mdesWallets).toEqual({
      byWalletId: { 103: 'APPLE', 216: 'GOOGLE', 217: 'SAMSUNG', 327: 'MRCHTOKEN' },
      byTokenRequestorId: { 50110030273: 'APPLE', 50120834693: 'GOOGLE', 50139059239: 'SAMSUNG' },
    });
  });
});
