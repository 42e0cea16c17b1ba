import { expect, it } from 'vitest';
import { fact } from '../lifecycle/given.js';
import { absorptionFact, mergeFact } from './merge-fact.js';

it('a merge is told to both tokens, with the times of the message that showed it and the same ids on every repeat', () => {
  const shownBy = fact('STATUS_REPORTED', 60, { factId: 'thredd-ehi:9', network: 'MDES' });
  const merge = { younger: 'b', survivor: 'a' };
  const common = {
    network: 'MDES',
    occurredAt: shownBy.occurredAt,
    receivedAt: shownBy.receivedAt,
    source: 'tokenline',
    sourceMessageId: 'thredd-ehi:9',
    actor: 'TOKENLINE',
    aliases: [],
  };
  expect(mergeFact(merge, shownBy)).toMatchObject({
    ...common,
    factId: 'merge:b:a',
    tokenId: 'b',
    kind: 'TOKENS_MERGED',
    otherTokenId: 'a',
  });
  expect(absorptionFact(merge, shownBy)).toMatchObject({
    ...common,
    factId: 'absorbing:b',
    tokenId: 'a',
    kind: 'FACTS_ABSORBED',
    otherTokenId: 'b',
  });
  expect(absorptionFact(merge, shownBy)).not.toHaveProperty('completionAnnounced');
});
