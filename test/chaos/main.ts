/** `npm run chaos`: see README.md beside this file. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../root.js';
import { cards } from './cards.js';
import { planRounds } from './plan.js';
import { RoundFailed } from './round.js';
import { type RunReport, run } from './run.js';
import { renderTable, tally, withTable } from './table.js';

const help = `npm run chaos -- [options]

  Kills, pauses and restarts parts of a whole Tokenline in the midst of traffic, round upon round, and checks after each
  that nothing of it shows. The first round that shows something ends the run with exit code 1.

  --rounds N              rounds to run (200)
  --seed N                the same seed gives the same plan (random)
  --only FAULT,…          only faults whose name begins so, as in --only zombie,point:lifecycle
  --service NAME          only faults that befall this service (or kafka, mongodb, registry)
  --round N               of that plan, only this round, on a fresh system
  --rounds-per-system N   rounds before the log begins anew (40)
  --write                 write the table into test/chaos/README.md; a full run of 200 rounds or more does so anyway
  --list                  name every fault and end
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    only: { type: 'string' },
    service: { type: 'string' },
    round: { type: 'string' },
    'rounds-per-system': { type: 'string', default: '40' },
    write: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(help);
else if (values.list) process.stdout.write(`${cards.map(({ id, words }) => `${id.padEnd(40)} ${words}`).join('\n')}\n`);
else await main();

async function main(): Promise<void> {
  const seed = whole('seed');
  const rounds = whole('rounds');
  const all = planRounds({ seed, rounds, only: values.only?.split(','), target: values.service });
  const plans = values.round === undefined ? all : all.filter(({ round }) => round === whole('round'));
  const filters = `${values.only ? ` --only ${values.only}` : ''}${values.service ? ` --service ${values.service}` : ''}`;
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(`${plans.length} rounds, seed ${seed}; to repeat: npm run chaos -- --seed ${seed} --rounds ${rounds}${filters}`);

  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      say('Stopping everything …');
      interrupted.abort();
    });
  const started = performance.now();
  const report = await run({
    plans,
    roundsPerSystem: whole('rounds-per-system'),
    home: join(root, '.tokenline/chaos'),
    say,
    signal: interrupted.signal,
  });
  const table = renderTable(
    {
      seed,
      rounds: report.survived,
      messages: report.messages,
      tokens: report.tokens,
      seconds: (performance.now() - started) / 1000,
      machine: `${cpus().length} cores, Node ${process.version}, ${process.platform} ${process.arch}`,
      date: new Date().toISOString().slice(0, 10),
    },
    tally(cards, report.begun, report.survived).filter(({ injected }) => injected > 0),
  );
  say(`\n${table}\n`);
  if (report.failure !== undefined) tell(report.failure, seed, rounds, filters, say);
  const whole200 = report.failure === undefined && !interrupted.signal.aborted && report.survived >= 200;
  if (values.write || (whole200 && filters === '')) {
    const readme = join(root, 'test/chaos/README.md');
    writeFileSync(readme, withTable(readFileSync(readme, 'utf8'), table));
    say('The table is in test/chaos/README.md.');
  }
  // A round that was broken off may still be waiting for something.
  process.exit(interrupted.signal.aborted ? 130 : report.failure === undefined ? 0 : 1);
}

function tell(
  { plan, error, logs }: NonNullable<RunReport['failure']>,
  seed: number,
  rounds: number,
  filters: string,
  say: (line: string) => void,
): void {
  say(`Round ${plan.round} FAILED: ${error.message}`);
  for (const offender of error instanceof RoundFailed ? error.offenders : [error.stack ?? '']) say(`  ${offender}`);
  say(`  seed ${seed}, round ${plan.round}`);
  for (const { card, at, n, delay } of plan.faults)
    say(`  ${card.id}: at ${at} % and ${delay} ms, n = ${n}; ${card.words}`);
  for (const folder of logs) say(`  logs: ${folder}`);
  const again = `npm run chaos -- --seed ${seed} --rounds ${rounds}${filters}`;
  say(`  this round alone: ${again} --round ${plan.round}`);
  say(`  with all before it: ${again}`);
}

function whole(name: 'rounds' | 'seed' | 'round' | 'rounds-per-system'): number {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} must be a whole number.`);
  return value;
}
