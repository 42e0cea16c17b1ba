/** What is left of a benchmark: rows in results.json, and the tables of README.md made from all of them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { root } from '../root.js';
import { withResults } from './markdown.js';
import { type BenchName, type Rows, tables } from './tables.js';

const file = join(root, 'test/bench/results.json');
const readme = join(root, 'test/bench/README.md');

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

export function described(on: Readonly<Record<string, string | number>>): string {
  return Object.entries(on)
    .map(([name, value]) => `${name} ${value}`)
    .join(' · ');
}

type Results = { readonly [N in BenchName]?: Kept<Rows[N]> };

interface Kept<R> {
  readonly date: string;
  readonly machine: ReturnType<typeof machine>;
  readonly rows: R;
}

/** Keeps the rows of one benchmark in results.json and the tables of README.md; those of the others stay. */
export function keep<N extends BenchName>(name: N, rows: Rows[N]): void {
  const kept: Kept<Rows[N]> = { date: new Date().toISOString().slice(0, 10), machine: machine(), rows };
  const results: Results = { ...read(), [name]: kept };
  writeFileSync(file, `${JSON.stringify(results, rounded, 2)}\n`);
  writeFileSync(readme, withResults(readFileSync(readme, 'utf8'), pageOf(results)));
}

function read(): Results {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Results;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return {};
  }
}

function pageOf(results: Results): string {
  const parts = (Object.keys(tables) as BenchName[]).flatMap((name) => {
    const part = partOf(name, results);
    return part === undefined ? [] : [part];
  });
  return parts.join('\n\n');
}

function partOf<N extends BenchName>(name: N, results: Results): string | undefined {
  const kept = results[name];
  return kept && `### ${name}\n\n${kept.date}: ${described(kept.machine)}\n\n${tables[name](kept.rows)}`;
}

/** Five digits say more than any of these measurements knows. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}
