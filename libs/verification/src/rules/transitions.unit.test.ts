import type { TokenState } from '@tokenline/domain';
import { describe, expect, it } from 'vitest';
import { noon } from '../testing/given.js';
import { illegalMove } from './transitions.js';

type Outcome = TokenState['provisioning']['outcome'];

/** A state that is possible in itself. */
function state(status: TokenState['status'], outcome?: Outcome, more: Partial<TokenState> = {}): TokenState {
  return {
    tokenId: 't1',
    status,
    suspendedBy: [],
    provisioning: {
      outcome,
      activatedAt: status === 'INACTIVE' ? undefined : noon,
      completedAt: outcome === 'COMPLETED' ? noon : undefined,
    },
    tokenType: 'HCE',
    bindings: [],
    aliases: [],
    version: 1,
    updatedAt: noon,
    ...more,
  };
}

describe('moves of a token', () => {
  it.each([
    [undefined, state('INACTIVE', 'REQUESTED')],
    [state('INACTIVE', 'REQUESTED'), state('ACTIVE', 'COMPLETED')],
    [state('ACTIVE', 'COMPLETED'), state('SUSPENDED', 'COMPLETED')],
    [state('SUSPENDED', 'COMPLETED'), state('ACTIVE', 'COMPLETED')],
    [state('SUSPENDED', 'COMPLETED'), state('DELETED', 'COMPLETED')],
    [state('INACTIVE', 'FAILED'), state('INACTIVE', 'AWAITING_AUTHENTICATION')],
  ])('that the networks allow are allowed (%#)', (before, after) => {
    expect(illegalMove(before, after, false)).toBeUndefined();
  });

  it.each([
    ['out of deletion', state('DELETED', 'COMPLETED'), state('ACTIVE', 'COMPLETED')],
    ['back to inactive', state('ACTIVE', 'REQUESTED'), state('INACTIVE', 'REQUESTED')],
    ['out of completion', state('ACTIVE', 'COMPLETED'), state('ACTIVE', 'REQUESTED')],
    ['out of a refusal', state('INACTIVE', 'DECLINED'), state('INACTIVE', 'REQUESTED')],
    ['to a step-up that had passed', state('INACTIVE', 'AUTHENTICATED'), state('INACTIVE', 'REQUESTED')],
  ])('%s are not', (_what, before, after) => {
    expect(illegalMove(before, after, false)).toBeTypeOf('string');
  });

  it('by a late fact may skip steps and take completion back, but never lower the status …', () => {
    expect(illegalMove(state('ACTIVE', 'COMPLETED'), state('ACTIVE', 'REQUESTED'), true)).toBeUndefined();
    expect(illegalMove(state('ACTIVE', 'COMPLETED'), state('INACTIVE', 'REQUESTED'), true)).toContain('late');
    expect(illegalMove(state('DELETED', 'COMPLETED'), state('SUSPENDED', 'COMPLETED'), true)).toContain('late');
  });

  it('… unless it says that the request was declined', () => {
    expect(illegalMove(state('ACTIVE', 'COMPLETED'), state('INACTIVE', 'DECLINED'), true)).toBeUndefined();
    expect(illegalMove(state('ACTIVE', 'COMPLETED'), state('INACTIVE', 'DECLINED'), false)).toBeTypeOf('string');
  });

  it('leave times alone once they are told, unless the past is told anew', () => {
    const moved = state('ACTIVE', 'COMPLETED');
    const later = { ...moved, provisioning: { ...moved.provisioning, completedAt: noon + 1 } };
    expect(illegalMove(moved, later, false)).toBe('provisioning.completedAt changes by a fact that is not late');
    expect(illegalMove(moved, later, true)).toBeUndefined();
    expect(illegalMove({ ...moved, tokenType: 'BROWSER' }, later, false)).toBeUndefined();
  });
});

describe('a state in itself', () => {
  const completed = { outcome: 'COMPLETED', activatedAt: noon, completedAt: noon } as const;
  it.each([
    ['complete and inactive', state('INACTIVE', undefined, { provisioning: completed })],
    ['complete without a time', state('ACTIVE', undefined, { provisioning: { ...completed, completedAt: undefined } })],
    ['complete, never active', state('DELETED', undefined, { provisioning: { ...completed, activatedAt: undefined } })],
    ['declined and active', state('ACTIVE', 'DECLINED')],
    ['active since never', state('ACTIVE', undefined, { provisioning: {} })],
  ])('cannot be %s', (_what, after) => {
    expect(illegalMove(undefined, after, true)).toBeTypeOf('string');
  });
});
