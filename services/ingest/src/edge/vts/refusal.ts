/**
 * A refusal as Visa's issuer API words it: `errorResponse` with the fields at fault for notifications, `errorCode` for requests
 * (visa-vts-and-thredd-ehi.md 1.3, 1.6), both beside the members of application/problem+json, which all our doors answer with.
 */
import { type ReasonCode, type Rejection, reasons, statusOf } from '@tokenline/domain';
import { problem, problemType } from '@tokenline/runtime';
import { presentable } from '../../dead-letter.js';
import type { Reply } from '../door.js';

export function vtsRefusal({ code, explanation, errors }: Rejection): Reply {
  const status = statusFor(code);
  const shown = presentable(errors);
  const body = {
    ...problem(status, code, explanation, { detail: reasons[code].remedy, ...(shown.length > 0 && { errors: shown }) }),
    errorCode: errorCodeOf(code),
    errorResponse: {
      status,
      message: explanation,
      reason: reasonOf(code),
      details: shown.map(({ path, message }) => ({ location: path, message })),
    },
  };
  return { status, contentType: problemType, body: JSON.stringify(body) };
}

/** 400 for everything wrong with a message: VTS knows no 422. */
function statusFor(code: ReasonCode): number {
  const status = statusOf(code);
  return status === 422 ? 400 : status;
}

function reasonOf(code: ReasonCode): string {
  switch (code) {
    case 'INTERNAL':
    case 'NOT_CONFIGURED':
      return 'serviceError';
    case 'FIELD_MISSING':
    case 'FIELD_INVALID':
    case 'IMPOSSIBLE_DATE':
    case 'NO_TOKEN_NAME':
      return 'invalidParameter';
    default:
      return 'invalidRequest';
  }
}

/** The issuer's codes of the service's XML generation, the only ones known. */
function errorCodeOf(code: ReasonCode): string {
  switch (code) {
    case 'FIELD_MISSING':
      return 'ISE40000';
    case 'NOT_JSON':
    case 'NOT_FLAT':
    case 'FIELD_REPEATED':
      return 'ISE40006';
    case 'ENVELOPE_MALFORMED':
    case 'WRONG_KEY':
    case 'BAD_SIGNATURE':
    case 'SIGNATURE_EXPIRED':
      return 'ISE40010';
    case 'NO_TOKEN_NAME':
      return 'ISE40500';
    case 'INTERNAL':
    case 'NOT_CONFIGURED':
      return 'ISE40504';
    default:
      return 'ISE40011';
  }
}
