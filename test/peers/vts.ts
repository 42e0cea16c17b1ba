/**
 * Visa's token service as a test peer: it calls the issuer API over HTTP, with the card's and the token's data signed and encrypted under keys of its
 * own run (visa-vts-and-thredd-ehi.md 1). What a call says is built by plain functions; `send` carries it and checks the answer's form.
 */
import { generateVtsPair, makeVtsEnvelope } from '@tokenline/envelopes';
import type { Answer, System } from '../system.js';
import type { ActivationCode, Json } from './mdes.js';
import { type Persona, tokenExpiryOf, wordFor } from './persona.js';

export interface VtsCall {
  /** Path and query behind the address an issuer gives Visa. */
  readonly target: string;
  /** When Visa signs it, epoch ms UTC: for a request that is the time it happened. */
  readonly at: number;
  readonly body: Json;
  /** What goes inside the envelope; without it there is none. */
  readonly inside?: Json;
}

export interface VtsPeer {
  /** What makes a system under test this peer's issuer. */
  readonly env: NodeJS.ProcessEnv;
  /** Sends and gives whatever is answered. */
  readonly post: (system: System, call: VtsCall) => Promise<Answer>;
  /** Sends and gives the answer's body, empty where Visa is told nothing; throws unless it was taken. */
  readonly send: (system: System, call: VtsCall) => Promise<Json>;
}

export function createVts(): VtsPeer {
  const { keys, sender } = generateVtsPair();
  const post: VtsPeer['post'] = async ({ urls, send }, { target, at, body, inside }) => {
    const encryptedData =
      inside === undefined ? undefined : await makeVtsEnvelope(JSON.stringify(inside), sender, { issuedAt: at });
    return send('POST', `${urls.ingest}/v1/inbound/vts/${target}`, JSON.stringify({ ...body, encryptedData }));
  };
  return {
    env: { TOKENLINE_VTS_KEYS: keys },
    post,
    send: async (system, call) => {
      const { status, text } = await post(system, call);
      if (status !== 200) throw new Error(`${call.target} was answered ${status}: ${text}`);
      return text === '' ? {} : (JSON.parse(text) as Json);
    },
  };
}

const tokenTypes = { SE: 'SECURE_ELEMENT', CL: 'HCE', CF: 'CARD_ON_FILE', BW: 'ECOMMERCE' };
const deviceTypes = { M: 'MOBILE_PHONE', W: 'WATCH', T: 'TABLET' };
/** Public token requestor ids, by EHI's word for the wallet. */
const requestors = { APPLE: '40010030273', ANDROID: '40010075001', SAMSUNG: '40010043095' };

function resourceOf({ token }: Persona): string {
  return `tokenRequestors/${wordFor(requestors, token.wallet)}/tokens/${token.reference}`;
}

/** Visa's lifeCycleTraceID: the tail of the trace Thredd writes. */
function traceOf({ token }: Persona): Json {
  return { lifeCycleTraceID: Number(token.trace.slice(-15)) };
}

/** The names of a token where the path does not carry them. */
function namesOf(persona: Persona): Json {
  return {
    tokenRequestorID: Number(wordFor(requestors, persona.token.wallet)),
    tokenReferenceID: persona.token.reference,
    panReferenceID: panReferenceOf(persona),
    ...traceOf(persona),
  };
}

function panReferenceOf({ token }: Persona): string {
  return `V-${String(token.paymentTokenId).padStart(22, '0')}`;
}

function deviceOf({ token }: Persona): Json {
  return {
    deviceID: token.deviceId,
    deviceType: wordFor(deviceTypes, token.deviceType),
    deviceName: token.deviceName,
    osType: token.wallet === 'APPLE' ? 'IOS' : 'ANDROID',
  };
}

function holderOf({ card }: Persona): Json {
  return {
    primaryAccountNumber: card.number,
    expirationDate: { month: card.expiryMonth, year: card.expiryYear },
  };
}

