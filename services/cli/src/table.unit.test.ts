import { describe, expect, it } from 'vitest';
import { csv, fields, shortTime, table } from './table.js';

describe('tables for people', () => {
  it('line columns up and show what is absent as a dash', () => {
    expect(
      table(
        ['id', 'status'],
        [
          ['a-long-id', 'ACTIVE'],
          ['b', undefined],
        ],
      ),
    ).toBe(['ID         STATUS', 'a-long-id  ACTIVE', 'b          -'].join('\n'));
  });

  it('leave absent fields out', () => {
    expect(
      fields([
        ['status', 'ACTIVE'],
        ['wallet', undefined],
        ['version', 3],
      ]),
    ).toBe('status   ACTIVE\nversion  3');
  });

  it('shorten times to the second', () => {
    expect(shortTime('2030-01-15T10:00:09.900Z')).toBe('2030-01-15 10:00:09');
  });
});

describe('tables for spreadsheets', () => {
  it('quote what would break a line or a column, and leave absent cells empty', () => {
    expect(
      csv(
        ['wallet', 'met'],
        [
          ['APPLE', 2],
          ['a "b", c\nd', undefined],
        ],
      ),
    ).toBe('wallet,met\nAPPLE,2\n"a ""b"", c\nd",');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx'])('keep %j a text, not something to calculate', (name) => {
    expect(csv(['wallet'], [[name]])).toBe(`wallet\n'${name}`);
    expect(csv(['met'], [[-1]])).toBe('met\n-1');
  });
});
