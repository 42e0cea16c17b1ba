/**
 * A message of Visa's issuer API as the mapper sees it: plain text by dotted path, sensitive values sealed. Names are Visa's, in the spelling of
 * the domain page, whatever the case they came in. Beside the body's own fields stand:
 *
 *   tokenRequestorID, tokenReferenceID   from the path, where the resource is a token
 *   eventType, eventID                   from the query
 *   encryptedData.…                      what the envelope held
 *   envelope.issuedAt                    when Visa signed it, ISO 8601
 *   card.ref, card.last4                 the card, once its number was made a reference
 *   answer.…                             what we answered: it belongs to the message, so that a replay gives the same fact
 */
import { type JsonReader, readObject } from '../facts/json.js';
import type { Fault } from '../reasons.js';

/** Name of the interface, in facts, messages and dead letters. */
export const vtsSource = 'vts';

/** Operations of the issuer API that Visa calls (visa-vts-and-thredd-ehi.md 1.1). */
export const vtsOperations = [
  'checkEligibility',
  'approveProvisioning',
  'tokenChanged',
  'retrieveStepUpMethods',
  'sendPasscode',
  'deviceBinding',
  'panNotification',
  'cardMetadataNotification',
  'pushProvisioningStatus',
] as const;
export type VtsOperation = (typeof vtsOperations)[number];

export interface VtsMessage {
  /** One of vtsOperations. */
  readonly operation: string;
  /** Clear values by path. */
  readonly fields: Readonly<Record<string, string>>;
  /** Sensitive values by path, each a JWE. */
  readonly sealed: Readonly<Record<string, string>>;
  /** When the edge received it, epoch ms UTC. */
  readonly receivedAt: number;
}

export interface VtsReader {
  /** The first of these paths that holds something. */
  readonly text: (...paths: readonly string[]) => string | undefined;
  /** The value of a path that must hold one in this shape. */
  readonly required: (path: string, shape?: Shape) => string | undefined;
  /** The value of a path that, if it holds one, must hold it in this shape. */
  readonly shaped: (path: string, shape: Shape) => string | undefined;
  readonly instant: (path: string) => number | undefined;
  readonly sealed: (path: string) => string | undefined;
  readonly fault: JsonReader['fault'];
  readonly faults: readonly Fault[];
}

export interface Shape {
  readonly form: RegExp;
  /** Completes "the field …". */
  readonly fault: string;
}

/** Gathers every fault, so that the sender learns of all of them at once. */
export function readVts({ fields, sealed }: VtsMessage): VtsReader {
  const faults: Fault[] = [];
  const read = readObject(fields, '', faults) as JsonReader;
  const shaped = (path: string, { form, fault }: Shape): string | undefined => {
    const text = read.text(path);
    return text === undefined || form.test(text) ? text : read.fault('FIELD_INVALID', path, fault);
  };
  return {
    text: (...paths) => paths.map((path) => read.text(path)).find((text) => text !== undefined),
    required: (path, shape) => {
      if (read.text(path) !== undefined) return shape === undefined ? read.text(path) : shaped(path, shape);
      return sealed[path] === undefined
        ? read.fault('FIELD_MISSING', path, 'is missing or blank')
        : read.fault('FIELD_INVALID', path, 'looks like a card number, e-mail address or phone number');
    },
    shaped,
    instant: read.instant,
    sealed: (path) => sealed[path],
    fault: read.fault,
    faults,
  };
}
