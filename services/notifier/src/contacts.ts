/**
 * The directory of cardholders, seen from the sending side. Looking somebody up tells which contact values are known; a value is opened only
 * when it is about to be used, and only the values the channel asks for.
 */
import type { Sealer } from '@tokenline/sealing';
import type { CardholderDoc } from '@tokenline/store';
import type { Collection } from 'mongodb';
import { type Contact, type ContactField, contactFields } from './channels/port.js';
import { createLookup } from './lookup.js';

export interface KnownContact {
  /** Whether any contact is known, one that may not be used for this notice included. */
  readonly known: boolean;
  /** Contacts that are known and may be used. */
  readonly fields: ReadonlySet<ContactField>;
  readonly locale?: string | undefined;
  /** The values of `fields` that are known, in clear. Throws OpenError when one cannot be opened. */
  readonly open: (fields: readonly ContactField[]) => Promise<Contact>;
}

/** Limits on how a cardholder may be reached with one notice. */
export interface Addressee {
  /** No other contact may be used. */
  readonly only: readonly ContactField[];
  /** Sealed values that go before the directory's. */
  readonly given?: Readonly<Partial<Record<ContactField, string>>>;
}

export interface Contacts {
  /** Who holds the card of this reference; nobody known gives no fields. Throws when the directory does not answer. */
  readonly find: (cardRef: string | undefined, addressee?: Addressee) => Promise<KnownContact>;
}

export function createContacts(cardholders: Collection<CardholderDoc>, sealer: Sealer): Contacts {
  const look = createLookup<CardholderDoc>(async (cardRefs) => {
    const docs = await cardholders.find({ _id: { $in: [...cardRefs] } }).toArray();
    return new Map(docs.map((doc) => [doc._id, doc]));
  });
  return {
    find: async (cardRef, addressee) => {
      const doc = cardRef === undefined ? undefined : await look(cardRef);
      const sealed = new Map<ContactField, string>();
      for (const field of contactFields) {
        const value = addressee?.given?.[field] ?? doc?.[`${field}Sealed`];
        if (value !== undefined) sealed.set(field, value);
      }
      const known = sealed.size > 0;
      for (const field of contactFields) if (addressee?.only.includes(field) === false) sealed.delete(field);
      return {
        known,
        fields: new Set(sealed.keys()),
        locale: doc?.locale,
        open: async (fields) => {
          const opened: Partial<Record<ContactField, string>> = {};
          for (const field of fields) {
            const value = sealed.get(field);
            if (value !== undefined) opened[field] = await sealer.open('contact', value);
          }
          return opened;
        },
      };
    },
  };
}
