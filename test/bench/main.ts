/**
 * npm run bench [-- restore --tokens 20000,200000]
 *
 * Benchmarks on a real stack of their own. Numbers are for comparing within a run: machines differ.
 */
import { parseArgs } from 'node:util';
import { table } from '@tokenline/cli';
import { setup } from '../stack.setup.js';
import { keep, machine } from './report.js';
import { measureRestore, type Restored } from './restore.js';

const usage = `npm run bench [-- restore] [--tokens 20000,200000]

  restore   seconds until the lifecycle service works again after a restart, and its memory, by the number of tokens
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tokens: { type: 'string', default: '20000,200000' }, help: { type: 'boolean', short: 'h' } },
});
const unknown = positionals.find((name) => name !== 'restore');
const counts = values.tokens.split(',').map(Number);
if (values.help === true) say(usage);
else if (unknown !== undefined || counts.some((count) => !Number.isInteger(count) || count < 1_000)) {
  say(
    unknown === undefined
      ? `--tokens takes whole numbers from 1000 on, not '${values.tokens}'.`
      : `There is no benchmark '${unknown}'.`,
  );
  say(usage);
  process.exitCode = 2;
} else await bench();

async function bench(): Promise<void> {
  say(
    Object.entries(machine())
      .map(([name, value]) => `${name} ${value}`)
      .join(' · '),
  );
  const stop = await setup();
  try {
    const rows: Restored[] = [];
    for (const tokens of counts) rows.push(await measureRestore(tokens, say));
    keep('restore', rows);
    const header = [
      'tokens',
      'warm',
      'empty disk',
      'bytes alone',
      'empty disk ÷ bytes',
      'heap',
      'memory without files',
    ];
    const seconds = (value: number) => `${value.toFixed(1)} s`;
    say(
      table(
        header,
        rows.map((row) => [
          row.tokens,
          seconds(row.warmSeconds),
          seconds(row.emptyDiskSeconds),
          seconds(row.bytesAloneSeconds),
          (row.emptyDiskSeconds / row.bytesAloneSeconds).toFixed(1),
          `${row.heapMiB.toFixed(0)} MiB`,
          `${row.anonymousMiB.toFixed(0)} MiB`,
        ]),
      ),
    );
  } finally {
    await stop();
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
