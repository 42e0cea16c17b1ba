import { openDoor } from '../door.js';
import { type Io, printJson } from '../io.js';
import { type Cell, csv, table } from '../table.js';
import { queryOf } from './tokens.js';

export type ReportName = 'funnel' | 'completion-notices';

export interface ReportArguments {
  /** ISO 8601; the report's time, from the first to before the second. */
  readonly from?: string;
  readonly to?: string;
  /** Comma list of dimensions. */
  readonly by?: string;
  readonly csv: boolean;
  readonly json: boolean;
}

/** A row of a report: dimensions and counts by name, and under one name durations in milliseconds. */
type Row = Readonly<Record<string, string | number | Readonly<Record<string, number>>>>;

interface Report {
  readonly by: readonly string[];
  readonly total: Row;
  readonly items: readonly Row[];
}

/**
 * Prints a report of the query door: a line for each combination of the dimensions asked for, the whole last. As CSV (RFC 4180) durations are
 * milliseconds and the whole is left out where it is broken down, so that columns can be added up.
 */
export async function report(io: Io, name: ReportName, { from, to, by, csv: asCsv, json }: ReportArguments) {
  const found = await openDoor('query', io.env).json<Report>(`/v1/reports/${name}${queryOf({ from, to, by })}`);
  if (json) return printJson(io, found);
  const broken = found.by.length > 0;
  const rows = [...(broken ? found.items : []), ...(broken && asCsv ? [] : [found.total])].map(flat);
  const named = Object.keys(flat(found.total)).filter((column) => !found.by.includes(column));
  const counted = named.filter((column) => column !== 'entries');
  // A row has its durations only where something was timed.
  const timed = rows.flatMap((row) => Object.keys(row)).filter((column) => column.endsWith('Ms'));
  const columns = [...new Set([...found.by, ...counted, ...timed])];
  // Addresses are for programs.
  const all = [...columns, ...named.filter((column) => column === 'entries')];
  if (asCsv) return io.out(csv(all, cellsOf(rows, all)));
  const people = rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => shown(key, value))));
  const titles = columns.map((column) => shown(column, undefined)[0]);
  const lines = cellsOf(people, titles);
  // The whole says so in its first column, which is a dimension.
  if (broken) lines.at(-1)?.splice(0, 1, 'all');
  return io.out(table(titles, lines));
}

function flat(row: Row): Readonly<Record<string, Cell>> {
  const parts = Object.entries(row).map(([name, value]) => (typeof value === 'object' ? value : { [name]: value }));
  return Object.assign({}, ...parts);
}

function cellsOf(rows: readonly Readonly<Record<string, Cell>>[], columns: readonly string[]): Cell[][] {
  return rows.map((row) => columns.map((column) => row[column]));
}

/** `p99Ms` of 40000 as `p99` of `40.0 s`. */
function shown(name: string, value: Cell): [name: string, value: Cell] {
  if (!name.endsWith('Ms')) return [name, value];
  return [name.slice(0, -2), typeof value === 'number' ? `${(value / 1_000).toFixed(1)} s` : value];
}
