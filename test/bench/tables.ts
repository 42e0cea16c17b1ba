/** Results as tables: the same for the terminal and for README.md. */
import type { Grown } from './growth.js';
import { markdownTable } from './markdown.js';
import type { Noticed } from './notices.js';
import type { Restored } from './restore.js';
import type { Compared } from './rounds.js';
import type { Soaked } from './soak.js';
import type { Spread } from './stats.js';
import type { WayRow } from './way.js';

/** What each bench leaves in results.json. */
export interface Rows {
  readonly fold: readonly Compared[];
  readonly hop: readonly Compared[];
  readonly edge: readonly Compared[];
  readonly normalizer: readonly Compared[];
  readonly projector: readonly Compared[];
  readonly way: readonly WayRow[];
  readonly restore: readonly Restored[];
  readonly growth: readonly Grown[];
  readonly notices: readonly Noticed[];
  readonly soak: readonly Soaked[];
}
export type BenchName = keyof Rows;

export const tables: { readonly [N in BenchName]: (rows: Rows[N]) => string } = {
  fold: compared,
  hop: compared,
  edge: compared,
  normalizer: compared,
  projector: compared,
  way,
  restore,
  growth,
  notices,
  soak,
};

function compared(rows: readonly Compared[]): string {
  const rates = markdownTable(
    ['', 'product', 'baseline', 'ratio', 'ratio by CPU', 'CPU of one', 'of baseline'],
    rows.map(({ bench, unit, product, baseline, ratio, cpuRatio }) => [
      `${bench}, ${unit}/s`,
      spread(product.perSecond, whole),
      spread(baseline.perSecond, whole),
      spread(ratio, hundredths),
      spread(cpuRatio, hundredths),
      `${micro(product.cpuMs.median)} µs`,
      `${micro(baseline.cpuMs.median)} µs`,
    ]),
  );
  const answered = rows.filter(({ product }) => product.more !== undefined);
  if (answered.length === 0) return rates;
  const times = (more: Readonly<Record<string, number>> = {}): string =>
    `p50 ${ms(more.ackP50)}, p99 ${ms(more.ackP99)}`;
  return [
    rates,
    ...answered.map(
      ({ product, baseline }) => `Acknowledged: ${times(product.more)}; baseline ${times(baseline.more)}.`,
    ),
  ].join('\n\n');
}

function way(rows: readonly WayRow[]): string {
  const floods = rows.filter((row) => row.kind === 'flood');
  const steady = rows.filter((row) => row.kind === 'steady');
  const processes = [...new Set(rows.flatMap(({ cpuMs }) => Object.keys(cpuMs)))];
  return [
    ...floods.map(
      (row) =>
        `${whole(row.messages)} messages posted at once: ${whole(row.perSecond)}/s to the read models, ${whole(row.acknowledgedPerSecond)}/s acknowledged.`,
    ),
    markdownTable(
      [
        'messages/s',
        'rounds',
        'sustained',
        'ack p50',
        'ack p99',
        'visible p50',
        'visible p99',
        'visible max',
        'samples',
      ],
      steady.map((row) => {
        const times = (of: Spread): string => (row.rounds === 1 ? ms(of.median) : spread(of, ms));
        return [
          whole(row.rate),
          whole(row.rounds),
          row.sustained ? 'yes' : 'no',
          times(row.ackP50),
          times(row.ackP99),
          times(row.visibleP50),
          times(row.visibleP99),
          times(row.visibleMax),
          whole(row.samples),
        ];
      }),
    ),
    'CPU of one message, µs; of one second without any, µs:',
    markdownTable(
      ['', ...processes],
      rows.map((row) => [
        row.kind === 'steady' ? `${whole(row.rate)}/s` : row.kind === 'flood' ? 'at once' : 'idle second',
        ...processes.map((name) => micro(row.cpuMs[name] ?? 0)),
      ]),
    ),
  ].join('\n\n');
}

function restore(rows: readonly Restored[]): string {
  return markdownTable(
    ['tokens', 'warm', 'empty disk', 'bytes alone', 'empty disk ÷ bytes', 'heap', 'memory without files'],
    rows.map((row) => [
      whole(row.tokens),
      seconds(row.warmSeconds),
      seconds(row.emptyDiskSeconds),
      seconds(row.bytesAloneSeconds),
      (row.emptyDiskSeconds / row.bytesAloneSeconds).toFixed(1),
      mib(row.heapMiB),
      mib(row.anonymousMiB),
    ]),
  );
}

function growth(rows: readonly Grown[]): string {
  return markdownTable(
    [
      'tokens',
      'CPU of a fact',
      'of the first',
      'under way',
      'of the first',
      'at rest',
      'of the first',
      'heap',
      'memory without files',
    ],
    rows.map((row) => [
      whole(row.tokens),
      ...[row, row.underWay, row.atRest].flatMap(({ cpuMs, cpuRatio }) => [
        `${spread(cpuMs, micro)} µs`,
        spread(cpuRatio, hundredths),
      ]),
      mib(row.heapMiB),
      mib(row.anonymousMiB),
    ]),
  );
}

function notices(rows: readonly Noticed[]): string {
  return markdownTable(
    ['completions', 'told p50', 'told p99', 'last', 'told/s', 'channel alone/s', 'ratio', 'CPU of a notice'],
    rows.map((row) => [
      whole(row.completions),
      seconds(row.p50 / 1_000),
      seconds(row.p99 / 1_000),
      seconds(row.max / 1_000),
      whole(row.perSecond),
      whole(row.channelPerSecond),
      hundredths(row.perSecond / row.channelPerSecond),
      `${micro(row.cpuMs.notifier ?? 0)} µs`,
    ]),
  );
}

function soak(rows: readonly Soaked[]): string {
  return rows
    .map((row) =>
      [
        `${row.minutes} minutes at ${whole(row.rate)} messages/s, ${whole(row.messages)} messages, ${whole(row.repeated)} answered 503 and sent again; acknowledged p99 ${ms(row.ackP99)}, visible p99 ${ms(row.visibleP99)}; most records waiting ${whole(row.mostBehind)}, slope ${row.behindPerMinute.toFixed(1)} a minute; \`verify\` ${row.verified ? 'green' : 'RED'}.`,
        markdownTable(
          ['memory without files', 'at first', 'at last', 'slope, MiB a minute'],
          Object.entries(row.memory).map(([name, { first, last, perMinute }]) => [
            name,
            mib(first),
            mib(last),
            perMinute.toFixed(2),
          ]),
        ),
      ].join('\n\n'),
    )
    .join('\n\n');
}

function spread({ median, min, max }: Spread, text: (value: number) => string): string {
  return `${text(median)} (${text(min)}–${text(max)})`;
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-GB');
const hundredths = (value: number): string => value.toFixed(2);
const micro = (milliseconds: number): string => (milliseconds * 1_000).toFixed(0);
const ms = (value = Number.NaN): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const seconds = (value: number): string => `${value.toFixed(1)} s`;
const mib = (value: number): string => `${value.toFixed(0)} MiB`;
