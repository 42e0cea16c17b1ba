import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ActivationCodeIssued,
  type DeadlinePassed,
  type ProvisioningCompleted,
  type TokenChanged,
  type TokenType,
  tokenTypeSymbols,
} from '../generated/records.js';
import { decideActivationCodeNotice, decideCompletionNotice, decideReminder, decideStatusNotice } from './decide.js';
import { noticeKinds } from './kinds.js';
import { noticeIdOf, noticeStates } from './notice.js';
import { usualTerms } from './policy.js';

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
        causeVersion: 3,
        policy: 'builtin-1/completion',
        terms: usualTerms('PROVISIONING_COMPLETED'),
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
    expect(decideCompletionNotice(completed(), { versions: [], rules: [] })).toEqual({
      decided: 'none',
      because: 'No rule asks for one.',
    });
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
        causeVersion: 3,
        policy: 'builtin-1/activation-code',
        terms: usualTerms('ACTIVATION_CODE'),
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
});

function changed(from: string | undefined, to: string, fields: Partial<TokenChanged> = {}): TokenChanged {
  const { completedAt: _completedAt, network, tokenType, wallet, device, card, ...base } = completed();
  return {
    ...base,
    factId: 'f/9',
    factKind: 'TOKEN_SUSPENDED',
    late: false,
    changes: [{ field: 'status', from, to }],
    state: { network, tokenType, wallet, device, card } as TokenChanged['state'],
    ...fields,
  };
}

describe('the decision on a notice of a status', () => {
  it.each<[string | undefined, string, string | undefined]>([
    ['ACTIVE', 'SUSPENDED', 'TOKEN_SUSPENDED'],
    ['SUSPENDED', 'ACTIVE', 'TOKEN_RESUMED'],
    ['ACTIVE', 'DELETED', 'TOKEN_DELETED'],
    ['SUSPENDED', 'DELETED', 'TOKEN_DELETED'],
    ['INACTIVE', 'ACTIVE', undefined],
    ['INACTIVE', 'SUSPENDED', undefined],
    ['INACTIVE', 'DELETED', undefined],
    [undefined, 'DELETED', undefined],
    ['DELETED', 'ACTIVE', undefined],
  ])('of a token that goes from %s to %s is %s', (from, to, kind) => {
    const decision = decideStatusNotice(changed(from, to));
    expect(decision?.decided === 'notice' ? decision.entry.kind : undefined).toBe(kind);
    if (kind === undefined) expect(decision).toBeUndefined();
  });

  it('names what the state after the change knows, is due when it happened, and has nothing to meet', () => {
    expect(decideStatusNotice(changed('ACTIVE', 'SUSPENDED'))).toEqual({
      decided: 'notice',
      entry: {
        noticeId: 'token-suspended-f~2f~9',
        tokenId,
        kind: 'TOKEN_SUSPENDED',
        causeEventId: 'e1',
        causeVersion: 3,
        policy: 'builtin-1/suspended',
        terms: usualTerms('TOKEN_SUSPENDED'),
        dueAt: completedAt,
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

  it('says nothing of a resumption that was the first activation', () => {
    const changes = [
      { field: 'status', from: 'SUSPENDED', to: 'ACTIVE' },
      { field: 'provisioning.activatedAt', from: undefined, to: '2030-01-15T10:00:09.000Z' },
    ];
    expect(decideStatusNotice(changed(undefined, '', { changes }))).toBeUndefined();
  });

  it('says nothing of a change of something else, and of a merchant’s token', () => {
    const changes = [{ field: 'suspendedBy', from: 'ISSUER', to: 'ISSUER WALLET' }];
    expect(decideStatusNotice(changed(undefined, '', { changes }))).toBeUndefined();
    for (const tokenType of ['CARD_ON_FILE', 'BROWSER', 'OTHER'] as const) {
      const state = { tokenType } as TokenChanged['state'];
      expect(decideStatusNotice(changed('ACTIVE', 'DELETED', { state }))).toMatchObject({ decided: 'none' });
    }
  });

  it('is told of a late fact that changes the status now', () => {
    expect(decideStatusNotice(changed('ACTIVE', 'SUSPENDED', { late: true }))).toMatchObject({ decided: 'notice' });
  });

  it('is one for each fact, whichever token it has gone to', () => {
    const ids = ['t1', 't2'].map((id) => decideStatusNotice(changed('ACTIVE', 'SUSPENDED', { tokenId: id })));
    expect(new Set(ids.map((d) => d?.decided === 'notice' && d.entry.noticeId))).toEqual(
      new Set(['token-suspended-f~2f~9']),
    );
  });

  it.each<[string, Partial<TokenChanged>]>([
    ['tokenId', { tokenId: '' }],
    ['factId', { factId: '' }],
    ['occurredAt', { occurredAt: -1 }],
  ])('refuses an event whose %s cannot be', (field, fields) => {
    expect(decideStatusNotice(changed('ACTIVE', 'DELETED', fields))).toMatchObject({ decided: 'invalid', field });
  });
});

const day = 24 * 60 * minute;

function passed(
  purpose: DeadlinePassed['deadline']['purpose'],
  after: number,
  fields: Partial<DeadlinePassed> = {},
): DeadlinePassed {
  const { completedAt: since, ...base } = completed({ factKind: 'DEADLINE_PASSED' });
  return { ...base, deadline: { purpose, since, dueAt: since + after }, ...fields };
}

describe('the decision on a reminder', () => {
  it.each<[DeadlinePassed['deadline']['purpose'], number, string | undefined]>([
    ['PROVISIONING_UNFINISHED', day, 'notice'],
    ['PROVISIONING_UNFINISHED', 7 * day, 'notice'],
    ['PROVISIONING_UNFINISHED', 14 * day, 'none'],
    ['TOKEN_UNUSED', day, 'none'],
    ['TOKEN_UNUSED', 7 * day, 'notice'],
    ['TOKEN_UNUSED', 14 * day, 'notice'],
    ['TOKEN_ABANDONED', 30 * day, undefined],
    ['UNKNOWN', day, undefined],
  ])('%s after %i ms is %s', (purpose, after, decided) => {
    expect(decideReminder(passed(purpose, after))?.decided).toBe(decided);
  });

  it('is one for each token, purpose and time, due when the deadline passed', () => {
    expect(decideReminder(passed('TOKEN_UNUSED', 7 * day))).toMatchObject({
      entry: {
        noticeId: `token-unused-${tokenId}-${completedAt + 7 * day}`,
        kind: 'TOKEN_UNUSED',
        dueAt: completedAt + 7 * day,
        policy: 'builtin-1/unused',
      },
    });
  });

  it.each<[string, Partial<DeadlinePassed>]>([
    ['of a merchant', { tokenType: 'CARD_ON_FILE' }],
    ['of another wallet', { wallet: 'GARMIN' }],
    ['of a wallet nobody named', { wallet: undefined }],
  ])('is none for a token %s', (_which, fields) => {
    expect(decideReminder(passed('TOKEN_UNUSED', 7 * day, fields))).toMatchObject({ decided: 'none' });
  });

  it('refuses a time no calendar knows', () => {
    const deadline = { purpose: 'TOKEN_UNUSED', since: -8 * day, dueAt: -day } as const;
    expect(decideReminder(passed('TOKEN_UNUSED', 0, { deadline }))).toMatchObject({
      decided: 'invalid',
      field: 'deadline.dueAt',
    });
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
