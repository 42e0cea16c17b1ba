import { difference, type TokenState } from '@tokenline/domain';
import { describe, expect, it } from 'vitest';
import { noon } from '../testing/given.js';
import { wrongChanges } from './changes.js';

const before: TokenState = {
  tokenId: 't1',
  network: 'VTS',
  status: 'ACTIVE',
  suspendedBy: [],
  provisioning: { outcome: 'REQUESTED', requestedAt: noon },
  device: { id: 'd1', name: 'Test phone' },
  bindings: [{ bindingId: '1', device: { id: 'b1', name: 'Desk', type: 'PC' }, boundAt: noon }],
  aliases: [{ kind: 'threddPaymentTokenId', value: '1' }],
  version: 1,
  updatedAt: noon,
};
const after: TokenState = {
  ...before,
  status: 'SUSPENDED',
  suspendedBy: ['CARDHOLDER', 'ISSUER'],
  device: { id: 'd1' },
  bindings: [
    { bindingId: '1', device: { id: 'b1', type: 'PC' }, boundAt: noon },
    { device: { id: 'b2' }, boundAt: noon + 1 },
    { bindingId: '3', boundAt: noon + 1 },
  ],
  removedFromWalletAt: noon + 1,
  version: 2,
  updatedAt: noon + 1,
};

describe('a list of changes', () => {
  it('agrees when it names what differs, as the core writes it', () => {
    expect(wrongChanges(before, after, difference(before, after))).toBeUndefined();
    expect(wrongChanges(undefined, before, difference(undefined, before))).toBeUndefined();
    const touched = { ...before, updatedAt: noon + 1 };
    expect(wrongChanges(before, touched, difference(before, touched))).toBeUndefined();
  });

  it.each([
    [
      'leaves a field out',
      (list: ReturnType<typeof difference>) => list.slice(1),
      'status has changed and is not listed',
    ],
    [
      'names one that stands',
      (list) => [...list, { field: 'wallet', to: 'APPLE' }],
      'wallet is listed and has not changed',
    ],
    ['tells another value', (list) => [{ ...list[0], field: 'status', to: 'DELETED' }, ...list.slice(1)], 'after'],
    [
      'tells another value before',
      (list) => [{ ...list[0], field: 'status', from: 'INACTIVE' }, ...list.slice(1)],
      'before',
    ],
    ['names a field twice', (list) => [...list, ...list], 'twice'],
  ] satisfies [string, (list: ReturnType<typeof difference>) => ReturnType<typeof difference>, string][])(
    'is wrong when it %s',
    (_what, spoil, said) => {
      expect(wrongChanges(before, after, spoil(difference(before, after)))).toContain(said);
    },
  );

  it('is wrong when it is empty', () => {
    expect(wrongChanges(before, before, [])).toBe('nothing is listed');
  });
});
