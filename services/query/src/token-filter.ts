/** What a list of tokens is asked for, and the filter that answers it. Pure. */
import { type Static, Type } from '@sinclair/typebox';
import { type Alias, canonicalAlias } from '@tokenline/domain';
import type { TokenDoc } from '@tokenline/store';
import type { Filter } from 'mongodb';
import { range } from './instant.js';
import type { Order } from './paging.js';
import { badParameters } from './refusal.js';
import { cursor, limit, networks, oneOf, paths, query, statuses, tokenTypes } from './schemas.js';

/** Kinds of name a token can be asked for by (the contract's). */
export const aliasKinds = [
  'tokenUniqueReference',
  'tokenReferenceId',
  'correlationId',
  'lifecycleTraceId',
  'threddPaymentTokenId',
] as const;

/** EHI calls Mastercard's token unique reference and Visa's token reference id by one name, so a question for either looks at both. */
const alike: Readonly<Record<string, readonly string[]>> = {
  tokenUniqueReference: ['tokenUniqueReference', 'tokenReferenceId'],
  tokenReferenceId: ['tokenReferenceId', 'tokenUniqueReference'],
};

export const sorts = ['-requestedAt', 'requestedAt', '-updatedAt', 'updatedAt'] as const;

const param = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 256, description }));

export const TokensQuery = query({
  alias: param(`A name of the token, as <kind>:<value>. Kinds: ${aliasKinds.join(', ')}.`),
  status: Type.Optional(oneOf(statuses)),
  network: Type.Optional(oneOf(networks)),
  wallet: param('For example APPLE.'),
  path: Type.Optional(oneOf(paths)),
  tokenType: Type.Optional(oneOf(tokenTypes)),
  cardRef: param('Reference of the funding card.'),
  deviceId: param('Id of the device.'),
  requestedFrom: param('Requested at this time or later (ISO 8601).'),
  requestedTo: param('Requested before this time (ISO 8601).'),
  limit,
  cursor,
  sort: Type.Unsafe<(typeof sorts)[number]>({
    type: 'string',
    enum: [...sorts],
    default: '-requestedAt',
    description: 'Tokens without a known request come last, with requestedAt first.',
  }),
});
export type TokensQuery = Static<typeof TokensQuery>;

export function orderOf(sort: TokensQuery['sort']): Order {
  const ascending = !sort.startsWith('-');
  const key = sort.replace('-', '');
  return { name: `tokens ${sort}`, field: key === 'requestedAt' ? 'provisioning.requestedAt' : key, ascending };
}

/**
 * The names that answer `<kind>:<value>`, in the spelling they are stored in; none when the value is a placeholder and names nothing.
 * The value may hold colons. Throws Refused when the kind is not one.
 */
export function namesFor(alias: string): readonly Alias[] {
  const colon = alias.indexOf(':');
  const kind = alias.slice(0, Math.max(0, colon));
  if (!(aliasKinds as readonly string[]).includes(kind)) {
    throw badParameters([
      { path: 'alias', message: `must be <kind>:<value>, the kind one of ${aliasKinds.join(', ')}` },
    ]);
  }
  const value = alias.slice(colon + 1);
  return (alike[kind] ?? [kind]).flatMap((each) => canonicalAlias(each, value) ?? []);
}

/** Matches tokens by their fields. Tokens that merged into another are not listed: the survivor is. Throws Refused on a time that is none. */
export function tokenFilter(asked: TokensQuery): Filter<TokenDoc> {
  const requested = range(['requestedFrom', asked.requestedFrom], ['requestedTo', asked.requestedTo]);
  const fields = {
    status: asked.status,
    network: asked.network,
    wallet: asked.wallet,
    'provisioning.path': asked.path,
    tokenType: asked.tokenType,
    'card.ref': asked.cardRef,
    'device.id': asked.deviceId,
    'provisioning.requestedAt': requested,
  };
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), mergedInto: { $exists: false } } as Filter<TokenDoc>;
}
