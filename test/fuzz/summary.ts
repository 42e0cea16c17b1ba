/** The table at the end of a run: operation by answer. */
import { table } from '@tokenline/cli';
import type { Tally } from './run.js';

export function summaryOf({ answers, sent, later, slowestMs }: Tally): string {
  const columns = [...new Set([...answers.values()].flatMap((row) => [...row.keys()]))].sort();
  const sum = (row: ReadonlyMap<string, number>) => [...row.values()].reduce((all, n) => all + n, 0);
  const cells = (row: ReadonlyMap<string, number>) => columns.map((column) => row.get(column) ?? 0);
  const rows = [...answers]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, row]) => [name, ...cells(row), sum(row)]);
  const totals = columns.map((column) => [...answers.values()].reduce((all, row) => all + (row.get(column) ?? 0), 0));
  const lines = table(
    ['operation', ...columns, 'all'],
    [...rows, ['all', ...totals, sent]].map((row) => row.map(String)),
  );
  return `${lines}\nSlowest answer ${Math.round(slowestMs)} ms; ${later} answers asked to come again later.`;
}
