/**
 * Activation codes: how long one is held, and which of the cardholder's contacts it may go to.
 *
 *   held      until it lapses, as its source states it; 30 minutes from its issue where none is stated; 24 hours at the most
 *   goes to   the contact of the method the cardholder chose (SMS, EMAIL), and to no other: another address may be somebody else's by now
 *
 * Where a method is none of these two (app, call centre, website) or is not known, the programme tells the code by its own means.
 */
const minute = 60_000;

/** How long a code is held whose source states no expiry, counted from its issue, in milliseconds. */
export const codeHeldFor = 30 * minute;
/** How long a code is held at the most, whatever its source states. */
export const codeHeldAtMost = 24 * 60 * minute;

/**
 * Until when a code is held and may be sent. Counted from when it was issued, or from when it was received where a source dates the issue in the
 * future. Everything in epoch milliseconds.
 */
export function codeHeldUntil(issuedAt: number, receivedAt: number, expiresAt: number | undefined): number {
  const since = Math.min(issuedAt, receivedAt);
  return Math.min(expiresAt ?? since + codeHeldFor, since + codeHeldAtMost);
}

const contacts: ReadonlyMap<string | undefined, 'phone' | 'email'> = new Map([
  ['SMS', 'phone'],
  ['EMAIL', 'email'],
]);

/** The contact a code goes to by the method chosen; undefined where it goes to none of the cardholder's. */
export function codeContactOf(method: string | undefined): 'phone' | 'email' | undefined {
  return contacts.get(method);
}
