import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ActivationCodeIssued,
  type ProvisioningCompleted,
  type TokenType,
  tokenTypeSymbols,
} from '../generated/records.js';
import { decideActivationCodeNotice, decideCompletionNotice } from './decide.js';
import { noticeIdOf, noticeKinds, noticeStates } from './notice.js';
import { activationCodePolicy, completionPolicy, completionRules, noticePolicyOf } from './policy.js';

const tokenId = '0c2f5ac9-7d5c-5c3e-8a51-4b2f0a5d8a11';
const completedAt = Date.UTC(2030, 0, 15, 10, 0, 9);
const minute = 60_000;

function completed(fields: Partial<ProvisioningCompleted> = {}): ProvisioningCompleted {
  return {
    eventId: 'e1',
    tokenId,
    version: 3,
    occurredAt: completedAt,
    recordedAt: completedAt + 400,
    factId: 'f1',
    factKind: 'DEVICE_PROVISIONED',
    source: 'thredd-ehi',
    actor: 'NETWORK',
    cause: { topic: 'token.facts', partition: 1, offset: 7 },
    network: 'VTS',
    tokenType: 'SECURE_ELEMENT',
    wallet: 'APPLE',
    device: { id: '04AA', name: 'Test iPhone', type: 'PHONE' },
    card: { ref: 'threddPublicToken:100000001', last4: '1234' },
    completedAt,
    ...fields,
  };
}

