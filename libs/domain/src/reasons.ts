/**
 * The one table of reason codes for input that is refused or set aside: what a reader of a problem document, a dead letter or a timeline sees.
 * A code is a promise: it is never renamed and never given another meaning.
 */
import type { FieldError, IgnoredReason } from './generated/records.js';

export interface Reason {
  /** What happened, for a person. */
  readonly sentence: string;
  /** What that person can do. */
  readonly remedy: string;
  /** HTTP status of the answer; absent where nobody waits for one. */
  readonly status?: number;
}

export const reasons = {
  NOT_JSON: {
    sentence: 'The body is not a JSON document in UTF-8.',
    remedy: 'Send one JSON document, encoded in UTF-8.',
    status: 400,
  },
  NOT_XML: {
    sentence: 'The body is not well-formed XML in UTF-8 without a document type.',
    remedy: 'Send well-formed XML; a DOCTYPE is always refused.',
    status: 400,
  },
  NOT_SOAP: {
    sentence: 'The XML is not a SOAP 1.1 envelope that holds one GetTransaction.',
    remedy: 'Send a GetTransaction of http://tempuri.org/ in a SOAP 1.1 Body.',
    status: 400,
  },
  NOT_FLAT: {
    sentence: 'The message holds a nested value where plain values are due.',
    remedy: 'Send one flat object: a name and a plain value for each field.',
    status: 422,
  },
  FIELD_REPEATED: {
    sentence: 'The message holds the same field twice.',
    remedy: 'Send each field once.',
    status: 422,
  },
  FIELD_MISSING: {
    sentence: 'A field the message needs is missing or blank.',
    remedy: 'Send the fields named.',
    status: 422,
  },
  FIELD_INVALID: {
    sentence: 'A field holds a value its definition does not allow.',
    remedy: 'Correct the fields named.',
    status: 422,
  },
  IMPOSSIBLE_DATE: {
    sentence: 'A field holds a date or time that does not exist.',
    remedy: 'Correct the fields named, in the form the interface defines.',
    status: 422,
  },
  UNKNOWN_CREATOR: {
    sentence: 'The token comes from a token service provider that is not known here.',
    remedy: 'Known are VISA-T and VISA-VDEP (Visa) and MC-MDES (Mastercard).',
    status: 422,
  },
  UNKNOWN_PROCESSING_CODE: {
    sentence: 'The processing code is not one of a tokenisation message.',
    remedy: 'Known are 32 to 38 followed by zeros; payment messages do not belong here.',
    status: 422,
  },
  NO_TOKEN_NAME: {
    sentence: 'The message names no token.',
    remedy: 'Send at least one name that is not blank, zero or a placeholder.',
    status: 422,
  },
  ENVELOPE_MALFORMED: {
    sentence: 'An encrypted part of the message is not in the form its network defines.',
    remedy: "Send the parts named as the network's definition has them.",
    status: 400,
  },
  WRONG_KEY: {
    sentence: 'An encrypted part is for a key that is not held here.',
    remedy: 'Compare the fingerprint or key id with the keys configured; add the key while both sides rotate.',
    status: 400,
  },
  KEY_WRAP_UNSUPPORTED: {
    sentence: 'The content key is wrapped in a way that is not taken here, such as RSA PKCS#1 v1.5.',
    remedy: 'Have the network use RSA-OAEP with SHA-256 or SHA-512 (MDES: oaepHashingAlgorithm).',
    status: 400,
  },
  ENVELOPE_DAMAGED: {
    sentence: 'An encrypted part does not open: it was changed, or encrypted with another key.',
    remedy: 'Send it again as it was; compare keys when that does not help.',
    status: 400,
  },
  BAD_SIGNATURE: {
    sentence: 'The signature around an encrypted part is not proven: it does not fit, or its key is not known here.',
    remedy:
      "Compare the key id with the network's public keys configured; add the new key before the network signs with it.",
    status: 400,
  },
  SIGNATURE_EXPIRED: {
    sentence: 'An encrypted part was signed too long ago, or for a time that has passed or is yet to come.',
    remedy: 'Sign it afresh; compare clocks when it was fresh.',
    status: 400,
  },
  DATA_EXPIRED: {
    sentence: 'The card data of the message were no longer valid when it came.',
    remedy: 'Send fresh data; compare clocks when it was fresh.',
    status: 422,
  },
  UNKNOWN_OPERATION: {
    sentence: "This is no operation of the network's interface that is known here.",
    remedy: 'Compare the path with the list of operations.',
    status: 404,
  },
  NOT_CONFIGURED: {
    sentence: 'This door has no keys and takes nothing.',
    remedy: 'Set the keys of this network: see Configuration.',
    status: 404,
  },
  BAD_REQUEST: {
    sentence: 'The request is not HTTP as this door understands it.',
    remedy: 'Check the request line, the headers and the length of the body.',
    status: 400,
  },
  UNSUPPORTED_MEDIA: {
    sentence: 'The body is of a media type or content encoding this door does not take.',
    remedy: 'Send JSON, or SOAP 1.1 XML where the door takes it, without compression.',
    status: 415,
  },
  TOO_LARGE: {
    sentence: 'The body is larger than 256 KiB.',
    remedy: 'Send less at once.',
    status: 413,
  },
  CREDENTIALS_MISSING: {
    sentence: 'This door needs credentials.',
    remedy: 'Send Authorization: Bearer <key>, or X-Api-Key, or use a client certificate, as agreed.',
    status: 401,
  },
  CREDENTIALS_REFUSED: {
    sentence: 'The credentials given are not all that a known sender has to show.',
    remedy: 'Compare key and certificate with what TOKENLINE_SENDERS or TOKENLINE_API_KEYS ask of the sender.',
    status: 403,
  },
  ADDRESS_NOT_ALLOWED: {
    sentence: 'This sender does not come in from this address.',
    remedy: 'Send from an address of its list in TOKENLINE_SENDERS; behind a proxy the proxy’s counts.',
    status: 403,
  },
  DOOR_NOT_ALLOWED: {
    sentence: 'This door is not one of this sender’s.',
    remedy: 'Use the doors of its list in TOKENLINE_SENDERS.',
    status: 403,
  },
  NOT_FOUND: {
    sentence: 'There is nothing at this address.',
    remedy: 'See the list of doors.',
    status: 404,
  },
  METHOD_NOT_ALLOWED: {
    sentence: 'This address does not take this method.',
    remedy: 'Use a method of the Allow header.',
    status: 405,
  },
  LOG_UNAVAILABLE: {
    sentence: 'The log does not take records at the moment; nothing was accepted.',
    remedy: 'Send the same again after the time in Retry-After.',
    status: 503,
  },
  STORE_UNAVAILABLE: {
    sentence: 'The database does not answer at the moment; nothing was changed.',
    remedy: 'Send the same again after the time in Retry-After.',
    status: 503,
  },
  INTERNAL: {
    sentence: 'A fault of ours kept the message from being processed.',
    remedy: 'Report it; redrive the dead letter once it is repaired.',
    status: 500,
  },
  UNDECODABLE: {
    sentence: 'The record is not in the registry wire format of any schema known here.',
    remedy: 'Repair the writer, or register its schema, and redrive.',
  },
  UNKNOWN_RECORD: {
    sentence: 'The record is of a type that does not belong on this topic.',
    remedy: 'Write InboundMessage records only, or redrive with a version that knows the type.',
  },
  UNKNOWN_SOURCE: {
    sentence: 'No mapper is known for the source of this message.',
    remedy: 'Name a known source, or redrive with a version that knows it.',
  },
  ALREADY_REDRIVEN: {
    sentence: 'The dead letter was sent through before and accepted.',
    remedy: 'Nothing to do; name it in ids with force to send it once more.',
  },
  NOT_REDRIVABLE: {
    sentence: 'The dead letter keeps no original that a door could take again.',
    remedy: 'Have the sender send it again.',
  },
  IDENTITY_CONFLICT: {
    sentence: 'The message names tokens that hold different names of the same kind, so they cannot be one.',
    remedy: 'The message went to the token of its strongest name; ask the sender which name is wrong.',
  },
  REPEAT: {
    sentence: 'The fact is already known.',
    remedy: 'Nothing to do: sources repeat what was not acknowledged in time.',
  },
  ILLEGAL: {
    sentence: 'The fact is not allowed in the state the token was in when it happened.',
    remedy: 'Compare the timeline with what the network knows of the token.',
  },
  LATE: {
    sentence: 'A newer fact already said more than this one.',
    remedy: 'Nothing to do: sources do not keep order.',
  },
  BEYOND_HORIZON: {
    sentence: 'The fact is older than what is kept in detail for this token.',
    remedy: 'Nothing to do, unless the source is replaying old history.',
  },
  MERGED: {
    sentence: 'The token turned out to be another; the fact has gone there.',
    remedy: 'Look at the surviving token.',
  },
} as const satisfies Readonly<Record<string, Reason>> & Readonly<Record<Exclude<IgnoredReason, 'UNKNOWN'>, Reason>>;

export type ReasonCode = keyof typeof reasons;

/** One fault found in a message. */
export interface Fault extends FieldError {
  readonly code: ReasonCode;
}

/** Why a message was refused: the code of its first fault, and every fault. Holds no values of the message. */
export interface Rejection {
  readonly code: ReasonCode;
  readonly explanation: string;
  readonly errors: readonly FieldError[];
}

/** The rejection that faults amount to. `faults` holds one at least. */
export function rejectionOf(faults: readonly [Fault, ...Fault[]]): Rejection {
  return rejection(
    faults[0].code,
    faults.map(({ path, message }) => ({ path, message })),
  );
}

export function rejection(code: ReasonCode, errors: readonly FieldError[] = []): Rejection {
  return { code, explanation: reasons[code].sentence, errors };
}

/** HTTP status of a refusal; 422 where the table gives none because nobody usually waits. */
export function statusOf(code: ReasonCode): number {
  const reason: Reason = reasons[code];
  return reason.status ?? 422;
}
