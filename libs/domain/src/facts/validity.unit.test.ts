import { expect, it } from 'vitest';
import { validAt } from './validity.js';

const table = [
  { validFrom: Number.NEGATIVE_INFINITY, validTo: 100, value: 'old meaning' },
  { validFrom: 100, value: 'new meaning' },
];

it('a mapper holds from its first instant until the next one takes over', () => {
  expect(validAt(table, 99)).toBe('old meaning');
  expect(validAt(table, 100)).toBe('new meaning');
});

it('a table with a hole is a bug', () => {
  expect(() => validAt(table.slice(1), 99)).toThrow('1970-01-01T00:00:00.099Z');
});
