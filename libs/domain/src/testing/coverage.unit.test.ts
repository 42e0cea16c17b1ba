import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareFacts } from '../lifecycle/order.js';
import { createCoverage } from './coverage.js';
import { tokenStories } from './stories.js';

it('stories reach every state and every edge of the machine', { timeout: 60_000 }, () => {
  const coverage = createCoverage();
  for (const { lines } of fc.sample(tokenStories, { numRuns: 4_000, seed: 4 })) {
    const mappings = lines.map(({ read }) => read(0));
    const facts = mappings.flatMap((mapping) => (mapping.ok ? mapping.facts : []));
    coverage.run(facts.map((fact) => ({ ...fact, tokenId: 't1' })).sort(compareFacts));
  }
  process.stdout.write(`\nHow often 4,000 stories take each edge of the machine:\n\n${coverage.table()}\n\n`);
  expect(coverage.missing()).toEqual([]);
});
