/** The table a run leaves in README.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../root.js';
import { type Card, cards } from './cards.js';
import type { RoundPlan } from './plan.js';
import { renderTable, tally, withTable } from './table.js';

const [kill, point] = cards as [Card, Card];

function round(number: number, ...dealt: Card[]): RoundPlan {
  return { round: number, seed: 0, faults: dealt.map((card) => ({ card, at: 10, n: 1, delay: 0 })) };
}

const summary = {
  seed: 42,
  rounds: 2,
  messages: 12_345,
  tokens: 678,
  seconds: 150,
  machine: '2 cores',
  date: '2030-01-15',
};

describe('the tally', () => {
  it('counts a failed round’s faults as injected, not as survived', () => {
    const begun = [round(1, kill), round(2, kill, point), round(3, point)];
    expect(tally([kill, point], begun, 2)).toEqual([
      { card: kill, injected: 2, survived: 2 },
      { card: point, injected: 2, survived: 1 },
    ]);
  });
});

describe('the table', () => {
  const table = renderTable(summary, tally([kill, point], [round(1, kill), round(2, kill, point)], 2));

  it('says what was run, where, and what came of each fault', () => {
    const lines = table.split('\n');
    expect(lines[0]).toBe('2 rounds with seed 42 on 2030-01-15: 12,345 messages, 678 tokens, 3 minutes; 2 cores.');
    expect(lines).toContainEqual(expect.stringMatching(/^\| ingest: SIGKILL at a random moment +\| +2 \| +2 \|$/));
    expect(lines.at(-1)).toMatch(/^\| \*\*all\*\* +\| +\*\*3\*\* \| +\*\*3\*\* \|$/);
  });

  it('replaces what stands between the markers and nothing else', () => {
    const text = (between: string) => `before\n<!-- chaos:table -->${between}<!-- /chaos:table -->\nafter\n`;
    const once = withTable(text('\nold\n'), table);
    expect(once).toBe(text(`\n\n${table}\n\n`));
    expect(withTable(once, table)).toBe(once);
    expect(() => withTable('no markers', table)).toThrow('no place for the table');
  });

  it('has its place in README.md', () => {
    const readme = readFileSync(join(root, 'test/chaos/README.md'), 'utf8');
    expect(withTable(readme, table)).toContain(table);
  });
});
