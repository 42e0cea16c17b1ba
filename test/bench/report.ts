/** What a benchmark says while it runs, and what is left of it: a table, and a line in results.json. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { root } from '../root.js';

/** Says how a benchmark goes on. */
export type Say = (line: string) => void;

const file = join(root, 'test/bench/results.json');

/** The machine, as far as it explains numbers. */
export function machine(): Readonly<Record<string, string | number>> {
  const [cpu] = cpus();
  return {
    processor: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
}

/** Keeps the results of one benchmark in test/bench/results.json; those of the others stay. */
export function keep(name: string, rows: readonly object[]): void {
  let before: object = {};
  try {
    before = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const results = { ...before, [name]: { date: new Date().toISOString().slice(0, 10), machine: machine(), rows } };
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
}
