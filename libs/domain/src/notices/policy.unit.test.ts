import { describe, expect, it } from 'vitest';
import { type TokenType, tokenTypeSymbols } from '../generated/records.js';
import { type NoticeKind, noticeKinds } from './kinds.js';
import {
  activationCodePolicy,
  completionPolicy,
  type NoticeRules,
  namesProgrammes,
  noticePolicyOf,
  reminderTimes,
  ruleFor,
  rulesWhateverProgramme,
  usualTerms,
} from './policy.js';
import { builtinDocument, builtinRules, noticeRules } from './policy-builtin.js';
import { parseNoticePolicy } from './policy-text.js';
import { writtenRule, writtenTerms } from './policy-written.js';

const hour = 3_600_000;
const day = 24 * hour;
const minute = 60_000;

/** The rules in force with these of an issuer. */
function withRules(...rules: object[]): NoticeRules {
  return noticeRules(JSON.stringify({ version: 'ours-1', rules }));
}

describe('the policy built in', () => {
  const told = (kind: NoticeKind, wallet?: string) =>
    tokenTypeSymbols.filter((tokenType) => ruleFor(kind, { tokenType, wallet }, builtinRules)?.terms !== undefined);
  const devices: TokenType[] = ['UNKNOWN', 'SECURE_ELEMENT', 'HCE'];

  it.each<[NoticeKind, readonly TokenType[]]>([
    ['PROVISIONING_COMPLETED', devices],
    ['ACTIVATION_CODE', tokenTypeSymbols],
    ['TOKEN_SUSPENDED', devices],
    ['TOKEN_RESUMED', devices],
    ['TOKEN_DELETED', devices],
  ])('sends %s for %j, whatever the wallet', (kind, types) => {
    for (const wallet of ['APPLE', 'GOOGLE', 'SAMSUNG', 'GARMIN', undefined]) expect(told(kind, wallet)).toEqual(types);
  });

  it.each<NoticeKind>(['PROVISIONING_UNFINISHED', 'TOKEN_UNUSED'])(
    'sends %s for device tokens of three wallets',
    (kind) => {
      for (const wallet of ['APPLE', 'GOOGLE', 'SAMSUNG']) expect(told(kind, wallet)).toEqual(devices);
      for (const wallet of ['GARMIN', undefined]) expect(told(kind, wallet)).toEqual([]);
    },
  );

  it('has a rule for every token and kind, and a reason in every rule', () => {
    for (const kind of noticeKinds) {
      expect(ruleFor(kind, {}, builtinRules)).toBeDefined();
      expect(builtinRules.rules.filter((rule) => rule.kind === kind && rule.because === undefined)).toEqual([]);
    }
    expect(namesProgrammes(builtinRules)).toBe(false);
  });

  it('obliges to 30 minutes, alarmed after ten and twenty, and takes a day to be old news', () => {
    expect(ruleFor('PROVISIONING_COMPLETED', {}, builtinRules)).toMatchObject({
      id: 'builtin-1/completion',
      terms: {
        deadlineAfter: 30 * minute,
        endsAtDeadline: false,
        staleAfter: day,
        failuresBeforeNextChannel: 5,
        escalateAfter: 10 * minute,
        giveUpAfter: day,
        retry: { first: 5_000, factor: 2, longest: minute, longestWhenLate: 15 * minute },
        alarms: [10 * minute, 20 * minute],
      },
    });
  });

  it('says what is usual for each kind, quiet nights for reminders aside', () => {
    for (const { kind, terms } of builtinRules.rules) {
      if (terms === undefined) continue;
      const { quietHours, ...rest } = terms;
      expect(rest).toEqual(usualTerms(kind));
      expect(quietHours !== undefined).toBe(kind === 'PROVISIONING_UNFINISHED' || kind === 'TOKEN_UNUSED');
    }
  });

  it('is a document an issuer could have written', () => {
    expect(parseNoticePolicy(JSON.stringify(builtinDocument))).toEqual({ ok: true, rules: builtinRules });
  });
});

describe('an issuer’s rules', () => {
  it('stand before those built in, and leave standing what they say nothing about', () => {
    const rules = withRules({ kind: 'PROVISIONING_COMPLETED', wallets: ['GOOGLE'], send: true, deadline: '10m' });
    const rule = (wallet: string, tokenType: TokenType) =>
      ruleFor('PROVISIONING_COMPLETED', { wallet, tokenType }, rules);
    expect(rule('GOOGLE', 'HCE')).toMatchObject({ id: 'ours-1/rule-1', terms: { deadlineAfter: 10 * minute } });
    expect(rule('GOOGLE', 'CARD_ON_FILE')?.id).toBe('ours-1/rule-1');
    expect(rule('APPLE', 'HCE')?.id).toBe('builtin-1/completion');
    expect(rule('APPLE', 'CARD_ON_FILE')?.terms).toBeUndefined();
    expect(rules.versions).toEqual(['ours-1', 'builtin-1']);
  });

  it('hold when all their conditions do; one on what is not known does not', () => {
    const conditions = { programmes: ['gold'], wallets: ['APPLE'], tokenTypes: ['HCE'], networks: ['VTS'] };
    const rules = withRules({ kind: 'TOKEN_DELETED', ...conditions, send: false, because: 'Test.' });
    const all = { programme: 'gold', wallet: 'APPLE', tokenType: 'HCE', network: 'VTS' } as const;
    expect(ruleFor('TOKEN_DELETED', all, rules)?.id).toBe('ours-1/rule-1');
    for (const name of Object.keys(all)) {
      expect(ruleFor('TOKEN_DELETED', { ...all, [name]: undefined }, rules)?.id).not.toBe('ours-1/rule-1');
      expect(ruleFor('TOKEN_DELETED', { ...all, [name]: 'other' }, rules)?.id).not.toBe('ours-1/rule-1');
    }
    expect(ruleFor('TOKEN_RESUMED', all, rules)?.id).not.toBe('ours-1/rule-1');
    expect(namesProgrammes(rules)).toBe(true);
  });

  it('may be for tokens whose type nobody reported', () => {
    const rules = withRules({ kind: 'TOKEN_DELETED', tokenTypes: ['UNKNOWN'], send: false, because: 'Test.' });
    const id = (tokenType?: TokenType) => ruleFor('TOKEN_DELETED', { tokenType }, rules)?.id;
    expect([id(undefined), id('UNKNOWN'), id('HCE')]).toEqual(['ours-1/rule-1', 'ours-1/rule-1', 'builtin-1/deleted']);
  });

  it('that may decide whatever the programme end with the first that asks for none', () => {
    const rules = withRules(
      { name: 'gold', kind: 'PROVISIONING_COMPLETED', programmes: ['gold'], send: false, because: 'Test.' },
      { name: 'all', kind: 'PROVISIONING_COMPLETED', send: true },
    );
    const ids = (kind: NoticeKind, of: NoticeRules = rules) => rulesWhateverProgramme(kind, {}, of).map(({ id }) => id);
    expect(ids('PROVISIONING_COMPLETED')).toEqual(['ours-1/gold', 'ours-1/all']);
    expect(ids('TOKEN_DELETED')).toEqual(['builtin-1/deleted']);
    expect(ids('TOKEN_DELETED', { versions: [], rules: rules.rules.slice(0, 1) })).toEqual([]);
  });
});