function tokenInfoOf({ token }: Persona, tokenStatus: string): Json {
  return {
    token: token.dpan,
    tokenType: wordFor(tokenTypes, token.type),
    tokenStatus,
    tokenExpirationDate: tokenExpiryOf(token),
    tokenAssuranceMethod: '00',
  };
}

/** May this card become a token at all? */
export function checkEligibility(persona: Persona, at: number): VtsCall {
  return {
    target: 'v1/checkEligibility',
    at,
    body: { ...namesOf(persona), panSource: 'KEY_ENTERED', deviceInfo: deviceOf(persona) },
    inside: { cardholderInfo: holderOf(persona) },
  };
}

/** May this card become this token? */
export function approveProvisioning(persona: Persona, at: number): VtsCall {
  return {
    target: `v2/${resourceOf(persona)}/approveProvisioning`,
    at,
    body: {
      panReferenceID: panReferenceOf(persona),
      ...traceOf(persona),
      panSource: 'KEY_ENTERED',
      locale: 'en_GB',
      tokenInfo: { tokenType: wordFor(tokenTypes, persona.token.type), numberOfActiveTokensForPAN: 0 },
      deviceInfo: deviceOf(persona),
    },
    inside: {
      cardholderInfo: { ...holderOf(persona), cvv2: '123', name: 'TEST CARDHOLDER' },
      riskInfo: { walletProviderRiskAssessment: 1, walletProviderDeviceScore: '4', walletProviderAccountScore: '4' },
    },
  };
}

/** What happened to the token at `at`: a reason in either dialect, and the status it has now. `more` adds to the body. */
export function tokenChanged(
  persona: Persona,
  at: number,
  reason: { readonly code: string; readonly status: string },
  more: Json = {},
): VtsCall {
  const created = reason.code === 'TOKEN_CREATED' || reason.code === '3700';
  return {
    target: `v2/${resourceOf(persona)}/tokenChanged?eventType=${created ? 'TOKEN_CREATED' : 'TOKEN_STATUS_UPDATED'}`,
    at: Date.now(),
    body: {
      messageReasonCode: reason.code,
      dateTimeOfEvent: new Date(at).toISOString(),
      panReferenceID: panReferenceOf(persona),
      ...traceOf(persona),
      ...(created ? { deviceInfo: deviceOf(persona) } : { deviceID: persona.token.deviceId }),
      actionCode: '00',
      ...more,
    },
    inside: { cardholderInfo: holderOf(persona), tokenInfo: tokenInfoOf(persona, reason.status) },
  };
}

export interface StepUpMethod {
  readonly type: string;
  readonly value: string;
  readonly identifier: string;
}

/** How can the cardholder be authenticated? Answered with `stepUpMethods`. */
export function retrieveStepUpMethods(persona: Persona, at: number, otpReason = 'PROVISIONING'): VtsCall {
  return {
    target: 'v1/retrieveStepUpMethods',
    at,
    body: { ...namesOf(persona), otpReason, otpMaxReached: false, deviceInfo: deviceOf(persona) },
    inside: { cardholderInfo: { primaryAccountNumber: persona.card.number } },
  };
}

/** Deliver this passcode by the method of that identifier. */
export function sendPasscode(
  persona: Persona,
  at: number,
  { identifier }: Pick<StepUpMethod, 'identifier'>,
  { code, expiresAt }: ActivationCode,
): VtsCall {
  return {
    target: 'v1/sendPasscode',
    at,
    body: {
      ...namesOf(persona),
      otpMethodIdentifier: identifier,
      otpValue: code,
      otpExpirationDate: new Date(expiresAt).toISOString(),
      deviceInfo: deviceOf(persona),
    },
    inside: { cardholderInfo: { primaryAccountNumber: persona.card.number } },
  };
}

/** May this token be bound to a further device? Has no envelope, so it happened when it was received. */
export function deviceBinding(persona: Persona, device: Json): VtsCall {
  return {
    target: `v1/${resourceOf(persona)}/deviceBinding`,
    at: Date.now(),
    body: { panReferenceID: panReferenceOf(persona), locale: 'en_GB', deviceInfo: device },
  };
}
