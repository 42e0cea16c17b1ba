/** `npm run bench`: see README.md beside this file. */
import { parseArgs } from 'node:util';
import { setup } from '../stack.setup.js';
import { measureEdge } from './edge.js';
import { measureFold } from './fold.js';
import { measureGrowth } from './growth.js';
import { measureHop } from './hop.js';
import { measureNormalizer } from './normalizer.js';
import { measureNotices } from './notices.js';
import { measureProjector } from './projector.js';
import { described, keep, machine } from './report.js';
import { measureRestore } from './restore.js';
import type { Say } from './say.js';
import { measureSoak } from './soak.js';
import { type BenchName, type Rows, tables } from './tables.js';
import { measureWay } from './way.js';

const help = `npm run bench [-- names…] [options]

  fold        facts through the pure core, against a hand-written reducer
  hop         token.facts to committed token.lifecycle, against a raw transactional loop
  edge        HTTP messages acknowledged durably, against a bare server
  normalizer  tsp.inbound to token.facts, against a raw copy
  projector   events into the read models, against a bare bulk write
  way         posted until visible at the query door: at once, at given rates, at the highest sustained one
  restore     seconds until the lifecycle service works again after a restart, and its memory
  growth      cost of a fact and memory, by the number of tokens known
  notices     a burst of completions: how soon the channel has the notice
  soak        the whole way for minutes: memory and lag, then verify; runs only when named

  Without names all but soak run. On servers of their own, unless TOKENLINE_KAFKA_BROKERS, TOKENLINE_SCHEMA_REGISTRY_URL and
  TOKENLINE_MONGODB_URI say which to use.

  --rounds N        rounds of each comparison, after those that warm up, and of each of the way's rates (5)
  --scale X         loads so many times as large (1)
  --quick           small loads and one round, to see that everything runs; keeps no results
  --rates A,B,…     way: messages a second (100,500)
  --seconds N       way: of a round at a rate (60)
  --tokens A,B,…    restore and growth: numbers of tokens (restore 20000,200000; growth 10000,100000)
  --minutes N       soak: how long (15)
  --rate N          soak: messages a second (60 % of what gets through at once)
  --no-keep         leave results.json and the tables of README.md as they are
  --help
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    scale: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
    rates: { type: 'string' },
    seconds: { type: 'string' },
    tokens: { type: 'string' },
    minutes: { type: 'string' },
    rate: { type: 'string' },
    'no-keep': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const say: Say = (line) => void process.stdout.write(`${line}\n`);
const { quick } = values;
const scale = quick ? 0.1 : (number('scale', values.scale) ?? 1);
const rounds = number('rounds', values.rounds) ?? (quick ? 1 : 5);
const seconds = number('seconds', values.seconds) ?? (quick ? 5 : 60);
const rates = numbers('rates', values.rates) ?? (quick ? [20] : [100, 500]);
const tokens = numbers('tokens', values.tokens, 1_000);
const minutes = number('minutes', values.minutes) ?? (quick ? 0.5 : 15);
const rate = number('rate', values.rate);
const load = (count: number): number => Math.round(count * scale);

type Benches = { readonly [N in BenchName]: () => Promise<Rows[N]> };

const benches: Benches = {
  fold: () => measureFold({ count: load(60_000), rounds }, say),
  hop: async () => [await measureHop({ count: load(60_000), launches: quick ? 1 : 3, rounds }, say)],
  edge: async () => [await measureEdge({ count: load(20_000), launches: quick ? 1 : 5, rounds }, say)],
  normalizer: async () => [await measureNormalizer({ count: load(10_000), rounds }, say)],
  projector: async () => [await measureProjector({ count: load(100_000), rounds }, say)],
  way: () =>
    measureWay(
      {
        count: load(20_000),
        rounds,
        seconds,
        rates,
        highest: !quick,
      },
      say,
    ),
  restore: async () => {
    const rows = [];
    for (const size of tokens ?? (quick ? [1_000] : [20_000, 200_000])) rows.push(await measureRestore(size, say));
    return rows;
  },
  growth: () =>
    measureGrowth(
      {
        sizes: tokens ?? (quick ? [1_000, 3_000] : [10_000, 100_000]),
        count: load(30_000),
        rounds,
      },
      say,
    ),
  notices: () => measureNotices({ count: load(10_000) }, say),
  soak: () => measureSoak({ minutes, ...(rate !== undefined && { rate }) }, say),
};

const names = Object.keys(benches) as BenchName[];
const unknown = positionals.filter((name) => !(names as string[]).includes(name));
if (values.help) say(help);
else if (unknown.length > 0) refuse(`There is no benchmark '${unknown.join("', '")}'.`);
else if (process.exitCode === undefined) await main();

async function main(): Promise<void> {
  say(described(machine()));
  const stop = await setup();
  try {
    const chosen = names.filter((name) => (positionals.length === 0 ? name !== 'soak' : positionals.includes(name)));
    for (const name of chosen) await one(name);
  } finally {
    await stop();
  }
}

async function one<N extends BenchName>(name: N): Promise<void> {
  const started = performance.now();
  say(`${name}: begins`);
  const rows = await benches[name]();
  if (!quick && !values['no-keep']) keep(name, rows);
  say(`\n${tables[name](rows)}\n\n${name}: took ${((performance.now() - started) / 1_000).toFixed(0)} s\n`);
}

/** A number of at least `least`, or above zero; undefined when none is given. Anything else is refused. */
function number(option: string, text: string | undefined, least = 0): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value > 0 && value >= least && Number.isFinite(value)) return value;
  refuse(`--${option} takes ${least > 0 ? `numbers from ${least} on` : 'a number above 0'}, not '${text}'.`);
  return undefined;
}

function numbers(option: string, text: string | undefined, least?: number): number[] | undefined {
  return text?.split(',').flatMap((one) => number(option, one, least) ?? []);
}

function refuse(why: string): void {
  process.stdout.write(`${why} See --help.\n`);
  process.exitCode = 2;
}
