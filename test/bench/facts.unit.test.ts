import { decide, type TokenMemory } from '@tokenline/domain';
import { expect, it } from 'vitest';
import { benchFacts, factsOf, factsPerToken } from './facts.js';
import { reduce } from './reducer.js';

const start = Date.UTC(2030, 0, 15);

it('has six facts a token on average, every one legal and the provisioning complete', () => {
  expect(factsPerToken).toBe(6);
  for (const token of [0, 1, 2]) {
    let memory: TokenMemory | undefined;
    const told: string[] = [];
    for (const [offset, fact] of factsOf(token, start).entries()) {
      const consequence = decide(memory, fact, { topic: 'token.facts', partition: 0, offset });
      memory = consequence.memory;
      told.push(...consequence.events.map(({ type }) => type.slice('tokenline.lifecycle.'.length)));
    }
    expect(told.filter((type) => type === 'ProvisioningCompleted')).toHaveLength(1);
    expect(told).not.toContain('FactIgnored');
  }
});

it('goes window by window, each token’s facts in order', () => {
  const facts = [...benchFacts(0, 6, start, 3)];
  expect(facts).toHaveLength(36);
  expect(facts.slice(0, 18).every(([token]) => token < 3)).toBe(true);
  const own = facts.filter(([token]) => token === 4).map(([, fact]) => fact);
  expect(own).toEqual(factsOf(4, start));
});

it('is decided alike by the reducer the fold is measured against, repeats included', () => {
  const [fact] = factsOf(0, start);
  if (fact === undefined) throw new Error('There is a first fact.');
  const cause = { topic: 'token.facts', partition: 0, offset: 0 };
  const again = { ...cause, offset: 1 };
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  const core = decide(decide(undefined, fact, cause).memory, fact, again);
  const reduced = reduce(reduce(undefined, fact, cause).memory, fact, again);
  expect(plain(reduced.events)).toEqual(plain(core.events));
});
