/** EHI's code words and ours (visa-vts-and-thredd-ehi.md 5.2, 5.3; mastercard-mdes.md 6). Codes that are not listed stay as sent or become UNKNOWN: lists grow. */
import type { Network, Party, TokenStatus, TokenType } from '../generated/records.js';

const networks: Readonly<Record<string, Exclude<Network, 'UNKNOWN'>>> = {
  'VISA-T': 'VTS',
  'VISA-VDEP': 'VTS',
  'MC-MDES': 'MDES',
};

/** PaymentToken_creator, whatever its case. Webhooks write VISA-VDEP where EHI writes VISA-T. */
export function networkOf(creator: string): Exclude<Network, 'UNKNOWN'> | undefined {
  return networks[creator.toUpperCase()];
}

const statuses: Readonly<Record<string, Exclude<TokenStatus, 'UNKNOWN'> | 'none'>> = {
  A: 'ACTIVE',
  I: 'INACTIVE',
  S: 'SUSPENDED',
  D: 'DELETED', // on the device
  X: 'DELETED', // deactivated
  N: 'none', // not tokenised
  P: 'none', // pending
  U: 'none', // unknown
};

/** PaymentToken_creatorStatus: a status, 'none' for letters that state none, undefined for letters not known. */
export function statusOfLetter(letter: string): Exclude<TokenStatus, 'UNKNOWN'> | 'none' | undefined {
  return statuses[letter.toUpperCase()];
}

const parties: Readonly<Record<string, Party>> = {
  CRDHLR: 'CARDHOLDER',
  'CARD-WAL': 'CARDHOLDER',
  ISSUER: 'ISSUER',
  WALLET: 'TOKEN_REQUESTOR',
  'VISA-T': 'NETWORK',
  'VISA-VDEP': 'NETWORK',
  'VISA-STIP': 'NETWORK',
  'MC-MDES': 'NETWORK',
};

/** Message_Source: who caused an event. */
export function partyOf(source: string | undefined): Party {
  if (source === undefined) return 'UNKNOWN';
  const word = source.toUpperCase();
  return parties[word] ?? (word.startsWith('WAL-') ? 'TOKEN_REQUESTOR' : 'UNKNOWN');
}

/** PaymentToken_type. */
export function tokenTypeOf(code: string): TokenType {
  switch (code.toUpperCase()) {
    case 'SE':
      return 'SECURE_ELEMENT';
    case 'CL':
      return 'HCE';
    case 'CF':
      return 'CARD_ON_FILE';
    case 'BW':
      return 'BROWSER';
    default:
      return 'OTHER';
  }
}

/** PaymentToken_wallet: Thredd's ANDROID is Google's wallet; every other programme keeps its word. */
export function walletOf(code: string): string {
  const word = code.toUpperCase();
  return word === 'ANDROID' ? 'GOOGLE' : word;
}

const deviceTypes: Readonly<Record<string, string>> = {
  M: 'PHONE',
  W: 'WATCH',
  T: 'TABLET',
  P: 'PC',
  X: 'PHONE_OR_TABLET',
  C: 'CARD',
  J: 'JEWELLERY',
  R: 'WRISTBAND',
  V: 'VEHICLE',
};

/** PaymentToken_deviceType: a word, undefined for U (unknown), and letters not known as sent. */
export function deviceTypeOf(letter: string): string | undefined {
  const code = letter.toUpperCase();
  return code === 'U' ? undefined : (deviceTypes[code] ?? code);
}

const activationMethods = ['NONE', 'SMS', 'EMAIL', 'AUTOMATED_CALL', 'AGENT_CALL', 'WEBSITE', 'APP', 'VOICE_CALL'];

/** PaymentToken_activationMethod: a digit from 0 to 7 as a word. */
export function activationMethodOf(digit: string): string | undefined {
  return /^\d$/.test(digit) ? activationMethods[Number(digit)] : undefined;
}
