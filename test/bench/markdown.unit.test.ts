import { expect, it } from 'vitest';
import { markdownTable, withResults } from './markdown.js';

it('aligns text to the left and numbers to the right', () => {
  expect(
    markdownTable(
      ['what', 'n'],
      [
        ['a', '1'],
        ['longer', '1,000'],
      ],
    ),
  ).toBe(['| what   |     n |', '| ------ | ----: |', '| a      |     1 |', '| longer | 1,000 |'].join('\n'));
});

it('replaces what stands between the markers and nothing else', () => {
  const page = 'before\n<!-- bench:results -->\nold\n<!-- /bench:results -->\nafter\n';
  const once = withResults(page, 'new');
  expect(once).toBe('before\n<!-- bench:results -->\n\nnew\n\n<!-- /bench:results -->\nafter\n');
  expect(withResults(once, 'new')).toBe(once);
  expect(() => withResults('no place', 'new')).toThrow(/no place/);
});
