/** Which programme cards belong to, by the directory of cardholders: for policies that ask. */
import type { CardholderDoc } from '@tokenline/store';
import type { Collection } from 'mongodb';

/** Programmes by card reference; a card nobody has named one for is not in it. */
export type Programmes = (cardRefs: ReadonlySet<string>) => Promise<ReadonlyMap<string, string>>;

/** One read for all cards asked for. Throws when the directory does not answer. */
export function createProgrammes(cardholders: Collection<CardholderDoc>): Programmes {
  return async (cardRefs) => {
    if (cardRefs.size === 0) return new Map();
    const wanted = { _id: { $in: [...cardRefs] }, programme: { $exists: true } };
    const found = await cardholders.find(wanted, { projection: { programme: 1 } }).toArray();
    return new Map(found.flatMap(({ _id, programme }) => (programme === undefined ? [] : [[_id, programme]])));
  };
}
