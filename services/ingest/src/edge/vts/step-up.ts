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
import type { CardholderDoc, Collections } from '@tokenline/store';
import type { ActivationMethod, Method } from '../../decision/port.js';
import { fromStore, storeTimeoutMs } from '../durable.js';

export interface StepUpMethod {
  readonly type: string;
  readonly value: string;
  readonly identifier: string;
}

/** A way to reach the cardholder with a passcode. */
export interface KnownContact {
  readonly method: 'SMS' | 'EMAIL';
  readonly masked: string;
  readonly identifier: string;
  /** As the directory keeps it. */
  readonly sealed: string;
}

export interface StepUpParts {
  readonly sealer: Pick<Sealer, 'cardReferences' | 'digest' | 'open'>;
  readonly cardholders: Pick<Collections['cardholders'], 'find'>;
}

/** How a card can be called: by its number, for the time of the call only, and by Visa's reference of it. */
export interface CardNames {
  readonly number?: string | undefined;
  readonly panReferenceId?: string | undefined;
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

/** The contacts known of a card. Throws StoreUnavailable. */
export async function contactsOf(
  card: CardNames,
  token: string,
  { sealer, cardholders }: StepUpParts,
): Promise<readonly KnownContact[]> {
  const names = [
    ...(card.number === undefined ? [] : sealer.cardReferences(card.number)),
    ...(card.panReferenceId === undefined ? [] : [`panReferenceId:${card.panReferenceId}`]),
  ];
  if (names.length === 0) return [];
  const query = cardholders.find({ _id: { $in: names } }, { timeoutMS: storeTimeoutMs });
  const holder = (await fromStore(query.sort({ updatedAt: -1 }).limit(1).toArray()))[0];
  return holder === undefined ? [] : knownOf(holder, token, sealer);
}

async function knownOf(
  { phoneSealed, emailSealed }: CardholderDoc,
  token: string,
  sealer: StepUpParts['sealer'],
): Promise<readonly KnownContact[]> {
  const known: KnownContact[] = [];
  for (const [method, sealed, masked] of [
    ['SMS', phoneSealed, maskPhone],
    ['EMAIL', emailSealed, maskEmail],
  ] as const) {
    if (sealed === undefined) continue;
    const value = await sealer.open('contact', sealed);
    known.push({ method, masked: masked(value), identifier: identifierOf(token, method, value, sealer), sealed });
  }
  return known;
}

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
  const toContacts = contacts.map(({ method, masked, identifier }) => ({ method, value: masked, identifier }));
  const others = decided
    .filter(({ method }) => method !== 'SMS' && method !== 'EMAIL' && !(live && method === 'AGENT_CALL'))
    .map(({ method, value }) => ({ method, value, identifier: identifierOf(token, method, value, sealer) }));
  return [...(passcodes ? toContacts : []), ...others]
    .flatMap(({ method, value, identifier }) => {
      const type = types[method];
      return type === undefined ? [] : [{ type, value: value.slice(0, longestValue), identifier }];
    })
    .slice(0, mostMethods);
}

/** The contact an identifier stands for. */
export function contactBy(identifier: string, contacts: readonly KnownContact[]): KnownContact | undefined {
  const given = Buffer.from(identifier);
  return contacts.find((contact) => {
    const own = Buffer.from(contact.identifier);
    return own.length === given.length && timingSafeEqual(own, given);
  });
}

function identifierOf(token: string, method: Method, value: string, sealer: Pick<Sealer, 'digest'>): string {
  return sealer.digest(`vts-step-up\n${token}\n${method}\n${value}`).slice(0, 24);
}

/** `+447700900123` → `+44*****0123` */
function maskPhone(phone: string): string {
  return phone.length < 10 ? '*****' : `${phone.slice(0, 3)}*****${phone.slice(-4)}`;
}

/** `ana.smith@example.com` → `a*****@e*****.com` */
function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  const [name, domain] = [email.slice(0, at), email.slice(at + 1)];
  return `${name.slice(0, 1)}*****@${domain.slice(0, 1)}*****${domain.slice(domain.lastIndexOf('.'))}`;
}
