/**
 * What a TOKEN_STATUS_UPDATED tells, by its reason, in both dialects: numeric codes as in field 63.3 of the ISO message, or Visa's symbols
 * (visa-vts-and-thredd-ehi.md 3). 3711, 3712, 3714 and 3715 are inferred there; the symbols beside them are documented.
 *
 * A reason that is not known is not guessed at: the status in the payload is what then counts (STATUS_REPORTED), and without one the message is noted.
 */
import type { FactKind } from '../generated/records.js';
import { plain } from './vocabulary.js';

/** By number. The names of 3720, 3721 and the three binding requests are ours: no symbol of Visa's is known for them. */
export const vtsReasons = {
  '3700': 'TOKEN_CREATED',
  '3701': 'TOKEN_DEACTIVATED',
  '3702': 'TOKEN_SUSPEND',
  '3703': 'TOKEN_RESUME',
  '3711': 'DEVICE_PROVISIONING_RESULT',
  '3712': 'OTP_VERIFICATION_RESULT',
  '3713': 'CALL_CENTER_ACTIVATION',
  '3714': 'MOBILE_BANK_APP_ACTIVATION',
  '3715': 'LUK_REPLENISHMENT',
  '3720': 'TOKEN_EXPIRY_DATE_UPDATED',
  '3721': 'PAN_UPDATED',
  '3740': 'TOKEN_DEVICE_BINDING_REQUEST',
  '3749': 'TOKEN_DEVICE_BINDING_REQUEST_FIDO',
  '3760': 'TOKEN_DEVICE_BINDING_REQUEST_IMPLICIT',
} as const;

/** Reasons whose numbers are not known. */
const symbolsOnly = [
  'DEVICE_PROVISIONING_REPERSONALIZATION_RESULT',
  'TOKEN_DEVICE_BINDING_RESULT',
  'TOKEN_DEVICE_BINDING_REMOVED',
  'CARDHOLDER_STEPUP_RESULT',
  'TRUSTED_LISTING_ENROLLMENT_RESULT',
] as const;

/** Of a binding that is asked for, and of its result. */
export const vtsBindingReasons: readonly (string | undefined)[] = [
  'TOKEN_DEVICE_BINDING_REQUEST',
  'TOKEN_DEVICE_BINDING_REQUEST_FIDO',
  'TOKEN_DEVICE_BINDING_REQUEST_IMPLICIT',
  'TOKEN_DEVICE_BINDING_RESULT',
] satisfies readonly VtsReason[];

export type VtsReason = (typeof vtsReasons)[keyof typeof vtsReasons] | (typeof symbolsOnly)[number];

const bySpelling = new Map<string, VtsReason>(
  [...Object.values(vtsReasons), ...symbolsOnly].map((symbol) => [plain(symbol), symbol]),
);

/** The reason of a messageReasonCode in either dialect. */
export function vtsReasonOf(code: string): VtsReason | undefined {
  return Object.hasOwn(vtsReasons, code) ? vtsReasons[code as keyof typeof vtsReasons] : bySpelling.get(plain(code));
}

/** What a message says of how a step went. */
export interface VtsResults {
  /** actionCode: 00 good. */
  readonly actionCode: string | undefined;
  readonly activation: string | undefined;
  readonly binding: string | undefined;
}

/** What the message asserts. `hasStatus`: whether it states one. */
export function vtsKindOf(reason: VtsReason | undefined, results: VtsResults, hasStatus: boolean): FactKind {
  const good = results.actionCode === undefined || results.actionCode === '00';
  switch (reason) {
    case 'TOKEN_CREATED':
      return 'TOKEN_CREATED';
    case 'TOKEN_DEACTIVATED':
      return 'TOKEN_DELETED';
    case 'TOKEN_SUSPEND':
      return 'TOKEN_SUSPENDED';
    case 'TOKEN_RESUME':
      return 'TOKEN_RESUMED';
    case 'DEVICE_PROVISIONING_RESULT':
      return good ? 'DEVICE_PROVISIONED' : 'NOTED';
    case 'OTP_VERIFICATION_RESULT':
    case 'CALL_CENTER_ACTIVATION':
    case 'MOBILE_BANK_APP_ACTIVATION':
      return activated(results, good) ? 'AUTHENTICATION_SUCCEEDED' : 'AUTHENTICATION_FAILED';
    case 'TOKEN_EXPIRY_DATE_UPDATED':
    case 'PAN_UPDATED':
      return 'TOKEN_UPDATED';
    case 'TOKEN_DEVICE_BINDING_RESULT':
      if (plain(results.binding ?? '') === 'DEVICEBINDINGREMOVED') return 'DEVICE_UNBOUND';
      return good ? 'DEVICE_BOUND' : 'NOTED';
    case 'TOKEN_DEVICE_BINDING_REMOVED':
      return 'DEVICE_UNBOUND';
    case 'CARDHOLDER_STEPUP_RESULT':
      return good ? 'CARDHOLDER_VERIFIED' : 'NOTED';
    case 'LUK_REPLENISHMENT':
    case 'DEVICE_PROVISIONING_REPERSONALIZATION_RESULT':
    case 'TRUSTED_LISTING_ENROLLMENT_RESULT':
    case 'TOKEN_DEVICE_BINDING_REQUEST':
    case 'TOKEN_DEVICE_BINDING_REQUEST_FIDO':
    case 'TOKEN_DEVICE_BINDING_REQUEST_IMPLICIT':
      return 'NOTED';
    case undefined:
      return hasStatus ? 'STATUS_REPORTED' : 'NOTED';
  }
}

/** The result says more than the action code; where it is missing, the code has to do. */
function activated({ activation }: VtsResults, good: boolean): boolean {
  return activation === undefined ? good : plain(activation) === 'VERIFICATIONSUCCESS';
}
