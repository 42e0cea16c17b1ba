import { describe, expect, it } from 'vitest';
import { factKindSymbols, type TokenFact } from '../generated/records.js';
import { fact } from './given.js';
import { compareFacts, placeOf } from './order.js';

describe('facts are folded in the order', () => {
  it('in which they happened, whatever they say', () => {
    const deleted = fact('TOKEN_DELETED', 1);
    const requested = fact('PROVISIONING_REQUESTED', 2);
    expect([requested, deleted].sort(compareFacts)).toEqual([deleted, requested]);
  });

  it('of a token’s life where they happened at one moment', () => {
    const all = factKindSymbols.map((kind) => fact(kind, 5));
    expect(all.sort(compareFacts).map(({ kind }) => kind)).toEqual([
      'PROVISIONING_REQUESTED',
      'TOKEN_CREATED',
      'ACTIVATION_CODE_ISSUED',
      'DEVICE_PROVISIONED',
      'AUTHENTICATION_FAILED',
      'AUTHENTICATION_SUCCEEDED',
      'STATUS_REPORTED',
      'TOKEN_UPDATED',
      'TOKEN_REPLACED',
      'DEVICE_BOUND',
      'DEVICE_UNBOUND',
      'CARDHOLDER_VERIFIED',
      'TOKEN_USED',
      'NOTED',
      'TOKEN_RESUMED',
      'TOKEN_SUSPENDED',
      'TOKEN_DELETED',
      'DEADLINE_PASSED',
      'TOKENS_MERGED',
      'FACTS_ABSORBED',
      'UNKNOWN',
    ]);
  });

  it('of their ids where they are of one kind and moment', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((factId) => fact('NOTED', 5, { factId }));
    for (const given of [
      [c, a, b],
      [b, c, a],
      [c, b, a],
    ] as (typeof a)[][]) {
      expect((given as NonNullable<typeof a>[]).sort(compareFacts)).toEqual([a, b, c]);
    }
    const [first, second] = [a, b] as NonNullable<typeof a>[] as [TokenFact, TokenFact];
    const signs = [compareFacts(first, second), compareFacts(second, first), compareFacts(first, { ...first })];
    expect(signs).toEqual([-1, 1, 0]);
  });
});

describe('the place of a fact', () => {
  const known = [10, 20, 30, 40].map((seconds) => fact('NOTED', seconds));

  it.each([
    [5, 0],
    [15, 1],
    [25, 2],
    [35, 3],
    [45, 4],
  ])('at second %i among those of 10, 20, 30 and 40 is %i', (seconds, place) => {
    expect(placeOf(known, fact('NOTED', seconds))).toBe(place);
  });

  it('among none is the first, and of one of them its own', () => {
    expect(placeOf([], fact('NOTED', 1))).toBe(0);
    expect(known.map((one) => placeOf(known, one))).toEqual([0, 1, 2, 3]);
  });
});