describe('a rule as it is written', () => {
  it('says what holds, and is read again as the same', () => {
    for (const rule of builtinRules.rules) {
      const { id, ...written } = writtenRule(rule);
      const document = { version: 'builtin-1', rules: [{ ...written, name: id.slice('builtin-1/'.length) }] };
      expect(parseNoticePolicy(JSON.stringify(document))).toEqual({
        ok: true,
        rules: { versions: ['builtin-1'], rules: [rule] },
      });
    }
  });

  it('shows a deadline, channels and their order, and no more than there is', () => {
    const terms = { ...usualTerms('PROVISIONING_COMPLETED'), channels: ['sms', 'push'] };
    expect(writtenTerms(terms)).toEqual({
      deadline: '30m',
      staleAfter: '1d',
      channels: ['sms', 'push'],
      escalate: { failures: 5, after: '10m' },
      alarms: ['10m', '20m'],
    });
    expect(writtenTerms(activationCodePolicy)).toEqual({ escalate: { failures: 3, after: '1m' } });
  });
});

describe('the times of reminders', () => {
  const times = (...given: Parameters<typeof reminderTimes>) =>
    reminderTimes(...given).map(({ purpose, after }) => [purpose, after / day]);

  it('are those one processor keeps for Apple Pay', () => {
    expect(times(builtinRules)).toEqual([
      ['PROVISIONING_UNFINISHED', 1],
      ['PROVISIONING_UNFINISHED', 7],
      ['TOKEN_UNUSED', 7],
      ['TOKEN_UNUSED', 14],
    ]);
  });

  it('are for a token those of the rules that may decide about it', () => {
    const rules = withRules(
      { kind: 'TOKEN_UNUSED', programmes: ['gold'], wallets: ['APPLE'], send: true, after: ['3d', '7d'] },
      { kind: 'TOKEN_UNUSED', wallets: ['GOOGLE'], send: false, because: 'Test.' },
    );
    const apple = { wallet: 'APPLE', tokenType: 'HCE' } as const;
    expect(times(rules, apple).filter(([purpose]) => purpose === 'TOKEN_UNUSED')).toEqual([
      ['TOKEN_UNUSED', 3],
      ['TOKEN_UNUSED', 7],
      ['TOKEN_UNUSED', 14],
    ]);
    expect(times(rules, { ...apple, wallet: 'GOOGLE' }).filter(([purpose]) => purpose === 'TOKEN_UNUSED')).toEqual([]);
    expect(times(rules, { wallet: 'APPLE', tokenType: 'BROWSER' }).map(([, after]) => after)).toEqual([3, 7]);
    expect(times(rules).filter(([purpose]) => purpose === 'TOKEN_UNUSED')).toHaveLength(3);
  });
});

describe('the policy of a ledger entry', () => {
  it('is what the entry says, whatever the rules say now', () => {
    const terms = { ...usualTerms('TOKEN_DELETED'), escalateAfter: 7 };
    expect(noticePolicyOf('old-3/deleted', terms)).toEqual({ id: 'old-3/deleted', ...terms });
  });

  it('is what its id stood for where the entry is of before and does not say', () => {
    expect(noticePolicyOf('activation-code/1')).toBe(activationCodePolicy);
    for (const id of ['completion/1', 'gone/9', undefined]) expect(noticePolicyOf(id)).toBe(completionPolicy);
    expect(completionPolicy).toEqual({
      id: 'completion/1',
      deadlineAfter: 1_800_000,
      endsAtDeadline: false,
      failuresBeforeNextChannel: 5,
      escalateAfter: 600_000,
      giveUpAfter: 86_400_000,
      retry: { first: 5_000, factor: 2, longest: 60_000, longestWhenLate: 900_000 },
    });
    expect(activationCodePolicy).toEqual({
      id: 'activation-code/1',
      endsAtDeadline: true,
      failuresBeforeNextChannel: 3,
      escalateAfter: 60_000,
      giveUpAfter: 86_400_000,
      retry: { first: 1_000, factor: 2, longest: 10_000, longestWhenLate: 10_000 },
    });
  });
});
