/**
 * Mastercard's token service as a test peer: it calls the issuer's pre-digitization API over HTTP, encrypts what MDES encrypts under keys of its own
 * run, and opens the answers (mastercard-mdes.md 1). What a call says is built by plain functions; `send` carries it and checks the answer's form.
 */
import { randomUUID } from 'node:crypto';
import { generateMdesPair, type MdesEnvelope, openMdes, sealMdes } from '@tokenline/envelopes';
import type { Answer, System } from '../system.js';
import { type Persona, tokenExpiryOf, wordFor } from './persona.js';

export type Json = Readonly<Record<string, unknown>>;

/** One call: `body` puts together what goes over the wire, with `seal` around what MDES encrypts. */
export interface MdesCall {
  readonly operation: string;
  readonly body: (seal: (plain: Json) => MdesEnvelope) => Json;
}

export interface MdesPeer {
  /** What makes a system under test this peer's issuer. */
  readonly env: NodeJS.ProcessEnv;
  /** Sends and gives whatever is answered. */
  readonly post: (system: System, call: MdesCall) => Promise<Answer>;
  /** Sends and gives the operation's own response; throws unless it is one, to this very request. */
  readonly send: (system: System, call: MdesCall) => Promise<Json>;
  /** What an envelope of the issuer hides. */
  readonly opened: (envelope: unknown) => unknown;
}

export function createMdes(): MdesPeer {
  const { keys, recipient, mastercard } = generateMdesPair();
  const seal = (plain: Json): MdesEnvelope => sealMdes(JSON.stringify(plain), recipient);
  const deliver = async ({ urls, send }: System, { operation, body }: MdesCall) => {
    const request = body(seal);
    // The path MDES composes behind the address an issuer gives it.
    const url = `${urls.ingest}/v1/inbound/mdes/issuerServices/1/0/${operation}`;
    return { request, answer: await send('POST', url, JSON.stringify(request)) };
  };
  return {
    env: { TOKENLINE_MDES_KEYS: keys },
    post: async (system, call) => (await deliver(system, call)).answer,
    send: async (system, call) => {
      const { request, answer } = await deliver(system, call);
      const response = answer.status === 200 ? (JSON.parse(answer.text) as Json) : undefined;
      if (response === undefined || response.errorCode !== undefined || response.responseId !== request.requestId)
        throw new Error(`${call.operation} was answered ${answer.status}: ${answer.text}`);
      return response;
    },
    opened: (envelope) => {
      const opened = openMdes(envelope, mastercard);
      if (!opened.ok) throw new Error(`The issuer's envelope does not open: ${opened.reason}`);
      return JSON.parse(opened.text);
    },
  };
}

const tokenTypes = { SE: 'EMBEDDED_SE', CL: 'CLOUD', CF: 'STATIC' };
const formFactors = { M: 'PHONE', W: 'WATCH', T: 'TABLET' };
/** Public wallet ids and token requestor ids, by EHI's word for the wallet. */
const walletIds = { APPLE: '103', ANDROID: '216', SAMSUNG: '217' };
const requestors = { APPLE: '50110030273', ANDROID: '50120834693', SAMSUNG: '50139059239' };

/** Joins the messages of one digitization; at most 14 characters. */
export function correlationIdOf({ token }: Persona): string {
  return `D${token.paymentTokenId}`;
}

function digitizationOf(persona: Persona): Json {
  const { token } = persona;
  return {
    requestId: randomUUID(),
    services: ['DIGITIZATION'],
    correlationId: correlationIdOf(persona),
    tokenRequestorId: wordFor(requestors, token.wallet),
    walletId: wordFor(walletIds, token.wallet),
    paymentAppInstanceId: token.deviceId,
    tokenType: wordFor(tokenTypes, token.type),
    consumerFacingEntityName: 'Example Wallet',
  };
}

function cardDataOf({ card }: Persona): Json {
  return { accountNumber: card.number, expiryMonth: card.expiryMonth, expiryYear: card.expiryYear.slice(2) };
}

function tokenDataOf({ token }: Persona): Json {
  const { month, year } = tokenExpiryOf(token);
  return { token: token.dpan, expiryMonth: month, expiryYear: year.slice(2), sequenceNumber: '01' };
}

