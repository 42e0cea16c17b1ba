/**
 * Ways to authenticate a cardholder, offered to Visa as stepUpMethods and recognised again when it sends the passcode.
 *
 * An identifier tells nobody anything: it is a keyed digest of token, method and contact. So nothing needs to be kept between the two calls: what it
 * stands for is found by making the identifiers of the contacts known then and comparing. One made under an earlier sealing key, or for a contact
 * changed meanwhile, is not recognised; the passcode then goes to none of the cardholder's contacts, for nobody knows which was chosen, but to the
 * programme.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Sealer } from '@tokenline/sealing';
import type { ActivationMethod, Method } from '../../decision/port.js';
import type { KnownContact } from '../contacts.js';

export interface StepUpMethod {
  readonly type: string;
  readonly value: string;
  readonly identifier: string;
}

/** VTS' words for methods, as its documents print them; a method it has no word for is not offered. */
const types: Readonly<Partial<Record<Method, string>>> = {
  SMS: 'OTPSMS',
  EMAIL: 'OTPEMAIL',
  APP: 'APP_TO_APP',
  AGENT_CALL: 'CUSTOMERSERVICE',
  AUTOMATED_CALL: 'OUTBOUNDCALL',
  VOICE_CALL: 'OUTBOUNDCALL',
};

/** VTS takes ten methods at most, and values of 64 characters. */
const mostMethods = 10;
const longestValue = 64;

/**
 * What to offer: passcodes to the contacts known, unless too many were wrong already, and the other methods the decision names. `live` leaves the call
 * centre out: where a merchant waits, nobody can call (seeds/3).
 */
export function stepUpMethods(
  contacts: readonly KnownContact[],
  decided: readonly ActivationMethod[],
  token: string,
  { passcodes, live }: { readonly passcodes: boolean; readonly live: boolean },
  sealer: Pick<Sealer, 'digest'>,
): readonly StepUpMethod[] {
  const toContacts = contacts.map((contact) => ({ ...contact, shown: contact.masked }));
  const others = decided
    .filter(({ method }) => method !== 'SMS' && method !== 'EMAIL' && !(live && method === 'AGENT_CALL'))
    .map((one) => ({ ...one, shown: one.value }));
  return [...(passcodes ? toContacts : []), ...others]
    .flatMap(({ method, value, shown }) => {
      const type = types[method];
      const identifier = identifierOf(token, method, value, sealer);
      return type === undefined ? [] : [{ type, value: shown.slice(0, longestValue), identifier }];
    })
    .slice(0, mostMethods);
}

/** The contact an identifier stands for. */
export function contactBy(
  identifier: string,
  contacts: readonly KnownContact[],
  token: string,
  sealer: Pick<Sealer, 'digest'>,
): KnownContact | undefined {
  const given = Buffer.from(identifier);
  return contacts.find(({ method, value }) => {
    const own = Buffer.from(identifierOf(token, method, value, sealer));
    return own.length === given.length && timingSafeEqual(own, given);
  });
}

function identifierOf(token: string, method: Method, value: string, sealer: Pick<Sealer, 'digest'>): string {
  return sealer.digest(`vts-step-up\n${token}\n${method}\n${value}`).slice(0, 24);
}
