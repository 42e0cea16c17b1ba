/**
 * The directory of cardholders, seen from the sending side. Looking somebody up tells which contact values are known; a value is opened only
 * when it is about to be used, and only the values the channel asks for.
 */
import type { Sealer } from '@tokenline/sealing';
import type { CardholderDoc } from '@tokenline/store';
import type { Collection } from 'mongodb';
import type { Contact, ContactField } from './channels/port.js';

export interface KnownContact {
  readonly fields: ReadonlySet<ContactField>;
  readonly locale?: string | undefined;
  /** The values of `fields` that are known, in clear. Throws OpenError when one cannot be opened. */
  readonly open: (fields: readonly ContactField[]) => Promise<Contact>;
}

export interface Contacts {
  /** Who holds the card of this reference; nobody known gives no fields. Throws when the directory does not answer. */
  readonly find: (cardRef: string | undefined) => Promise<KnownContact>;
}

const unknown: KnownContact = { fields: new Set(), open: () => Promise.resolve({}) };

export function createContacts(cardholders: Collection<CardholderDoc>, sealer: Sealer): Contacts {
  return {
    find: async (cardRef) => {
      const doc = cardRef === undefined ? null : await cardholders.findOne({ _id: cardRef });
      if (doc === null) return unknown;
      const sealed = new Map<ContactField, string>();
      if (doc.emailSealed !== undefined) sealed.set('email', doc.emailSealed);
      if (doc.phoneSealed !== undefined) sealed.set('phone', doc.phoneSealed);
      if (doc.webhookSealed !== undefined) sealed.set('webhook', doc.webhookSealed);
      return {
        fields: new Set(sealed.keys()),
        locale: doc.locale,
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
