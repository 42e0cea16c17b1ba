import { describe, expect, it } from 'vitest';
import { Refused } from './refusal.js';
import { namesFor, orderOf, tokenFilter } from './token-filter.js';

describe('namesFor', () => {
  it('keeps colons of the value and spells the name as it is stored', () => {
    expect(namesFor('correlationId:a:b:c')).toEqual([{ kind: 'correlationId', value: 'a:b:c' }]);
    expect(namesFor('threddPaymentTokenId:0070000001')).toEqual([{ kind: 'threddPaymentTokenId', value: '70000001' }]);
  });

  it('looks for a token reference under both names EHI may mean', () => {
    expect(namesFor('tokenReferenceId:DNITHE1').map((name) => name.kind)).toEqual([
      'tokenReferenceId',
      'tokenUniqueReference',
    ]);
  });

  it('finds nothing for a placeholder, which names nothing', () => {
    expect(namesFor('threddPaymentTokenId:0')).toEqual([]);
  });

  it.each(['70000001', 'pan:4111', ':x', 'nickname:x'])('refuses %j: no such kind', (alias) => {
    expect(() => namesFor(alias)).toThrow(Refused);
  });
});

describe('tokenFilter', () => {
  it('asks only for what was given, and never for merged tokens', () => {
    expect(tokenFilter({ limit: 50, sort: '-requestedAt' })).toEqual({ mergedInto: { $exists: false } });
    expect(tokenFilter({ limit: 50, sort: '-requestedAt', cardRef: 'pan:k:x', path: 'GREEN' })).toEqual({
      'card.ref': 'pan:k:x',
      'provisioning.path': 'GREEN',
      mergedInto: { $exists: false },
    });
  });
});

describe('orderOf', () => {
  it('reads the minus as descending', () => {
    expect(orderOf('-updatedAt')).toMatchObject({ field: 'updatedAt', ascending: false });
    expect(orderOf('requestedAt')).toMatchObject({ field: 'provisioning.requestedAt', ascending: true });
  });
});
