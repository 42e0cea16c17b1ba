/** Tables for people: columns as wide as their widest cell, two blanks apart, the last one open-ended. */

/** A cell; undefined and null show as a dash. */
export type Cell = string | number | boolean | null | undefined;

/** The lines of a table. `rows` have as many cells as `header`. */
export function table(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [header.map((title) => title.toUpperCase()), ...rows.map((row) => row.map(textOf))];
  const widths = header.map((_title, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines.map((line) => padded(line, widths)).join('\n');
}

/** Rows as CSV (RFC 4180, lines ended by LF); absent values are empty. */
export function csv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map((row) => row.map(quoted).join(',')).join('\n');
}

/** Name and value pairs under each other; absent values are left out. */
export function fields(pairs: readonly (readonly [name: string, value: Cell])[]): string {
  const shown = pairs.filter(([, value]) => value !== undefined && value !== null && value !== '');
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${textOf(value)}`).join('\n');
}

/** ISO time as people read it: `2030-01-15 10:00:09` (UTC). Absent stays absent. */
export function shortTime(iso: string | undefined | null): string | undefined {
  return iso === undefined || iso === null ? undefined : iso.slice(0, 19).replace('T', ' ');
}

function padded(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
    .join('  ')
    .trimEnd();
}

function textOf(cell: Cell): string {
  return cell === undefined || cell === null || cell === '' ? '-' : String(cell);
}

/** A text a spreadsheet would calculate is kept a text by a quote before it: wallets and devices name themselves. */
function quoted(cell: Cell): string {
  if (typeof cell !== 'string') return cell === undefined || cell === null ? '' : String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
