/**
 * Two levels of tests, by file name:
 *   unit   *.unit.test.ts               no network, all at once
 *   stack  *.int.test.ts, *.e2e.test.ts on real Kafka, registry and MongoDB, one file at a time, one stack a run (test/stack.setup.ts)
 *
 * Both run our sources, not dist/: the packages' `tokenline-source` condition points at src/. Service processes that end-to-end tests start run dist/.
 */
import { defineConfig } from 'vitest/config';

const conditions = ['tokenline-source', 'module', 'node', 'import', 'default'];
const exclude = ['**/node_modules/**', '**/dist/**', '**/.tokenline/**', '**/.stryker-tmp/**'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    passWithNoTests: false,
    projects: [
      // Generous: claims about all inputs take their time on a busy machine, and no test is a measurement.
      { extends: true, test: { name: 'unit', include: ['**/*.unit.test.ts'], exclude, testTimeout: 60_000 } },
      {
        extends: true,
        test: {
          name: 'stack',
          include: ['**/*.int.test.ts', 'test/**/*.e2e.test.ts'],
          exclude,
          pool: 'forks',
          fileParallelism: false,
          globalSetup: ['test/stack.setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
