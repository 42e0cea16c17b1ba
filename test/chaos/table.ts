/** What a run came to, as the table of README.md between its markers. */
import { betweenMarkers } from '../markers.js';
import type { Card } from './cards.js';
import type { RoundPlan } from './plan.js';

export interface RunSummary {
  readonly seed: number;
  /** Rounds that survived. */
  readonly rounds: number;
  readonly messages: number;
  readonly tokens: number;
  readonly seconds: number;
  /** Of the machine: `2 cores, Node v20.19.0, linux x64`. */
  readonly machine: string;
  /** YYYY-MM-DD */
  readonly date: string;
}

export interface Tally {
  readonly card: Card;
  readonly injected: number;
  readonly survived: number;
}

/** Counts the faults of rounds begun and of rounds survived, one line for each fault there is, most telling order first: that of the cards. */
export function tally(cards: readonly Card[], begun: readonly RoundPlan[], survived: number): readonly Tally[] {
  const count = (plans: readonly RoundPlan[], card: Card): number =>
    plans.flatMap(({ faults }) => faults).filter((fault) => fault.card.id === card.id).length;
  return cards.map((card) => ({
    card,
    injected: count(begun, card),
    survived: count(begun.slice(0, survived), card),
  }));
}

/** The table and the line above it, as Markdown. */
export function renderTable(summary: RunSummary, tallies: readonly Tally[]): string {
  const { seed, rounds, messages, tokens, seconds, machine, date } = summary;
  const minutes = Math.round(seconds / 60);
  const injected = tallies.reduce((sum, one) => sum + one.injected, 0);
  const survived = tallies.reduce((sum, one) => sum + one.survived, 0);
  const rows = tallies.map((one) => [one.card.words, String(one.injected), String(one.survived)]);
  const all = [['fault', 'injected', 'survived'], ...rows, ['**all**', `**${injected}**`, `**${survived}**`]];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => (row[column] as string).length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number))).join(' | ')} |`;
  const [head, ...body] = all.map(line);
  const rule = `| ${'-'.repeat(widths[0] as number)} | ${widths
    .slice(1)
    .map((width) => `${'-'.repeat(width - 1)}:`)
    .join(' | ')} |`;
  return [
    `${rounds} rounds with seed ${seed} on ${date}: ${grouped(messages)} messages, ${grouped(tokens)} tokens, ${minutes} minutes; ${machine}.`,
    '',
    head,
    rule,
    ...body,
  ].join('\n');
}

/** The text with what stands between the markers replaced. Throws when it has no markers. */
export function withTable(text: string, table: string): string {
  return betweenMarkers(text, 'chaos:table', table);
}

function grouped(count: number): string {
  return count.toLocaleString('en-GB');
}
