/** EHI's code words and ours (visa-vts-and-thredd-ehi.md 5.2, 5.3; mastercard-mdes.md 6). Codes that are not listed stay as sent or become UNKNOWN: lists grow. */
import type { Network, Party, TokenStatus, TokenType } from '../generated/records.js';

/** PaymentToken_creator, whatever its case. Webhooks write VISA-VDEP where EHI writes VISA-T. */
export function networkOf(creator: string): Exclude<Network, 'UNKNOWN'> | undefined {
  switch (creator.toUpperCase()) {
    case 'VISA-T':
    case 'VISA-VDEP':
      return 'VTS';
    case 'MC-MDES':
      return 'MDES';
    default:
      return undefined;
  }
}

/** PaymentToken_creatorStatus: a status, 'none' for letters that state none (not tokenised, pending, unknown), undefined for letters not known. */
export function statusOfLetter(letter: string): Exclude<TokenStatus, 'UNKNOWN'> | 'none' | undefined {
  switch (letter.toUpperCase()) {
    case 'A':
      return 'ACTIVE';
    case 'I':
      return 'INACTIVE';
    case 'S':
      return 'SUSPENDED';
    case 'D': // deleted on the device
    case 'X': // deactivated
      return 'DELETED';
    case 'N':
    case 'P':
    case 'U':
      return 'none';
    default:
      return undefined;
  }
}

/** Message_Source: who caused an event. */
export function partyOf(source: string | undefined): Party {
  const word = source?.toUpperCase() ?? '';
  switch (word) {
    case 'CRDHLR':
    case 'CARD-WAL':
      return 'CARDHOLDER';
    case 'ISSUER':
      return 'ISSUER';
    case 'WALLET':
      return 'TOKEN_REQUESTOR';
    case 'VISA-T':
    case 'VISA-VDEP':
    case 'VISA-STIP':
    case 'MC-MDES':
      return 'NETWORK';
    default:
      return word.startsWith('WAL-') ? 'TOKEN_REQUESTOR' : 'UNKNOWN';
  }
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
