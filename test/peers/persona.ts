/** One imaginary token as both voices know it: what EHI reports of it, and the card behind it, which only the network's own interface shows. */
import type { EhiToken } from '@tokenline/cli';

export interface Persona {
  readonly token: EhiToken;
  readonly card: Card;
}

/** A test card; never issued. */
export interface Card {
  readonly number: string;
  /** Two digits. */
  readonly expiryMonth: string;
  /** Four digits. */
  readonly expiryYear: string;
}

export function cardOf(number: string, expiry = '2031-12'): Card {
  const [expiryYear = '', expiryMonth = ''] = expiry.split('-');
  return { number, expiryMonth, expiryYear };
}

/** The month a token is good to; EHI writes its last day. */
export function tokenExpiryOf({ expiry }: EhiToken): { readonly month: string; readonly year: string } {
  const [year = '', month = ''] = expiry.split('-');
  return { month, year };
}

/** The word of one voice for a word of another; a table that lacks it is a mistake in the test. */
export function wordFor(table: Readonly<Record<string, string>>, word: string): string {
  const found = table[word];
  if (found === undefined) throw new Error(`This peer has no word for ${word}.`);
  return found;
}