describe('the decision on a completion notice', () => {
  it.each<[TokenType | undefined, 'notice' | 'none']>([
    ['SECURE_ELEMENT', 'notice'],
    ['HCE', 'notice'],
    ['UNKNOWN', 'notice'],
    [undefined, 'notice'],
    ['CARD_ON_FILE', 'none'],
    ['BROWSER', 'none'],
    ['OTHER', 'none'],
  ])('for a token of type %s is %s', (tokenType, decided) => {
    expect(decideCompletionNotice(completed({ tokenType })).decided).toBe(decided);
  });

  it('has an answer for every token type the contract knows', () => {
    const notified = tokenTypeSymbols.filter(
      (t) => decideCompletionNotice(completed({ tokenType: t })).decided === 'notice',
    );
    expect(notified).toEqual(['UNKNOWN', 'SECURE_ELEMENT', 'HCE']);
  });

  it('is due at the completion and must be out 30 minutes later', () => {
    expect(decideCompletionNotice(completed())).toEqual({
      decided: 'notice',
      entry: {
        noticeId: `completion-${tokenId}`,
        tokenId,
        kind: 'PROVISIONING_COMPLETED',
        causeEventId: 'e1',
        policy: 'completion/1',
        dueAt: completedAt,
        deadlineAt: completedAt + 30 * minute,
        subject: {
          network: 'VTS',
          wallet: 'APPLE',
          deviceName: 'Test iPhone',
          deviceType: 'PHONE',
          cardRef: 'threddPublicToken:100000001',
          cardLast4: '1234',
        },
      },
    });
  });

  it('names nothing that is not known', () => {
    const decision = decideCompletionNotice(
      completed({ network: 'UNKNOWN', wallet: undefined, device: undefined, card: undefined }),
    );
    expect(decision.decided === 'notice' && decision.entry.subject).toStrictEqual({});
    const little = decideCompletionNotice(
      completed({ network: undefined, wallet: undefined, device: { id: '04AA' }, card: { ref: 'a:1' } }),
    );
    expect(little.decided === 'notice' && little.entry.subject).toStrictEqual({ cardRef: 'a:1' });
  });

  it('says why there is none', () => {
    expect(decideCompletionNotice(completed({ tokenType: 'BROWSER' }))).toEqual({
      decided: 'none',
      because: 'Only device tokens get a completion notice.',
    });
    expect(decideCompletionNotice(completed(), [])).toEqual({ decided: 'none', because: 'No rule asks for one.' });
  });

  it('refuses a completion of no token', () => {
    expect(decideCompletionNotice(completed({ tokenId: '' }))).toEqual({
      decided: 'invalid',
      field: 'tokenId',
      message: 'is empty',
    });
  });

  it('refuses a moment no calendar knows, naming the field', () => {
    for (const at of [-1, 8.64e15, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(decideCompletionNotice(completed({ completedAt: at }))).toMatchObject({
        decided: 'invalid',
        field: 'completedAt',
        message: 'is not a moment a calendar knows',
      });
    }
  });

  it('takes every moment whose deadline a calendar knows', () => {
    const last = 8.64e15 - 30 * minute;
    const decided = (at: number) => decideCompletionNotice(completed({ completedAt: at })).decided;
    expect([0, last, last + 1].map(decided)).toEqual(['notice', 'notice', 'invalid']);
  });

  it('takes a rule of its own for a wallet', () => {
    const hour = { ...completionPolicy, id: 'slow/1', deadlineAfter: 60 * minute };
    const rules = [
      { wallets: ['GOOGLE'], policy: hour, because: 'test' },
      { policy: completionPolicy, because: 'test' },
    ];
    const deadlineOf = (wallet?: string) => {
      const decision = decideCompletionNotice(completed({ wallet }), rules);
      return decision.decided === 'notice' && [decision.entry.policy, decision.entry.deadlineAt];
    };
    expect(deadlineOf('GOOGLE')).toEqual(['slow/1', completedAt + 60 * minute]);
    expect(deadlineOf('APPLE')).toEqual(['completion/1', completedAt + 30 * minute]);
    expect(deadlineOf(undefined)).toEqual(['completion/1', completedAt + 30 * minute]);
    expect(noticePolicyOf('slow/1', rules)).toBe(hour);
    expect(noticePolicyOf('gone/9', rules)).toBe(completionPolicy);
  });
});

describe('the policy of the completion notice', () => {
  it('is 30 minutes, ten of patience with a channel, retries from five seconds to a minute, a day at most', () => {
    expect(completionPolicy).toEqual({
      id: 'completion/1',
      deadlineAfter: 1_800_000,
      endsAtDeadline: false,
      failuresBeforeNextChannel: 5,
      escalateAfter: 600_000,
      giveUpAfter: 86_400_000,
      retry: { first: 5_000, factor: 2, longest: 60_000, longestWhenLate: 900_000 },
    });
  });

  it('holds for the wallets and the token types its row names, both', () => {
    const google = { wallets: ['GOOGLE'], tokenTypes: ['HCE'], policy: completionPolicy, because: 'test' } as const;
    const decided = (wallet: string | undefined, tokenType: TokenType) =>
      decideCompletionNotice(completed({ wallet, tokenType }), [google]).decided;
    expect(decided('GOOGLE', 'HCE')).toBe('notice');
    expect(decided('APPLE', 'HCE')).toBe('none');
    expect(decided('GOOGLE', 'SECURE_ELEMENT')).toBe('none');
    expect(decided(undefined, 'HCE')).toBe('none');
  });

  it('holds for a token of unknown type where its row says so, and each row says why', () => {
    const unknown = { tokenTypes: ['UNKNOWN'], policy: completionPolicy, because: 'test' } as const;
    const decided = (tokenType: TokenType | undefined) =>
      decideCompletionNotice(completed({ tokenType }), [unknown]).decided;
    expect([decided(undefined), decided('UNKNOWN'), decided('HCE')]).toEqual(['notice', 'notice', 'none']);
    for (const { because } of completionRules) expect(because).toMatch(/^[A-Z].*\.$/);
  });

  it('is found again by its id, also where the table has rows without a policy', () => {
    expect(noticePolicyOf('completion/1')).toBe(completionPolicy);
    expect(noticePolicyOf(undefined)).toBe(completionPolicy);
  });
});

function issued(fields: Partial<ActivationCodeIssued> = {}): ActivationCodeIssued {
  const { completedAt: _completedAt, ...base } = completed();
  const of = { method: 'SMS', expiresAt: completedAt + 15 * minute };
  return { ...base, factId: 'mdes:r/1', factKind: 'ACTIVATION_CODE_ISSUED', ...of, ...fields };
}

describe('the decision on the notice of an activation code', () => {
  it('is one notice for each fact, good until the code lapses', () => {
    expect(decideActivationCodeNotice(issued())).toEqual({
      decided: 'notice',
      entry: {
        noticeId: 'activation-code-mdes~3a~r~2f~1',
        tokenId,
        kind: 'ACTIVATION_CODE',
        causeEventId: 'e1',
        policy: 'activation-code/1',
        dueAt: completedAt,
        deadlineAt: completedAt + 15 * minute,
        subject: {
          network: 'VTS',
          wallet: 'APPLE',
          deviceName: 'Test iPhone',
          deviceType: 'PHONE',
          cardRef: 'threddPublicToken:100000001',
          cardLast4: '1234',
        },
        activation: { method: 'SMS', expiresAt: completedAt + 15 * minute },
      },
    });
  });

  it('is the same for every token type: whoever asks for a code waits for it', () => {
    for (const tokenType of tokenTypeSymbols)
      expect(decideActivationCodeNotice(issued({ tokenType })).decided).toBe('notice');
  });

  it('without a stated expiry says none, and gives the code half an hour', () => {
    const decision = decideActivationCodeNotice(issued({ method: undefined, expiresAt: undefined }));
    expect(decision).toMatchObject({ entry: { deadlineAt: completedAt + 30 * minute } });
    expect(decision.decided === 'notice' && decision.entry.activation).toStrictEqual({});
  });

  it.each<[string, string, Partial<ActivationCodeIssued>]>([
    ['tokenId', 'is empty', { tokenId: '' }],
    ['factId', 'is empty', { factId: '' }],
    ['occurredAt', 'is not a moment a calendar knows', { occurredAt: 8.64e15 + 1 }],
    ['expiresAt', 'is not a moment a calendar knows', { expiresAt: 8.64e15 + 1 }],
    ['expiresAt', 'is not a moment a calendar knows', { expiresAt: -1 }],
    ['recordedAt', 'is not a moment a calendar knows', { recordedAt: -90_000_000 }],
  ])('refuses an event whose %s %s', (field, sentence, fields) => {
    expect(decideActivationCodeNotice(issued(fields))).toEqual({ decided: 'invalid', field, message: sentence });
  });

  it('takes the last moment a calendar knows', () => {
    expect(decideActivationCodeNotice(issued({ expiresAt: 8.64e15 })).decided).toBe('notice');
  });

  it('follows a policy of quick tries that ends with the code', () => {
    expect(activationCodePolicy).toEqual({
      id: 'activation-code/1',
      endsAtDeadline: true,
      failuresBeforeNextChannel: 3,
      escalateAfter: 60_000,
      giveUpAfter: 86_400_000,
      retry: { first: 1_000, factor: 2, longest: 10_000, longestWhenLate: 10_000 },
    });
    expect(noticePolicyOf('activation-code/1')).toBe(activationCodePolicy);
  });
});

describe('kinds and states', () => {
  it('are those of the contract', () => {
    expect(noticeKinds).toEqual([
      'PROVISIONING_COMPLETED',
      'ACTIVATION_CODE',
      'TOKEN_SUSPENDED',
      'TOKEN_RESUMED',
      'TOKEN_DELETED',
      'PROVISIONING_UNFINISHED',
      'TOKEN_UNUSED',
    ]);
    expect(noticeStates).toEqual(['PENDING', 'SENT', 'DELIVERED', 'FAILED', 'CANCELLED']);
  });
});

describe('the id of a notice', () => {
  it('names the kind and the token', () => {
    expect(noticeKinds.map((kind) => noticeIdOf(kind, 't_1'))).toEqual([
      'completion-t_1',
      'activation-code-t_1',
      'token-suspended-t_1',
      'token-resumed-t_1',
      'token-deleted-t_1',
      'provisioning-unfinished-t_1',
      'token-unused-t_1',
    ]);
    expect(noticeIdOf('TOKEN_DELETED', 'a b\u{1F600}')).toBe('token-deleted-a~20~b~1f600~');
  });

  it('is the same for every event about the same completion', () => {
    const ids = [completed(), completed({ eventId: 'e2', completedAt: completedAt + 5, version: 9 })].map((event) => {
      const decision = decideCompletionNotice(event);
      return decision.decided === 'notice' ? decision.entry.noticeId : undefined;
    });
    expect(ids).toEqual([`completion-${tokenId}`, `completion-${tokenId}`]);
  });

  it('is safe in a header and a file name, whatever the tokenId, and never shared', { timeout: 30_000 }, () => {
    const any = fc.string({ unit: 'binary', minLength: 1 });
    fc.assert(
      fc.property(any, any, (a, b) => {
        const [x, y] = [noticeIdOf('PROVISIONING_COMPLETED', a), noticeIdOf('PROVISIONING_COMPLETED', b)];
        expect(x).toMatch(/^completion-[A-Za-z0-9_~-]+$/);
        expect(x === y).toBe(a === b);
      }),
      {
        examples: [
          ['a/../b', 'a~2f~..~2f~b'],
          ['a\r\nb', 'a b'],
          ['é', 'e'],
        ],
      },
    );
  });
});