function deviceOf({ token }: Persona): Json {
  const form = wordFor(formFactors, token.deviceType);
  return { deviceName: token.deviceName, formFactor: form, osName: 'IOS', storageTechnology: 'SE' };
}

/** May this card become a token? `more` adds to the request or replaces parts of it. */
export function authorizeService(persona: Persona, more: Json = {}): MdesCall {
  return {
    operation: 'authorizeService',
    body: (seal) => ({
      ...digitizationOf(persona),
      fundingAccountInfo: {
        tokenUniqueReference: persona.token.reference,
        encryptedPayload: seal({
          source: 'ACCOUNT_ADDED_MANUALLY',
          dataValidUntilTimestamp: new Date(Date.now() + 30 * 60_000).toISOString(),
          cardAccountData: { ...cardDataOf(persona), securityCode: '123' },
        }),
      },
      activeTokenCount: '0',
      deviceInfo: deviceOf(persona),
      walletProviderDecisioningInfo: { deviceScore: '4', accountScore: '4', phoneNumberScore: '4' },
      deviceAcceptLanguage: 'eng',
      ...more,
    }),
  };
}

/** How can the cardholder be authenticated? */
export function requestActivationMethods(persona: Persona, more: Json = {}): MdesCall {
  return {
    operation: 'requestActivationMethods',
    body: (seal) => ({
      ...digitizationOf(persona),
      fundingAccountInfo: {
        tokenUniqueReference: persona.token.reference,
        encryptedPayload: seal({ source: 'ACCOUNT_ADDED_MANUALLY', cardAccountData: cardDataOf(persona) }),
      },
      ...more,
    }),
  };
}

export interface ActivationCode {
  readonly code: string;
  /** Epoch ms UTC. */
  readonly expiresAt: number;
}

/** Deliver this code by the method the cardholder chose, as the issuer named it. */
export function deliverActivationCode(
  persona: Persona,
  method: { readonly type: string; readonly value?: string },
  { code, expiresAt }: ActivationCode,
): MdesCall {
  return {
    operation: 'deliverActivationCode',
    body: () => ({
      requestId: randomUUID(),
      tokenUniqueReference: persona.token.reference,
      correlationId: correlationIdOf(persona),
      activationMethod: method,
      activationCode: code,
      expirationDateTime: new Date(expiresAt).toISOString(),
      consumerFacingEntityName: 'Example Wallet',
    }),
  };
}

/** The token is active, since `at` (epoch ms UTC). */
export function notifyServiceActivated(persona: Persona, at: number, more: Json = {}): MdesCall {
  return {
    operation: 'notifyServiceActivated',
    body: (seal) => ({
      ...digitizationOf(persona),
      fundingAccountInfo: {
        tokenUniqueReference: persona.token.reference,
        encryptedPayload: seal({ cardAccountData: cardDataOf(persona), tokenData: tokenDataOf(persona) }),
      },
      deviceInfo: deviceOf(persona),
      accountPanSuffix: persona.card.number.slice(-4),
      serviceRequestDateTime: new Date(at - 60_000).toISOString(),
      tokenActivatedDateTime: new Date(at).toISOString(),
      decision: 'APPROVED',
      decisionMadeBy: 'AUTHORIZATION_REQUEST',
      numberOfActiveTokens: 1,
      ...more,
    }),
  };
}

/** One of the tokens a notice of an update names. */
export interface MdesUpdate {
  readonly persona: Persona;
  /** Fields of `tokens[]` beside the reference. */
  readonly fields?: Json;
  /** With the token's data, and the card's where it is another now, in an envelope. */
  readonly withFundingAccount?: boolean;
}

/** The tokens named changed, for one reason. */
export function notifyTokenUpdated(reasonCode: string, updates: readonly MdesUpdate[]): MdesCall {
  return {
    operation: 'notifyTokenUpdated',
    body: (seal) => ({
      requestId: randomUUID(),
      reasonCode,
      tokens: updates.map(({ persona, fields, withFundingAccount = false }) => ({
        tokenUniqueReference: persona.token.reference,
        ...fields,
        ...(withFundingAccount && {
          fundingAccountInfo: {
            encryptedPayload: seal({ cardAccountData: cardDataOf(persona), tokenData: tokenDataOf(persona) }),
          },
        }),
      })),
    }),
  };
}
