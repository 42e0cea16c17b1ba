import { describe, expect, it } from 'vitest';
import { difference } from './difference.js';
import type { FoldedState } from './fold.js';
import { noon } from './given.js';

const state: FoldedState = {
  tokenId: 't1',
  network: 'VTS',
  status: 'SUSPENDED',
  suspendedBy: ['CARDHOLDER', 'ISSUER'],
  provisioning: {
    outcome: 'COMPLETED',
    path: 'GREEN',
    requestedAt: noon,
    onDeviceAt: noon + 1_000,
    activatedAt: noon + 2_000,
    completedAt: noon + 3_000,
  },
  tokenType: 'HCE',
  wallet: 'GOOGLE',
  tokenRequestorId: '50120834693',
  device: { id: 'd1', name: 'Test phone', type: 'PHONE' },
  bindings: [
    { bindingId: '1', device: { id: 'browser-1', name: 'Desk', type: 'PC' }, boundAt: noon },
    { device: { id: 'browser-2' }, boundAt: noon + 1_000 },
  ],
  removedFromWalletAt: noon + 2_000,
  card: { ref: 'threddPublicToken:1', last4: '1234' },
  aliases: [
    { kind: 'correlationId', value: 'c1' },
    { kind: 'lifecycleTraceId', value: '9' },
  ],
  tokenExpiry: '2033-01-31',
  firstUsedAt: noon + 5_000,
  updatedAt: noon + 3_000,
};

const empty: FoldedState = {
  tokenId: 't1',
  network: undefined,
  status: 'INACTIVE',
  suspendedBy: [],
  provisioning: {
    outcome: undefined,
    path: undefined,
    requestedAt: undefined,
    onDeviceAt: undefined,
    activatedAt: undefined,
    completedAt: undefined,
  },
  tokenType: undefined,
  wallet: undefined,
  tokenRequestorId: undefined,
  device: undefined,
  bindings: [],
  removedFromWalletAt: undefined,
  card: undefined,
  aliases: [],
  tokenExpiry: undefined,
  firstUsedAt: undefined,
  updatedAt: noon,
};

/** What is published of `state`, as a person reads it. */
const said: Readonly<Record<string, string>> = {
  network: 'VTS',
  status: 'SUSPENDED',
  suspendedBy: 'CARDHOLDER ISSUER',
  'provisioning.outcome': 'COMPLETED',
  'provisioning.path': 'GREEN',
  'provisioning.requestedAt': '2030-01-15T12:00:00.000Z',
  'provisioning.onDeviceAt': '2030-01-15T12:00:01.000Z',
  'provisioning.activatedAt': '2030-01-15T12:00:02.000Z',
  'provisioning.completedAt': '2030-01-15T12:00:03.000Z',
  tokenType: 'HCE',
  wallet: 'GOOGLE',
  tokenRequestorId: '50120834693',
  'device.id': 'd1',
  'device.name': 'Test phone',
  'device.type': 'PHONE',
  bindings:
    'bindingId:1 device.id:browser-1 device.name:Desk device.type:PC boundAt:2030-01-15T12:00:00.000Z; ' +
    'device.id:browser-2 boundAt:2030-01-15T12:00:01.000Z',
  removedFromWalletAt: '2030-01-15T12:00:02.000Z',
  'card.ref': 'threddPublicToken:1',
  'card.last4': '1234',
  aliases: 'correlationId:c1 lifecycleTraceId:9',
  tokenExpiry: '2033-01-31',
  firstUsedAt: '2030-01-15T12:00:05.000Z',
};

describe('what changed', () => {
  it('is everything known, for a token nobody knew', () => {
    expect(difference(undefined, state)).toEqual(Object.entries(said).map(([field, to]) => ({ field, to })));
    expect(difference(undefined, empty)).toEqual([{ field: 'status', to: 'INACTIVE' }]);
  });

  it('is named field by field, with what it was and what it is', () => {
    const gained = Object.entries({ ...said, status: undefined }).flatMap(([field, to]) => (to ? [{ field, to }] : []));
    const lost = gained.map(({ field, to }) => ({ field, from: to }));
    const status = { field: 'status', from: 'INACTIVE', to: 'SUSPENDED' };
    expect(new Set(difference(empty, state))).toEqual(new Set([...gained, status]));
    expect(new Set(difference(state, empty))).toEqual(
      new Set([...lost, { field: 'status', from: 'SUSPENDED', to: 'INACTIVE' }]),
    );
  });

  it('is nothing where nothing published differs', () => {
    expect(difference(state, { ...state, suspendedBy: [...state.suspendedBy] })).toEqual([]);
  });

  it('is the time of the last change only where it alone differs', () => {
    const later = { ...state, updatedAt: noon + 4_000 };
    expect(difference(state, later)).toEqual([
      { field: 'updatedAt', from: '2030-01-15T12:00:03.000Z', to: '2030-01-15T12:00:04.000Z' },
    ]);
    expect(difference(state, { ...later, wallet: 'APPLE' })).toEqual([
      { field: 'wallet', from: 'GOOGLE', to: 'APPLE' },
    ]);
  });
});
