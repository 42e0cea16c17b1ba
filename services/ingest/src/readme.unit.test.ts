import { readFileSync } from 'node:fs';
import { type Reason, reasons } from '@tokenline/domain';
import { expect, it } from 'vitest';

it('the README lists every reason code with its status, sentence and remedy', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const rows = readme
    .slice(readme.indexOf('<!-- reasons:'))
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => /^`[A-Z_]+`$/.test(cells[1] ?? ''))
    .map((cells) => cells.slice(1, -1));
  const table = (Object.entries(reasons) as [string, Reason][]).map(([code, { status, sentence, remedy }]) => [
    `\`${code}\``,
    String(status ?? '–'),
    sentence,
    remedy,
  ]);
  expect(rows).toEqual(table);
});
