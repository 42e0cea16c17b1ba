/**
 * Which values of a VTS message may travel in clear, by path (visa-vts-and-thredd-ehi.md 1.3 to 1.6). What the envelope held stands under
 * `encryptedData`. Not listed, and so nowhere but in the sealed original: names, addresses, card verification values, hashes of e-mail addresses,
 * wallet account ids, places and network addresses of devices.
 */
import type { PathRules } from '../clear-paths.js';

const risk = [
  'walletProviderDeviceScore',
  'walletProviderAccountScore',
  'walletProviderRiskAssessment',
  'walletProviderReasonCodes',
  'visaTokenScore',
  'visaTokenDecisioning',
  'riskAssessmentScore',
  'provisioningAttemptsOnDeviceIn24Hour',
  'distinctCardholderNames',
  'suspendedCardsInAccount',
  'numberOfActiveTokens',
  'deviceWithActiveTokens',
  'activeTokensOnAllDeviceForAccount',
  'walletAccountAge',
  'userAccountAge',
  'accountToDeviceBindingAge',
  'walletProviderPANAge',
  'daysSinceLastAccountActivity',
  'numberOfTransactionsInLast12months',
  'daysSinceConsumerDataLastAccountChange',
  'walletAccountHolderCardNameMatch',
  'deviceLostMode',
];

const token = [
  'tokenType',
  'tokenStatus',
  'tokenAssuranceMethod',
  'tokenAssuranceLevel',
  'numberOfActiveTokensForPAN',
  'numberOfInactiveTokensForPAN',
  'numberOfSuspendedTokensForPAN',
  'tokenActivationDate',
  'tokenDeactivationDate',
  'lastTokenStatusUpdatedTime',
  'tokenExpirationDate.month',
  'tokenExpirationDate.year',
];

const body = [
  'panSource',
  'consumerEntryMode',
  'addressVerificationResultCode',
  'cvv2ResultsCode',
  'locale',
  'eventType',
  'messageReason',
  'messageReasonCode',
  'dateTimeOfEvent',
  'actionCode',
  'activationVerificationResult',
  'deviceBindingResult',
  'cardHolderStepupResult',
  'trustedListingResult',
  'stipReasonCode',
  'visaTokenScore',
  'visaTokenDecisioning',
  'otpReason',
  'otpMaxReached',
  'otpExpirationDate',
  'status',
  'statusCode',
  'errorCode',
  'deviceInfo.deviceLanguageCode',
  'deviceInfo.deviceType',
  'deviceInfo.deviceName',
  'deviceInfo.osType',
  'deviceInfo.osVersion',
  'deviceInfo.deviceIDType',
  'deviceInfo.deviceManufacturer',
  'deviceInfo.deviceBrand',
  'deviceInfo.deviceModel',
  'deviceInfo.locationSource',
  'deviceInfo.tokenProtectionMethod',
  'deviceInfo.deviceIndex',
  'tokenUserInfo.tokenUserAppType',
  'merchantInfo.merchantName',
];

const references = [
  'tokenReferenceID',
  'panReferenceID',
  'updateReferenceID',
  'eventID',
  'taskID',
  'otpMethodIdentifier',
  'deviceID',
  'deviceInfo.deviceID',
  'issuerTraceID',
];

export const vtsRules: PathRules = {
  tokenRequestorID: /^\d{1,11}$/,
  lifeCycleTraceID: /^\d{1,15}$/,
  otpValue: { seal: 'activation-code' },
  'encryptedData.tokenInfo.token': { seal: 'token-number' },
  ...allAs('reference', references),
  ...allAs('text', body),
  ...allAs('text', [
    ...token.map((path) => `tokenInfo.${path}`),
    ...token.map((path) => `encryptedData.tokenInfo.${path}`),
  ]),
  ...allAs(
    'text',
    risk.map((name) => `encryptedData.riskInfo.${name}`),
  ),
  'encryptedData.cardholderInfo.riskAssessmentScore': 'text',
};

/** Where the card's number stands, the new one first. */
export const cardNumberPaths = [
  ['encryptedData', 'replaceCardholderInfo', 'primaryAccountNumber'],
  ['encryptedData', 'cardholderInfo', 'primaryAccountNumber'],
] as const;

const spellings = new Map(
  ['encryptedData', ...Object.keys(vtsRules).flatMap((path) => path.split('.')), ...cardNumberPaths.flat()].map(
    (name) => [name.toLowerCase(), name],
  ),
);
const deepest = 4;

/**
 * The part of a message whose names are known here, in the domain page's spelling: Visa's documents and their copies differ in upper and lower case
 * (cardholderInfo and cardHolderInfo, panReferenceID and panReferenceId). A name written as the page has it wins over one that is not.
 */
export function respelled(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if (depth >= deepest) return undefined;
  const known = Object.entries(value).flatMap(([name, field]) => {
    const spelling = spellings.get(name.toLowerCase());
    return spelling === undefined || field === null ? [] : [{ spelling, asWritten: spelling === name, field }];
  });
  known.sort((a, b) => Number(a.asWritten) - Number(b.asWritten));
  return Object.fromEntries(known.map(({ spelling, field }) => [spelling, respelled(field, depth + 1)]));
}

function allAs(content: 'text' | 'reference', paths: readonly string[]): PathRules {
  return Object.fromEntries(paths.map((path) => [path, content]));
}
