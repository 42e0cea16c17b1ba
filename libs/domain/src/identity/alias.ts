/**
 * Names of a token. A source calls one token by several, each of a kind; `<kind>:<value>` in canonical spelling is what is compared.
 *
 * Strong names are given to one token only by whoever gives them, and a token has one of each kind. Weak names tie messages together
 * (a trace id lives as long as a message family) and may be shared or reused.
 */
import type { Alias } from '../generated/records.js';

/** Kinds of name, strongest first: the order in which a message's names are believed. */
export const aliasLadder = [
  'threddPaymentTokenId',
  'tokenUniqueReference',
  'tokenReferenceId',
  'correlationId',
  'lifecycleTraceId',
  'cardDevice',
] as const;

/** Of these kinds a token has one name at most, and two tokens that have different ones are never one (architecture.md, Identity). */
export const strongAliasKinds = ['threddPaymentTokenId', 'tokenUniqueReference', 'tokenReferenceId'] as const;

export function isStrong(kind: string): boolean {
  return (strongAliasKinds as readonly string[]).includes(kind);
}

const placeholders = /^(?:0+|-+|null|nil|none|n\/?a|undefined|unknown)$/i;
/** A trace whose last part is all zeros: BNET-20300115-000000000. */
const emptyTrace = /^[A-Z0-9]{4}-\d{8}-0*$/i;
/** Thredd's spelling of a Visa lifecycle id; its tail is VTS' lifeCycleTraceID (visa-vts-and-thredd-ehi.md 0, fact 11). */
const visaTrace = /^VIS1-\d{8}-(\d{15})$/;

/** Whether a value, trimmed, is blank, zero or a placeholder. */
export function namesNothing(text: string): boolean {
  return text === '' || placeholders.test(text);
}

/**
 * The name in canonical spelling, or undefined when the value is blank, zero or a placeholder and so names nothing.
 * Numbers lose leading zeros where the source defines a number: EHI in JSON and VTS send them without.
 */
export function canonicalAlias(kind: string, value: string): Alias | undefined {
  const text = value.trim();
  if (namesNothing(text)) return undefined;
  switch (kind) {
    case 'threddPaymentTokenId':
      return { kind, value: /^\d+$/.test(text) ? withoutLeadingZeros(text) : text };
    case 'lifecycleTraceId': {
      if (emptyTrace.test(text)) return undefined;
      const trace = visaTrace.exec(text)?.[1] ?? text;
      return { kind, value: /^\d{1,15}$/.test(trace) ? withoutLeadingZeros(trace) : trace };
    }
    default:
      return { kind, value: text };
  }
}

export function aliasKey(alias: Alias): string {
  return `${alias.kind}:${alias.value}`;
}

/** The names in ladder order, unknown kinds last, each once. */
export function byStrength(aliases: readonly Alias[]): readonly Alias[] {
  const once = new Map(aliases.map((alias) => [aliasKey(alias), alias]));
  return [...once]
    .sort(([a, { kind: one }], [b, { kind: other }]) => rank(one) - rank(other) || (a < b ? -1 : 1))
    .map(([, alias]) => alias);
}

function rank(kind: string): number {
  const place = (aliasLadder as readonly string[]).indexOf(kind);
  return place < 0 ? aliasLadder.length : place;
}

function withoutLeadingZeros(digits: string): string {
  return digits.replace(/^0+/, '');
}
