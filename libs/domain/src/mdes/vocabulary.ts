/**
 * MDES' words and ours (mastercard-mdes.md 1.2, 1.7, 1.9, 2.1, 2.3). New words come without notice: those that are not listed stay as sent,
 * become UNKNOWN, or say nothing, and are never a fault.
 */
import type { Decision, Party, TokenStatus, TokenType } from '../generated/records.js';

/** `tokenType`; STATIC is a merchant's card on file. */
export function mdesTokenType(word: string): TokenType {
  switch (word.toUpperCase()) {
    case 'EMBEDDED_SE':
      return 'SECURE_ELEMENT';
    case 'CLOUD':
      return 'HCE';
    case 'STATIC':
      return 'CARD_ON_FILE';
    default:
      return 'OTHER';
  }
}

/** `status` of a token in NTU. */
export function mdesStatus(word: string): Exclude<TokenStatus, 'UNKNOWN'> | undefined {
  switch (word.toUpperCase()) {
    case 'INACTIVE':
      return 'INACTIVE';
    case 'ACTIVE':
      return 'ACTIVE';
    case 'SUSPENDED':
      return 'SUSPENDED';
    case 'DEACTIVATED':
      return 'DELETED';
    default:
      return undefined;
  }
}

/** `decision` and `recommendedDecision`; RAA is written out on the wire. */
export function mdesDecision(word: string): Exclude<Decision, 'UNKNOWN'> | undefined {
  switch (word.toUpperCase()) {
    case 'APPROVED':
      return 'APPROVED';
    case 'REQUIRE_ADDITIONAL_AUTHENTICATION':
      return 'AUTHENTICATE';
    case 'DECLINED':
      return 'DECLINED';
    default:
      return undefined;
  }
}

/** The same, towards MDES. */
export const mdesDecisionWords = {
  APPROVED: 'APPROVED',
  AUTHENTICATE: 'REQUIRE_ADDITIONAL_AUTHENTICATION',
  DECLINED: 'DECLINED',
} as const satisfies Record<Exclude<Decision, 'UNKNOWN'>, string>;

/**
 * A suspender, or who `triggeredBy` names (its words are not published; these are the suspenders' and those other MDES interfaces use).
 * A mobile PIN is locked by MDES itself, on too many wrong ones or a change: the network holds the token.
 */
export function mdesParty(word: string | undefined): Party {
  switch (word?.toUpperCase()) {
    case 'ISSUER':
      return 'ISSUER';
    case 'TOKEN_REQUESTOR':
    case 'PAYMENT_APP_PROVIDER':
    case 'WALLET':
      return 'TOKEN_REQUESTOR';
    case 'CARDHOLDER':
    case 'CONSUMER':
      return 'CARDHOLDER';
    case 'MOBILE_PIN_LOCKED':
    case 'MASTERCARD':
    case 'MDES':
      return 'NETWORK';
    default:
      return 'UNKNOWN';
  }
}

/**
 * `deviceInfo.formFactor` in the words EHI's letters have (visa-vts-and-thredd-ehi.md 5.3), so that one device reads alike whoever tells of it:
 * UNDEFINED says nothing, like EHI's U; jewelry is spelled otherwise. Every other word stays as sent.
 */
export function mdesDeviceType(word: string): string | undefined {
  const form = word.toUpperCase();
  return form === 'UNDEFINED' ? undefined : form === 'JEWELRY' ? 'JEWELLERY' : form;
}

/** `activationMethod.type` and our word for it. */
export const mdesMethods: Readonly<Record<string, string>> = {
  TEXT_TO_CARDHOLDER_NUMBER: 'SMS',
  EMAIL_TO_CARDHOLDER_ADDRESS: 'EMAIL',
  CARDHOLDER_TO_CALL_AUTOMATED_NUMBER: 'AUTOMATED_CALL',
  CARDHOLDER_TO_CALL_MANNED_NUMBER: 'AGENT_CALL',
  CARDHOLDER_TO_VISIT_WEBSITE: 'WEBSITE',
  CARDHOLDER_TO_USE_MOBILE_APP: 'APP',
  ISSUER_TO_CALL_CARDHOLDER_NUMBER: 'VOICE_CALL',
  PUSH_NOTIFICATION_TO_MOBILE_APP: 'APP',
};

/** Which wallet an id of MDES stands for: both lists are incomplete by nature, so they are data that a caller may replace. */
export interface MdesWallets {
  readonly byWalletId: Readonly<Record<string, string>>;
  readonly byTokenRequestorId: Readonly<Record<string, string>>;
}

/** What is public of them (mastercard-mdes.md 2.5). Merchant tokens carry the word EHI has for all merchants. */
export const mdesWallets: MdesWallets = {
  byWalletId: { 103: 'APPLE', 216: 'GOOGLE', 217: 'SAMSUNG', 327: 'MRCHTOKEN' },
  byTokenRequestorId: { 50110030273: 'APPLE', 50120834693: 'GOOGLE', 50139059239: 'SAMSUNG' },
};
