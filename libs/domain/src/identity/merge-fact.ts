/** The facts by which two tokens that are one are made one in the log. */
import type { FactDraft } from '../facts/draft.js';
import type { TokenFact } from '../generated/records.js';
import type { Merge } from './resolve.js';

/** TOKENS_MERGED, to be written under the younger token. It carries the times of `shownBy`, the message that showed the two to be one. */
export function mergeFact({ younger, survivor }: Merge, shownBy: FactDraft): TokenFact {
  return {
    factId: `merge:${younger}:${survivor}`,
    tokenId: younger,
    network: shownBy.network,
    kind: 'TOKENS_MERGED',
    occurredAt: shownBy.occurredAt,
    occurredAtSource: shownBy.occurredAtSource,
    receivedAt: shownBy.receivedAt,
    source: 'tokenline',
    sourceMessageId: shownBy.factId,
    actor: 'TOKENLINE',
    aliases: [],
    otherTokenId: survivor,
  };
}

/**
 * The same merge told to the survivor, to be written under it before the fact of `shownBy`: FACTS_ABSORBED that does not say whether the younger's
 * completion was announced. The survivor waits for the one that does (lifecycle/decide.ts), else both might announce it.
 */
export function absorptionFact(merge: Merge, shownBy: FactDraft): TokenFact {
  return {
    ...mergeFact(merge, shownBy),
    factId: `absorbing:${merge.younger}`,
    tokenId: merge.survivor,
    kind: 'FACTS_ABSORBED',
    otherTokenId: merge.younger,
  };
}
