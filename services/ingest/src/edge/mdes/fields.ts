/**
 * What travels in clear of an MDES request, by its path once opened (libs/envelopes). What is not listed stays in the sealed original:
 * names, addresses, phone numbers, security codes, chip data, the card's expiry, hashes of the wallet account.
 */
import { mdesMethods } from '@tokenline/domain';
import type { Sealer } from '@tokenline/sealing';
import type { PathRules } from '../clear-paths.js';

type Json = Readonly<Record<string, unknown>>;

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
/** Documented as 14 characters at most: shorter than a card number with anything before it. */
const correlationId = /^\w{1,14}$/;
const ourCardReference = /^pan:[\w-]{1,32}:[\w-]{43}$/;

/** One token's funding information, wherever it stands. */
function fundingPaths(at: string): PathRules {
  return {
    [`${at}.tokenUniqueReference`]: 'reference',
    [`${at}.panUniqueReference`]: 'reference',
    [`${at}.card.ref`]: ourCardReference,
    [`${at}.card.last4`]: 'text',
    [`${at}.fundingAccountData.source`]: 'text',
    [`${at}.fundingAccountData.tokenData.expiryMonth`]: 'text',
    [`${at}.fundingAccountData.tokenData.expiryYear`]: 'text',
    [`${at}.fundingAccountData.tokenData.token`]: { seal: 'token-number' },
  };
}

function decisioningPaths(at: string): PathRules {
  return {
    [`${at}.recommendedDecision`]: 'text',
    [`${at}.recommendationStandardVersion`]: 'text',
    [`${at}.deviceScore`]: 'text',
    [`${at}.accountScore`]: 'text',
    [`${at}.phoneNumberScore`]: 'text',
    [`${at}.accountLifeTime`]: 'text',
    [`${at}.recommendationReasons[]`]: 'text',
  };
}

export const mdesPaths: PathRules = {
  requestId: uuid,
  correlationId,
  'services[]': 'text',
  tokenRequestorId: 'text',
  walletId: 'text',
  tokenType: 'text',
  paymentAppInstanceId: 'reference',
  secureElementId: 'reference',
  consumerFacingEntityName: 'text',
  activeTokenCount: 'text',
  deviceAcceptLanguage: 'text',
  consumerLanguage: 'text',
  provisioningContext: 'text',
  ...fundingPaths('fundingAccountInfo'),
  'deviceInfo.deviceName': 'text',
  'deviceInfo.formFactor': 'text',
  'deviceInfo.isoDeviceType': 'text',
  'deviceInfo.osName': 'text',
  'deviceInfo.osVersion': 'text',
  'deviceInfo.storageTechnology': 'text',
  'deviceInfo.cardCaptureTechnology': 'text',
  ...decisioningPaths('walletProviderDecisioningInfo'),
  ...decisioningPaths('tokenRequestorDecisioningInfo'),
  tokenUniqueReference: 'reference',
  activationCode: { seal: 'activation-code' },
  'activationMethod.type': 'text',
  'activationMethod.value': { seal: 'contact' },
  expirationDateTime: 'text',
  'reasonCodes[]': 'text',
  authRequestCorrelationId: uuid,
  bindId: 'reference',
  serviceRequestDateTime: 'text',
  tokenActivatedDateTime: 'text',
  termsAndConditionsAcceptedTimestamp: 'text',
  decision: 'text',
  decisionMadeBy: 'text',
  productConfigurationId: 'text',
  numberOfActivationAttempts: 'text',
  numberOfActiveTokens: 'text',
  tokenAssuranceLevel: 'text',
  reasonCode: 'text',
  triggeredBy: 'text',
  'tokens[].tokenUniqueReference': 'reference',
  'tokens[].status': 'text',
  'tokens[].suspendedBy[]': 'text',
  'tokens[].triggeredBy': 'text',
  'tokens[].tokenExpiry': 'text',
  'tokens[].bindingStatus': 'text',
  'tokens[].bindId': 'reference',
  ...fundingPaths('tokens[].fundingAccountInfo'),
  status: 'text',
  'events[].eventName': 'text',
};

export interface KeptFields {
  readonly clear: Readonly<Record<string, string>>;
  readonly sealed: Readonly<Record<string, string>>;
}

/**
 * A request id that could be something else than an id, a number of sixteen digits for one, is kept as its keyed digest: a repeat still has
 * the same, and nothing is given away.
 */
export function withShownRequestId(
  { clear, sealed }: KeptFields,
  requestId: string | undefined,
  sealer: Sealer,
): KeptFields {
  if (sealed.requestId === undefined || requestId === undefined) return { clear, sealed };
  const { requestId: _requestId, ...rest } = sealed;
  return { clear: { ...clear, requestId: `keyed-${sealer.digest(requestId)}` }, sealed: rest };
}

const contactMethods = ['SMS', 'EMAIL', 'VOICE_CALL'];

/** The request without a delivery address that is masked, as MDES usually sends it, or is none: nothing can be sent there. */
export function withoutMaskedContact(request: Json): Json {
  const { activationMethod } = request;
  if (!isObject(activationMethod)) return request;
  const { type, value, ...rest } = activationMethod;
  const method = typeof type === 'string' && Object.hasOwn(mdesMethods, type) ? mdesMethods[type] : undefined;
  const whole = typeof value === 'string' && !/[#*•…]|xx/i.test(value);
  if (whole && contactMethods.includes(method ?? '')) return request;
  return { ...request, activationMethod: { ...rest, type } };
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
