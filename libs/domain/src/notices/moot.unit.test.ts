import { describe, expect, it } from 'vitest';
import type { ProvisioningCompleted, TokenChanged } from '../generated/records.js';
import type { NoticeKind } from './kinds.js';
import { byToken, mootByChange, mootByCompletion, mootReasonOf } from './moot.js';

const change = (field: string, to?: string, from?: string) =>
  mootByChange({ tokenId: 't1', version: 5, changes: [{ field, from, to }] } as unknown as TokenChanged);

describe('what an event makes moot', () => {
  it.each<[string, string | undefined, Record<string, readonly string[]>]>([
    ['provisioning.completedAt', '2030-01-15T10:00:09.000Z', { completed: ['PROVISIONING_UNFINISHED'] }],
    ['provisioning.outcome', 'DECLINED', { declined: ['PROVISIONING_UNFINISHED'] }],
    ['provisioning.outcome', 'FAILED', {}],
    ['firstUsedAt', '2030-01-15T10:00:09.000Z', { used: ['TOKEN_UNUSED'] }],
    ['status', 'SUSPENDED', { superseded: ['TOKEN_SUSPENDED', 'TOKEN_RESUMED', 'TOKEN_DELETED'] }],
    [
      'status',
      'DELETED',
      {
        deleted: ['PROVISIONING_UNFINISHED', 'TOKEN_UNUSED'],
        superseded: ['TOKEN_SUSPENDED', 'TOKEN_RESUMED', 'TOKEN_DELETED'],
      },
    ],
    ['wallet', 'APPLE', {}],
    ['provisioning.completedAt', undefined, {}],
  ])('a change of %s to %s', (field, to, kinds) => {
    const moots = change(field, to);
    expect(Object.fromEntries(moots.map((moot) => [moot.reason, moot.kinds]))).toEqual(kinds);
    for (const { tokenId, version } of moots) expect([tokenId, version]).toEqual(['t1', 5]);
  });

  it('a completion announced', () => {
    expect(mootByCompletion({ tokenId: 't1', version: 5 } as ProvisioningCompleted)).toEqual([
      { tokenId: 't1', version: 5, kinds: ['PROVISIONING_UNFINISHED'], reason: 'completed' },
    ]);
  });
});

describe('a notice', () => {
  const moots = byToken([...change('status', 'SUSPENDED'), ...change('status', 'DELETED')]);
  const reason = (kind: NoticeKind, causeVersion: number, tokenId = 't1') =>
    mootReasonOf({ tokenId, kind, causeVersion }, moots);

  it('is moot by what came after its cause, and not by its cause or what came before', () => {
    expect([4, 5, 6].map((version) => reason('TOKEN_RESUMED', version))).toEqual(['superseded', undefined, undefined]);
    expect(reason('TOKEN_UNUSED', 4)).toBe('deleted');
  });

  it('is not moot by another token’s events, nor when it is owed or waited for', () => {
    expect(reason('TOKEN_RESUMED', 4, 't2')).toBeUndefined();
    expect([reason('PROVISIONING_COMPLETED', 1), reason('ACTIVATION_CODE', 1)]).toEqual([undefined, undefined]);
  });
});
