/** token.facts into the view: under each token its facts, at each place what lies there. */
import type { Decoded } from '@tokenline/contracts';
import { aliasKey, isStrong, type TokenFact } from '@tokenline/domain';
import type { InRecord } from '@tokenline/streams';
import { own, pack } from './packed.js';
import { hashOf, seen } from './places.js';
import { tokenOf, type View } from './view.js';

/** Tells a fact under its token from every other. */
export function factHash(tokenId: string, factId: string): number {
  return hashOf(`${tokenId} ${factId}`);
}

/** Takes one record of token.facts; `decoded` is undefined when it has no value. */
export function takeFact(view: View, { partition, offset }: InRecord, decoded: Decoded | undefined): void {
  if (decoded?.ok && decoded.type === 'tokenline.facts.TokenFact') {
    const fact = decoded.value;
    view.places.add(partition, offset, factHash(fact.tokenId, fact.factId), 0);
    view.inbound.answeredBy(fact);
    for (const alias of fact.aliases) if (isStrong(alias.kind)) view.strongNames.add(aliasKey(alias));
    const bytes = view.codec.encode('tokenline.facts.TokenFact', withoutSealed(fact));
    pack(tokenOf(view, fact.tokenId).facts, { partition, offset, bytes: own(bytes) });
  } else if (decoded === undefined || (!decoded.ok && decoded.reason === 'undecodable')) {
    view.places.add(partition, offset, 0, seen.unreadable);
  }
}

/** A fact without what no rule reads. */
export function withoutSealed(fact: TokenFact): TokenFact {
  const { activation: _activation, tokenPanSealed: _tokenPanSealed, ...rest } = fact;
  return rest;
}
