/**
 * The unit tests of this package alone, for `npm run mutate`. Chance is the same each time: a mutant that one run kills by luck must not live in
 * the next.
 */
import { defineConfig } from 'vitest/config';

const conditions = ['tokenline-source', 'module', 'node', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: ['src/**/*.unit.test.ts'], setupFiles: ['same-chance.setup.ts'], testTimeout: 120_000 },
});
