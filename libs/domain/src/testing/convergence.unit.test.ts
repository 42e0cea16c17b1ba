import fc from 'fast-check';
import { describe, it } from 'vitest';
import { expectConvergence } from './convergence.js';
import { shortStories, stories } from './stories.js';

const timeout = 60_000;

describe('the same set of messages ends the same', () => {
  it('in every order, for stories of up to five messages', { timeout }, () => {
    const claim = fc.property(shortStories(5), (story) => void expectConvergence(story, 5, 1, true));
    fc.assert(claim, { numRuns: 30 });
  });

  it('in random orders with repeats and delays, for longer ones (npm run converge plays more)', { timeout }, () => {
    const claim = fc.property(stories, fc.nat(), (story, seed) => void expectConvergence(story, 6, seed));
    fc.assert(claim, { numRuns: 120 });
  });
});
