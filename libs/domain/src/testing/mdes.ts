/**
 * Builders of MDES messages for tests, as the mapper sees them: opened, clear values by path (domain page, section 9: no number here was ever
 * issued). A door's test builds requests from fixtures instead.
 */
import type { MdesMessage } from '../mdes/message.js';

export interface MdesToken {
  readonly reference: string;
  readonly correlationId: string;
  readonly tokenType: string;
  readonly walletId: string;
}

export function mdesToken(number: number, given: Partial<MdesToken> = {}): MdesToken {
  const digits = String(number).padStart(6, '0');
  return {
    reference: `DAPLMC${'0'.repeat(36)}${digits}`,
    correlationId: `D98765${digits}`,
    tokenType: 'EMBEDDED_SE',
    walletId: '103',
    ...given,
  };
}

type Fields = Readonly<Record<string, string | undefined>>;

/** One message; `fields` adds, replaces, or with undefined removes. */
export function mdesMessage(operation: string, at: number, fields: Fields, sealed: Fields = {}): MdesMessage {
  return { operation, receivedAt: at, fields: present(fields), sealed: present(sealed) };
}

/** The messages of a flow. `at` is when they are received, epoch ms; `id` is the request id. */
export const mdesMessages = {
  authorize: (token: MdesToken, id: string, decision: string | undefined, at: number, more: Fields = {}): MdesMessage =>
    mdesMessage('authorizeService', at, {
      requestId: id,
      'services[0]': 'DIGITIZATION',
      correlationId: token.correlationId,
      tokenType: token.tokenType,
      walletId: token.walletId,
      tokenRequestorId: '50110030273',
      paymentAppInstanceId: '5e1d0000aa11bb22cc33dd44ee55ff660011223344556677',
      'deviceInfo.deviceName': 'Test Phone',
      'deviceInfo.formFactor': 'PHONE',
      'fundingAccountInfo.tokenUniqueReference': token.reference,
      'fundingAccountInfo.card.ref': 'pan:k1:abc',
      'fundingAccountInfo.card.last4': '2346',
      'answer.decision': decision,
      ...more,
    }),
  code: (token: MdesToken, id: string, at: number, more: Fields = {}): MdesMessage =>
    mdesMessage(
      'deliverActivationCode',
      at,
      {
        requestId: id,
        correlationId: token.correlationId,
        tokenUniqueReference: token.reference,
        'activationMethod.type': 'TEXT_TO_CARDHOLDER_NUMBER',
        expirationDateTime: '2026-11-20T10:55:00.000Z',
        ...more,
      },
      { activationCode: 'a sealed code' },
    ),
  activated: (token: MdesToken, id: string, activatedAt: string, at: number, more: Fields = {}): MdesMessage =>
    mdesMessage(
      'notifyServiceActivated',
      at,
      {
        requestId: id,
        correlationId: token.correlationId,
        tokenType: token.tokenType,
        walletId: token.walletId,
        tokenRequestorId: '50110030273',
        paymentAppInstanceId: '5e1d0000aa11bb22cc33dd44ee55ff660011223344556677',
        'fundingAccountInfo.tokenUniqueReference': token.reference,
        'fundingAccountInfo.card.ref': 'pan:k1:abc',
        'fundingAccountInfo.card.last4': '2346',
        'fundingAccountInfo.fundingAccountData.tokenData.expiryMonth': '11',
        'fundingAccountInfo.fundingAccountData.tokenData.expiryYear': '30',
        decision: 'APPROVED',
        decisionMadeBy: 'AUTHORIZATION_REQUEST',
        tokenActivatedDateTime: activatedAt,
        ...more,
      },
      { 'fundingAccountInfo.fundingAccountData.tokenData.token': 'a sealed number' },
    ),
  /** `tokens` give the fields of each token, without `tokens[i].` before them. */
  updated: (id: string, reasonCode: string, tokens: readonly Fields[], at: number, more: Fields = {}): MdesMessage =>
    mdesMessage('notifyTokenUpdated', at, {
      requestId: id,
      reasonCode,
      'tokens.length': tokens.length === 0 ? undefined : String(tokens.length),
      ...Object.fromEntries(
        tokens.flatMap((token, i) => Object.entries(token).map(([name, value]) => [`tokens[${i}].${name}`, value])),
      ),
      ...more,
    }),
};

function present(fields: Fields): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
