/** What a run came to, as the table of README.md between its markers. */
import type { ChannelName } from './desk.js';
import type { ChannelReport, RunReport } from './run.js';

export interface RunSummary {
  readonly seed: number;
  /** Of the machine: `2 cores, Node v20.19.0, linux x64`. */
  readonly machine: string;
  /** YYYY-MM-DD */
  readonly date: string;
}

const words: Readonly<Record<ChannelName, string>> = {
  sms: 'HTTP gateway, knows a repeat by its `Idempotency-Key`',
  smtp: 'SMTP, knows no repeats (`Message-ID` is the same)',
};

/** The table and the line above it, as Markdown. */
export function renderTable({ seed, machine, date }: RunSummary, report: RunReport): string {
  const { channels, tooLate, seconds } = report;
  const head = [
    'far side',
    'notices',
    'kills, answer lost',
    'kills, answer sent',
    'missing',
    'handed over again',
    'doubles',
  ];
  const sum = (of: (one: ChannelReport) => number): number => channels.reduce((total, one) => total + of(one), 0);
  const rows = channels.map((one) => [words[one.channel], ...numbersOf([one])]);
  const all = ['**all**', ...numbersOf(channels).map((number) => `**${number}**`)];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    `${sum(({ beforeAnswer, afterAnswer }) => beforeAnswer + afterAnswer)} kills with seed ${seed} on ${date}: ${sum(({ notices }) => notices)} notices, ${Math.round(seconds / 60)} minutes, ${tooLate} more kills came after the record; ${machine}.`,
    '',
    line(head),
    line(['---', ...head.slice(1).map(() => '---:')]),
    ...[...rows, all].map(line),
  ].join('\n');
}

function numbersOf(channels: readonly ChannelReport[]): string[] {
  const sum = (of: (one: ChannelReport) => number): string =>
    String(channels.reduce((total, one) => total + of(one), 0));
  return [
    sum(({ notices }) => notices),
    sum(({ beforeAnswer }) => beforeAnswer),
    sum(({ afterAnswer }) => afterAnswer),
    sum(({ missing }) => missing.length),
    sum(({ repeated }) => repeated.length),
    sum(({ doubled }) => doubled.length),
  ];
}
