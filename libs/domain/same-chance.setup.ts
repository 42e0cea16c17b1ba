/** What each test file begins with under mutation. */
import type fastCheck from 'fast-check';
import { beforeAll, inject, vi } from 'vitest';
import type { LifeEvent } from './src/lifecycle/machine.js';

/** Chance is the same for every mutant, and does not last long. */
vi.mock('fast-check', async (original) => {
  const { default: fc } = await original<{ default: typeof fastCheck }>();
  // The first counterexample kills a mutant; nobody reads the smallest.
  fc.configureGlobal({ seed: 20300115, endOnFailure: true });
  const mostRuns = 100;
  const assert = ((claim, options) =>
    fc.assert(claim, { ...options, numRuns: Math.min(options?.numRuns ?? mostRuns, mostRuns) })) as typeof fc.assert;
  return { default: { ...fc, assert } };
});

/**
 * The machine is asked for each move once (lifecycle/moves.ts), so only the first test to make a move would count as one that runs the machine's
 * code, and Stryker would try no other. Moves made outside tests, while it learns which tests run what, tell it to try them all.
 */
beforeAll(async () => {
  if (inject('mode' as never) !== 'dry-run') return;
  const { lifeEventTypes } = await import('./src/lifecycle/machine.js');
  const { beginLife, moveLife } = await import('./src/lifecycle/moves.js');
  const said = { at: 1, party: 'ISSUER' } as const;
  const events = lifeEventTypes.flatMap((type): LifeEvent[] => {
    if (type === 'SUSPENDED_BY' || type === 'RESUMED_BY') return [{ type, ...said }];
    if (type === 'SUSPENDERS_REPORTED') return [[], [said.party]].map((parties) => ({ type, at: said.at, parties }));
    return [{ type, at: said.at }];
  });
  const often = events.filter(({ type }) => type !== 'REQUEST_DECLINED' && type !== 'DELETED');
  for (const tokenType of [undefined, 'CARD_ON_FILE'] as const) {
    const begun = beginLife({ tokenType });
    [...often, ...often, ...events].reduce(moveLife, begun);
    for (const event of events) moveLife(begun, event);
  }
});
