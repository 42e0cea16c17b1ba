import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { invariantCodes, invariants } from './invariants.js';
import { createTallies, formatReport, reportOf } from './report.js';

function sample() {
  const tallies = createTallies(1);
  tallies.of('CAUSES_RISING').check(20);
  const broken = tallies.of('VERSIONS_GAP_FREE');
  broken.check(7);
  broken.fail({ where: 'token.lifecycle 3/120', tokenId: 't1', what: 'version 4 follows 2' });
  broken.fail({ where: 'token.lifecycle 3/130', tokenId: 't2', what: 'version 2 follows 2' });
  const codes = ['TOKENS_CURRENT', 'VERSIONS_GAP_FREE', 'CAUSES_RISING'] as const;
  return reportOf(tallies.verdicts(codes, 'not checked (MongoDB not reachable)'), false, { 'token.lifecycle': 20 });
}

describe('a report', () => {
  it('says of each invariant whether it holds, and of a broken one what was found first and how much more', () => {
    expect(formatReport(sample()).split('\n')).toEqual([
      `holds        CAUSES_RISING          20  ${invariants.CAUSES_RISING.statement}`,
      `BROKEN       VERSIONS_GAP_FREE  2 of 7  ${invariants.VERSIONS_GAP_FREE.statement}`,
      '    token.lifecycle 3/120 token t1: version 4 follows 2',
      '    and 1 more',
      `not checked  TOKENS_CURRENT          0  ${invariants.TOKENS_CURRENT.statement}`,
      '    not checked (MongoDB not reachable)',
      '',
      '3 invariants: 1 hold, 1 broken, 1 not checked. 20 records and documents read.',
    ]);
  });

  it('is not right as soon as one invariant is broken, and right with some not checked', () => {
    expect(sample().ok).toBe(false);
    expect(reportOf(createTallies(1).verdicts(['TOKENS_CURRENT'], 'no MongoDB'), false, {}).ok).toBe(true);
  });

  it('counts what was judged record by record together with what was judged at the end', () => {
    const earlier = createTallies(5);
    earlier.of('NOTHING_SENSITIVE').check(3);
    earlier.of('NOTHING_SENSITIVE').fail({ what: 'first' });
    const later = createTallies(5, earlier);
    later.of('NOTHING_SENSITIVE').check(2);
    later.of('NOTHING_SENSITIVE').fail({ what: 'second' }, 2);
    const [verdict] = later.verdicts(['NOTHING_SENSITIVE'], undefined);
    expect(verdict).toMatchObject({ checked: 5, failed: 3, offenders: [{ what: 'first' }, { what: 'second' }] });
  });
});

describe('the README', () => {
  it('shows every invariant with the sentence it stands for', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const rows = [...readme.matchAll(/^\| `([A-Z_]+)` +\| (log|documents) +\| (.*?) +\|$/gm)];
    expect(rows.map(([, code, needs, statement]) => ({ code, needs, statement }))).toEqual(
      invariantCodes.map((code) => ({ code, ...invariants[code] })),
    );
  });
});
