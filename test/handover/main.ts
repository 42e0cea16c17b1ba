/** `npm run handover`: see README.md beside this file. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { betweenMarkers } from '../markers.js';
import { root } from '../root.js';
import { setup } from '../stack.setup.js';
import { run } from './run.js';
import { renderTable } from './table.js';

const help = `npm run handover -- [options]

  Kills the notifier between a channel's acceptance and the ledger's record of it, time and again, lets it finish, and counts what arrived.
  Exit code 1 when a notice is missing, or is doubled by a far side that knows repeats.

  --kills N   kills in the window (500)
  --seed N    the same seed gives the same choice of channels and moments (random)
  --write     write the table into test/handover/README.md

  Ctrl-C ends the killing; what was done by then is counted all the same. A second one ends everything.
`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '500' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(help);
else await main();

async function main(): Promise<void> {
  const [kills, seed] = [whole('kills'), whole('seed')];
  say(`${kills} kills, seed ${seed}; to repeat: npm run handover -- --kills ${kills} --seed ${seed}`);
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  const stopStack = await setup();
  try {
    const report = await run({ kills, seed, say, signal: interrupted.signal });
    const machine = `${cpus().length} cores, Node ${process.version}, ${process.platform} ${process.arch}`;
    const table = renderTable({ seed, machine, date: new Date().toISOString().slice(0, 10) }, report);
    say(`\n${table}\n`);
    for (const { channel, missing, doubled } of report.channels) {
      for (const noticeId of missing) say(`missing  ${channel}  ${noticeId}`);
      for (const noticeId of doubled) say(`doubled  ${channel}  ${noticeId}`);
    }
    if (values.write) {
      const readme = join(root, 'test/handover/README.md');
      writeFileSync(readme, betweenMarkers(readFileSync(readme, 'utf8'), 'handover:table', table));
    }
    const missing = report.channels.some((one) => one.missing.length > 0);
    const doubled = report.channels.some(({ channel, doubled: twice }) => channel !== 'smtp' && twice.length > 0);
    process.exitCode = missing || doubled || report.unsent > 0 ? 1 : 0;
  } finally {
    await stopStack();
  }
  process.exit();
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function whole(name: 'kills' | 'seed'): number {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} must be a whole number.`);
  return value;
}
