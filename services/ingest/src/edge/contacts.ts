/** How the cardholder of a card can be reached, as the directory knows it, while a network waits to be told. */
import type { Sealer } from '@tokenline/sealing';
import type { CardholderDoc, Collections } from '@tokenline/store';
import { fromStore, StoreUnavailable, storeTimeoutMs } from './durable.js';

/** A way to reach the cardholder with a code. */
export interface KnownContact {
  readonly method: 'SMS' | 'EMAIL';
  /** In clear, for the time of the call only. */
  readonly value: string;
  readonly masked: string;
  /** As the directory keeps it. */
  readonly sealed: string;
}

export interface ContactParts {
  readonly sealer: Pick<Sealer, 'cardReferences' | 'open'>;
  readonly cardholders: Pick<Collections['cardholders'], 'find'>;
}

/** How a card can be called: by its number, for the time of the call only, and by Visa's reference of it. */
export interface CardNames {
  readonly number?: string | undefined;
  readonly panReferenceId?: string | undefined;
}

/** The contacts known of a card. Throws StoreUnavailable. */
export async function contactsOf(
  card: CardNames,
  { sealer, cardholders }: ContactParts,
): Promise<readonly KnownContact[]> {
  const names = [
    ...(card.number === undefined ? [] : sealer.cardReferences(card.number)),
    ...(card.panReferenceId === undefined ? [] : [`panReferenceId:${card.panReferenceId}`]),
  ];
  if (names.length === 0) return [];
  const query = cardholders.find({ _id: { $in: names } }, { timeoutMS: storeTimeoutMs });
  const holder = (await fromStore(query.sort({ updatedAt: -1 }).limit(1).toArray()))[0];
  return holder === undefined ? [] : knownOf(holder, sealer);
}

/** The same; none where the directory does not answer. */
export function contactsWithinReach(card: CardNames, parts: ContactParts): Promise<readonly KnownContact[]> {
  return contactsOf(card, parts).catch((error: unknown) => {
    if (error instanceof StoreUnavailable) return [];
    throw error;
  });
}

async function knownOf(
  { phoneSealed, emailSealed }: CardholderDoc,
  sealer: ContactParts['sealer'],
): Promise<readonly KnownContact[]> {
  const known: KnownContact[] = [];
  for (const [method, sealed, mask] of [
    ['SMS', phoneSealed, maskPhone],
    ['EMAIL', emailSealed, maskEmail],
  ] as const) {
    if (sealed === undefined) continue;
    const value = await sealer.open('contact', sealed);
    known.push({ method, value, masked: mask(value), sealed });
  }
  return known;
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
