/**
 * A refusal in MDES' error form: HTTP 200 with an errorCode in the body (mastercard-mdes.md 1.10). Where there is no such operation, or no
 * door at all, MDES' own form has nothing to say, and HTTP does.
 */
import { type ReasonCode, type Rejection, statusOf } from '@tokenline/domain';
import { presentable } from '../../dead-letter.js';
import { json, type Reply } from '../door.js';

/** MDES' codes for our reasons. Failures to decrypt are all one to the sender, so that nobody learns from trying. */
const errorCodes: Readonly<Partial<Record<ReasonCode, string>>> = {
  NOT_JSON: 'INVALID_JSON',
  FIELD_REPEATED: 'INVALID_JSON',
  FIELD_MISSING: 'MISSING_REQUIRED_FIELD',
  NO_TOKEN_NAME: 'MISSING_REQUIRED_FIELD',
  FIELD_INVALID: 'INVALID_FIELD_VALUE',
  DATA_EXPIRED: 'INVALID_FIELD_VALUE',
  IMPOSSIBLE_DATE: 'INVALID_FIELD_FORMAT',
  ENVELOPE_MALFORMED: 'CRYPTOGRAPHY_ERROR',
  WRONG_KEY: 'CRYPTOGRAPHY_ERROR',
  KEY_WRAP_UNSUPPORTED: 'CRYPTOGRAPHY_ERROR',
  ENVELOPE_DAMAGED: 'CRYPTOGRAPHY_ERROR',
};

const longestDescription = 256;

/** `responseId` repeats the request's id. Undefined where the refusal is HTTP's: 404. */
export function mdesRefusal(responseId: string, { code, explanation, errors }: Rejection): Reply | undefined {
  if (statusOf(code) === 404) return undefined;
  const errorCode = errorCodes[code] ?? 'INTERNAL_SERVICE_FAILURE';
  const fields = presentable(errors).map(({ path, message }) => `${path === '' ? 'the body' : path} ${message}`);
  const description =
    errorCode === 'CRYPTOGRAPHY_ERROR'
      ? 'Unable to decrypt payload'
      : errorCode === 'INTERNAL_SERVICE_FAILURE' || fields.length === 0
        ? explanation
        : fields.join('; ');
  return json(200, { responseId, errorCode, errorDescription: description.slice(0, longestDescription) });
}
