/** VTS' words and ours (visa-vts-and-thredd-ehi.md 1.2 to 1.5). Words that are not listed stay as sent or become OTHER: lists grow. */
import type { Decision, TokenStatus, TokenType } from '../generated/records.js';
import { lastDayOfMonth } from '../time.js';

/** tokenStatus as a word or, in older answers, a letter. */
export function vtsStatusOf(word: string): Exclude<TokenStatus, 'UNKNOWN'> | undefined {
  switch (word.toUpperCase()) {
    case 'INACTIVE':
    case 'I':
      return 'INACTIVE';
    case 'ACTIVE':
    case 'A':
      return 'ACTIVE';
    case 'SUSPENDED':
    case 'S':
      return 'SUSPENDED';
    case 'DEACTIVATED':
    case 'D':
      return 'DELETED';
    default:
      return undefined;
  }
}

/** tokenType. ECOMMERCE tokens live on no device, like EHI's browser wallets. */
export function vtsTokenTypeOf(word: string): TokenType {
  switch (plain(word)) {
    case 'SECUREELEMENT':
      return 'SECURE_ELEMENT';
    case 'HCE':
      return 'HCE';
    case 'CARDONFILE':
      return 'CARD_ON_FILE';
    case 'ECOMMERCE':
      return 'BROWSER';
    default:
      return 'OTHER';
  }
}

const deviceTypes: Readonly<Record<string, string | undefined>> = {
  UNKNOWN: undefined,
  MOBILEPHONE: 'PHONE',
  PHONE: 'PHONE',
  TABLET: 'TABLET',
  WATCH: 'WATCH',
  PC: 'PC',
  MOBILEPHONEORTABLET: 'PHONE_OR_TABLET',
  PHONETABLET: 'PHONE_OR_TABLET',
  WEARABLEDEVICE: 'WEARABLE',
  HOUSEHOLDDEVICE: 'HOUSEHOLD_DEVICE',
  AUTOMOBILEDEVICE: 'VEHICLE',
};

/** deviceInfo.deviceType in both dialects. */
export function vtsDeviceTypeOf(word: string): string | undefined {
  const key = plain(word);
  return Object.hasOwn(deviceTypes, key) ? deviceTypes[key] : word.toUpperCase();
}

/** Wallets by Visa's token requestor id; a list to be added to. Two ids are disputed between lists; the processors' are followed. */
const wallets: Readonly<Record<string, string>> = {
  '40010030273': 'APPLE',
  '40010075001': 'GOOGLE',
  '40010043095': 'SAMSUNG',
  '40010069887': 'GARMIN',
  '40010075196': 'MICROSOFT',
  '40010075338': 'VISACKOUT',
  '40010075449': 'FACEBOOK',
  '40010075839': 'NETFLIX',
  '40010077056': 'FITBIT',
  '40010051602': 'AMAZON',
};

/** The wallet of a token requestor, in the words EHI uses; undefined for requestors not known. */
export function vtsWalletOf(tokenRequestorId: string): string | undefined {
  return Object.hasOwn(wallets, tokenRequestorId) ? wallets[tokenRequestorId] : undefined;
}

/** actionCode: the answer to a request. What is neither approval nor step-up declines. */
export function decisionOfAction(code: string): Exclude<Decision, 'UNKNOWN'> {
  return code === '00' ? 'APPROVED' : code === '85' ? 'AUTHENTICATE' : 'DECLINED';
}

/** The last day of a month of a year, YYYY-MM-DD: how EHI writes the same expiry. Undefined when it is no month. */
export function endOfMonth(year: string, month: string): string | undefined {
  if (!/^[1-9]\d{3}$/.test(year) || !/^(?:0?[1-9]|1[0-2])$/.test(month)) return undefined;
  return lastDayOfMonth(Number(year), Number(month));
}

/** A word without case and underscores, which Visa's documents and their copies do not agree on. */
export function plain(word: string): string {
  return word.toUpperCase().replaceAll(/[_\s-]/g, '');
}
