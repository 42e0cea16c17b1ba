/**
 * What kind of message an EHI message is: told by the first two digits of Proc_Code, never by MTID and Txn_Type, on which Thredd's
 * own pages disagree (visa-vts-and-thredd-ehi.md 0, fact 1).
 */
import type { FactKind } from '../generated/records.js';

export type EhiOperation = 'ELIGIBILITY' | 'TAR' | 'ACN' | 'TCN' | 'TEN' | 'GET_CVM' | 'DEVICE_BINDING';

const operations: Readonly<Record<string, EhiOperation>> = {
  '32': 'ELIGIBILITY',
  '33': 'TAR',
  '34': 'ACN',
  '35': 'TCN',
  '36': 'TEN',
  '37': 'GET_CVM',
  '38': 'DEVICE_BINDING',
};

/** The operation of a processing code, two to six digits; undefined for every other code. */
export function operationOf(procCode: string): EhiOperation | undefined {
  return /^\d{2,6}$/.test(procCode) ? operations[procCode.slice(0, 2)] : undefined;
}

/** TEN reasons, by Message_Why. What is not listed, 0 and blank included, only reports a status (51: changed by the creator). */
const tenKinds: Readonly<Record<string, FactKind>> = {
  38: 'NOTED', // vault notice
  39: 'NOTED', // card-on-file notice
  41: 'NOTED', // MDES advice
  51: 'STATUS_REPORTED',
  52: 'TOKEN_REPLACED',
  53: 'AUTHENTICATION_FAILED', // code expired
  54: 'AUTHENTICATION_FAILED', // code wrong
  55: 'AUTHENTICATION_FAILED', // too many attempts
  71: 'TOKEN_CREATED',
  72: 'DEVICE_PROVISIONED',
  73: 'AUTHENTICATION_SUCCEEDED', // by code
  74: 'AUTHENTICATION_SUCCEEDED', // by call centre
  75: 'AUTHENTICATION_SUCCEEDED', // by mobile banking app
  76: 'NOTED', // keys replenished
  77: 'NOTED', // personalised again
  78: 'TOKEN_UPDATED', // expiry of the card
  79: 'TOKEN_UPDATED', // number of the card
  80: 'TOKEN_RESUMED',
  81: 'TOKEN_SUSPENDED',
  82: 'TOKEN_DELETED',
  84: 'NOTED', // binding asked for
  85: 'DEVICE_UNBOUND',
  86: 'DEVICE_BOUND', // without authentication
  87: 'DEVICE_BOUND', // by code
  88: 'DEVICE_BOUND', // by call centre
  89: 'DEVICE_BOUND', // by mobile banking app
  90: 'CARDHOLDER_VERIFIED', // without authentication
  91: 'CARDHOLDER_VERIFIED', // by code
  92: 'CARDHOLDER_VERIFIED', // by call centre
  93: 'CARDHOLDER_VERIFIED', // by mobile banking app
  94: 'NOTED', // personalised again
  95: 'TOKEN_UPDATED', // expiry of the token
  100: 'NOTED', // binding asked for, FIDO
  101: 'NOTED', // binding asked for, implicit green
};

/** Of a binding that is asked for, and of its result. */
const bindingReasons: readonly (string | undefined)[] = ['84', '86', '87', '88', '89', '100', '101'];

/** Results that, reported as failures, change nothing about the token. */
const results: readonly FactKind[] = ['DEVICE_PROVISIONED', 'DEVICE_BOUND', 'CARDHOLDER_VERIFIED'];

/**
 * What the message asserts. `why` is Message_Why, `responseCode` DE 39.
 * A result reported with a response code other than 00 is a failure: of provisioning, binding or verification (then nothing about the token has
 * changed), or of the authentication.
 */
export function kindOf(operation: EhiOperation, why: string | undefined, responseCode: string | undefined): FactKind {
  const succeeded = responseCode === undefined || responseCode === '00';
  switch (operation) {
    case 'TAR':
      return 'PROVISIONING_REQUESTED';
    case 'ACN':
      return 'ACTIVATION_CODE_ISSUED';
    case 'TCN':
      return succeeded ? 'DEVICE_PROVISIONED' : 'NOTED';
    case 'TEN': {
      const kind = tenKinds[why ?? '0'] ?? 'STATUS_REPORTED';
      if (results.includes(kind) && !succeeded) return 'NOTED';
      if (kind === 'AUTHENTICATION_SUCCEEDED' && !succeeded) return 'AUTHENTICATION_FAILED';
      return kind;
    }
    case 'ELIGIBILITY':
    case 'GET_CVM':
    case 'DEVICE_BINDING':
      return 'NOTED';
  }
}

/** Whether the message's device is the one it speaks of: bound or let go, or else the token's own. One that asks for a binding may be any. */
export function tellsDevice(kind: FactKind, operation: EhiOperation, why: string | undefined): boolean {
  return kind === 'DEVICE_BOUND' || (operation !== 'DEVICE_BINDING' && !bindingReasons.includes(why));
}
