/**
 * Canaries: values that stand for secrets, each used once so that a find names the place it was put in. And the search for them, in any bytes:
 * as they are, with the blanks and dashes people put into numbers, in base64 at each of its three alignments, and in hex.
 */
import { randomInt } from 'node:crypto';
import { luhnComplete } from '@tokenline/cli';

export interface Canaries {
  /** A card number, Luhn-valid, in a range of test cards. `where` says what it was put into. */
  readonly card: (where: string) => string;
  /** The number of a token. */
  readonly dpan: (where: string) => string;
  readonly code: (where: string) => string;
  /** E.164, one of Ofcom's thousand numbers for drama. */
  readonly phone: (where: string) => string;
  readonly email: (where: string) => string;
  /** Any other secret text. */
  readonly text: (where: string) => string;
  /** Value → where it was put. */
  readonly all: ReadonlyMap<string, string>;
}

export function createCanaries(): Canaries {
  const all = new Map<string, string>();
  let phones = 100;
  const make =
    (build: (digits: string) => string) =>
    (where: string): string => {
      const value = build(String(randomInt(10 ** 9)).padStart(9, '0'));
      all.set(value, where);
      return value;
    };
  return {
    card: make((digits) => luhnComplete(`411111${digits}`)),
    dpan: make((digits) => luhnComplete(`555555${digits}`)),
    code: make((digits) => `7${digits}`),
    phone: make(() => `+447700900${String(phones++).padStart(3, '0')}`),
    email: make((digits) => `canary.${digits}@example.com`),
    text: make((digits) => `canary-text-${digits}`),
    all,
  };
}

export interface Find {
  readonly canary: string;
  /** Where the canary was put. */
  readonly from: string;
  /** Where it turned up. */
  readonly place: string;
}

/** Every canary found in `bytes`. */
export function findCanaries(place: string, bytes: Buffer | string, canaries: ReadonlyMap<string, string>): Find[] {
  const text = typeof bytes === 'string' ? bytes : bytes.toString('latin1');
  const compact = text.replace(/(?<=\d)[ -](?=\d)/g, '');
  return [...canaries]
    .filter(([canary]) => formsOf(canary).some((form) => text.includes(form)) || compact.includes(digitsOf(canary)))
    .map(([canary, from]) => ({ canary, from, place }));
}

/** What digits alone give a number away; the whole of a text. */
function digitsOf(canary: string): string {
  const digits = canary.replace(/\D/g, '');
  return /^\+?\d+$/.test(canary) ? digits : canary;
}

const forms = new Map<string, readonly string[]>();

function formsOf(canary: string): readonly string[] {
  const known = forms.get(canary);
  if (known !== undefined) return known;
  const bytes = Buffer.from(canary);
  // The first and last characters of each alignment depend on neighbours; what is left is the canary's alone.
  const base64 = [0, 1, 2].flatMap((shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes]);
    const start = Math.ceil((shift * 8) / 6);
    const end = Math.floor((shifted.length * 8) / 6);
    return (['base64', 'base64url'] as const).map((encoding) => shifted.toString(encoding).slice(start, end));
  });
  const made = [canary, encodeURIComponent(canary), bytes.toString('hex'), ...base64];
  forms.set(canary, made);
  return made;
}
