/** Where a canonical fact holds sealed values. They travel beside it, and are put back before it is read. */
import type { TokenFact } from '../generated/records.js';

/** Fields that hold a sealed value, some inside another object. */
export const sealedPlaces = [
  { within: 'activation', name: 'codeSealed' },
  { within: 'activation', name: 'contactSealed' },
  { name: 'tokenPanSealed' },
] as const satisfies readonly { readonly within?: string; readonly name: string }[];

/** The path of such a field: `activation.codeSealed`. */
export function sealedPath({ within, name }: { readonly within?: string; readonly name: string }): string {
  return within === undefined ? name : `${within}.${name}`;
}

/** Puts sealed values, by their path, back where the fact has them; into an object it lacks nothing is put. */
export function withSealed(fact: unknown, sealed: Readonly<Record<string, string>>): unknown {
  if (!isObject(fact)) return fact;
  let whole = fact;
  for (const place of sealedPlaces) {
    const value = sealed[sealedPath(place)];
    if (value === undefined) continue;
    if (!('within' in place)) whole = { ...whole, [place.name]: value };
    else {
      const holder = whole[place.within];
      if (isObject(holder)) whole = { ...whole, [place.within]: { ...holder, [place.name]: value } };
    }
  }
  return whole;
}

/** What of an activation may stay on the log for ever: neither the code nor where it goes, not even sealed. */
export function withoutCode<T extends Pick<TokenFact, 'activation'>>(fact: T): T {
  if (fact.activation === undefined) return fact;
  const { codeSealed: _code, contactSealed: _contact, ...kept } = fact.activation;
  return { ...fact, activation: kept };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
