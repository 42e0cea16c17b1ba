/**
 * `npm test`: everything that must hold. Turbo runs types, lint, borders, unit and stack tests and skips what has not changed since it last
 * passed; then the counts are summed (a skipped task's results come back from turbo's cache) and printed alone on the last line.
 * Types, lint and borders count as one check each. Exit code 1 when anything failed, or when a level found no tests.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { countOf, lineOf, sum } from './count.js';

const root = resolve(import.meta.dirname, '..');
const runs = join(root, '.turbo/runs');
const results = join(root, 'test-results');
const checks = { build: 'types', lint: 'lint', borders: 'borders' };
const suites = { 'test:unit': 'unit', 'test:stack': 'stack' };

rmSync(results, { recursive: true, force: true });
rmSync(runs, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

await turbo();
const exitCodes = readExitCodes();
const counts = [
  ...Object.entries(checks).map(([task, name]) => {
    const ok = exitCodes.get(task) === 0;
    return {
      name,
      passed: ok ? 1 : 0,
      failed: ok ? 0 : 1,
      skipped: 0,
      problems: ok ? [] : [`${name}: see the output above`],
    };
  }),
  ...Object.entries(suites).map(([task, name]) => countOf(name, readReport(name), exitCodes.get(task) === 0)),
];
const total = sum(counts);
process.stdout.write('\n');
for (const count of counts) process.stdout.write(`  ${count.name.padEnd(8)} ${lineOf(count)}\n`);
for (const problem of total.problems) process.stdout.write(`  ✗ ${problem}\n`);
process.stdout.write(`${lineOf(total)}\n`);
process.exitCode = total.failed > 0 ? 1 : 0;

/** Runs all tasks to their end, whatever fails; resolves when turbo is gone. */
function turbo() {
  const args = [
    join(root, 'node_modules/turbo/bin/turbo'),
    'run',
    ...Object.keys(checks),
    ...Object.keys(suites),
    '--continue=always',
    '--output-logs=new-only',
    '--log-order=stream',
    '--no-update-notifier',
    '--summarize',
    '--concurrency=2',
  ];
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      TURBO_TELEMETRY_DISABLED: '1',
      TOKENLINE_NODE_VERSION: process.version,
    },
  });
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP']))
    process.on(signal, () => child.kill(signal));
  return new Promise((done) => child.on('exit', done));
}

/** Task name → exit code, from turbo's own summary; a task that never ran is missing. */
function readExitCodes() {
  /** @type {Map<string, number | undefined>} */
  const codes = new Map();
  /** @type {string[]} */
  let files = [];
  try {
    files = readdirSync(runs);
  } catch {
    return codes;
  }
  for (const file of files) {
    const summary = JSON.parse(readFileSync(join(runs, file), 'utf8'));
    for (const task of summary.tasks) {
      const code = task.execution?.exitCode ?? (task.cache?.status === 'HIT' ? 0 : undefined);
      if (task.package === '//') codes.set(task.task, code);
    }
  }
  return codes;
}

/**
 * What vitest reported of a suite; undefined when it reported nothing.
 * @param {string} name
 */
function readReport(name) {
  try {
    return JSON.parse(readFileSync(join(results, `${name}.json`), 'utf8'));
  } catch {
    return undefined;
  }
}
