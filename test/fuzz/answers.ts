/** What a door may answer: the form of each, and what an answer promises about the log. */
import { canonicalSource, ehiSource, mdesSource, vtsSource } from '@tokenline/domain';
import type { DoorKind } from './operations.js';
import type { WireAnswer } from './wire.js';

export const sources: Readonly<Record<Exclude<DoorKind, 'cardholders'>, string>> = {
  mdes: mdesSource,
  vts: vtsSource,
  ehi: ehiSource,
  facts: canonicalSource,
};

export interface Judged {
  /** For the table: a status, and whether MDES calls it an error. */
  readonly column: string;
  /** Everything that is wrong with it; empty when it is as it may be. */
  readonly faults: readonly string[];
  /** Messages that are in the log now. */
  readonly taken: number;
  /** Whether there is a dead letter now. */
  readonly putAside: boolean;
}

type Json = Readonly<Record<string, unknown>>;

const addresses: readonly (readonly [RegExp, DoorKind])[] = [
  [/^\/v1\/inbound\/mdes\//, 'mdes'],
  [/^\/v1\/inbound\/vts\//, 'vts'],
  [/^\/v1\/inbound\/thredd\/ehi$/, 'ehi'],
  [/^\/v1\/facts$/, 'facts'],
  [/^\/v1\/cardholders$/, 'cardholders'],
];

/** The door at an address; undefined when there is none. */
export function doorOf(path: string): DoorKind | undefined {
  const [address = ''] = path.split('?', 1);
  try {
    const decoded = decodeURIComponent(address);
    return addresses.find(([pattern]) => pattern.test(decoded))?.[1];
  } catch {
    return undefined;
  }
}

/** Judges what came from `door`, which is the one that was reached, undefined where the address is none's. */
export function judge(door: DoorKind | undefined, answer: WireAnswer): Judged {
  const { status } = answer;
  const faults: string[] = [];
  if (status >= 500) faults.push(`is a fault of ours, ${status}`);
  if (/\n\s+at |node_modules|\.[jt]s:\d/.test(answer.text)) faults.push('shows our insides');
  if (status >= 200 && status < 300 && door !== undefined) {
    const good = taken(door, answer, faults);
    return { column: good.error ? `${status} error` : String(status), faults, taken: good.taken, putAside: good.error };
  }
  if (status >= 200 && status < 300) faults.push('is a welcome where there is no door');
  const type = problemOf(answer, faults);
  return { column: String(status), faults, taken: 0, putAside: leavesLetter(type) };
}

function taken(
  door: DoorKind,
  answer: WireAnswer,
  faults: string[],
): { readonly taken: number; readonly error: boolean } {
  const { status, text, type } = answer;
  const body = jsonOf(text);
  const expected = { mdes: 200, vts: 200, ehi: 200, facts: 202, cardholders: 200 }[door];
  if (status !== expected) faults.push(`is ${status} in place of ${expected}`);
  const is = (holds: boolean, form: string): void => void (holds || faults.push(`is not ${form}`));
  switch (door) {
    case 'mdes': {
      is(type.includes('application/json') && typeof body?.responseId === 'string', 'a response of MDES');
      const { errorCode, errorDescription } = body ?? {};
      if (errorCode === undefined) return { taken: 1, error: false };
      is(typeof errorCode === 'string' && typeof errorDescription === 'string', 'an error of MDES');
      if (errorCode === 'INTERNAL_SERVICE_FAILURE') faults.push('is a fault of ours, in the words of MDES');
      return { taken: 0, error: true };
    }
    case 'vts':
      is(text === '' || body !== undefined, 'empty or an object, as Visa is answered');
      return { taken: 1, error: false };
    case 'ehi':
      is(text === '{"Acknowledgement":"1"}' || /<Acknowledgement>1</.test(text), 'an acknowledgement of EHI');
      return { taken: 1, error: false };
    case 'facts':
      is(typeof body?.accepted === 'number', 'a count of facts');
      return { taken: Number(body?.accepted), error: false };
    case 'cardholders':
      is(typeof body?.stored === 'number', 'a count of cardholders');
      return { taken: 0, error: false };
  }
}

/** The reason's part of `type`. */
function problemOf({ status, type, text, headers }: WireAnswer, faults: string[]): string | undefined {
  // The answer to HEAD has no body, whatever it is.
  if (text === '' && Number(headers['content-length'] ?? 0) > 0) return undefined;
  const body = jsonOf(text);
  const reason = /^urn:tokenline:problem:([a-z-]+)$/.exec(String(body?.type))?.[1];
  if (!type.includes('application/problem+json')) faults.push(`is not problem+json but '${type}'`);
  else if (reason === undefined || body?.status !== status || typeof body.title !== 'string') {
    faults.push('is not a whole problem document');
  }
  return reason;
}

/** Refusals that come before a door has looked at the message leave none. */
function leavesLetter(reason: string | undefined): boolean {
  const before = [
    'bad-request',
    'unsupported-media',
    'too-large',
    'not-found',
    'method-not-allowed',
    'log-unavailable',
    'store-unavailable',
  ];
  const credentials = ['credentials-missing', 'credentials-refused', 'address-not-allowed', 'door-not-allowed'];
  return reason !== undefined && ![...before, ...credentials].includes(reason);
}

function jsonOf(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}
