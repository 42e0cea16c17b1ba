/**
 * The unit tests of this package alone, for `npm run mutate`: the same chance each time, one worker a mutant.
 * Left out are the claims over thousands of stories (testing/): they would judge each mutant for seconds, and a rule should have a test that
 * names it.
 */

import { dirname } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const conditions = ['tokenline-source', 'module', 'node', 'import', 'default'];

/** A mutant is done with at the first test that fails: so first the tests of its own file, then those of its folder, then the quickest. */
class LikeliestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root, related } = this.ctx.config;
    const mutated = related?.[0] ?? '';
    const cost = ({ moduleId }: TestSpecification): number => {
      if (moduleId === mutated.replace(/\.ts$/, '.unit.test.ts')) return -2;
      if (dirname(moduleId) === dirname(mutated)) return -1;
      return this.ctx.cache.getFileTestResults(`:${moduleId.slice(root.length + 1)}`)?.duration ?? 0;
    };
    return [...files].sort((a, b) => cost(a) - cost(b));
  }
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['src/**/*.unit.test.ts'],
    exclude: ['src/testing/**'],
    setupFiles: ['same-chance.setup.ts'],
    sequence: { sequencer: LikeliestFirst },
    // A module must be read anew for each mutant: what it computes while it loads would else be that of an earlier one.
    isolate: true,
    testTimeout: 120_000,
  },
});
