import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noticeRules } from './policy-builtin.js';
import { parseNoticePolicy, readNoticePolicy } from './policy-text.js';

const minute = 60_000;
const night = { from: '22:00', to: '07:00', zone: 'Europe/London' };

const reading = (...rules: object[]) => readNoticePolicy({ version: '2030-03', rules });
const problems = (...rules: object[]) => {
  const read = reading(...rules);
  return read.ok ? [] : read.problems.map(({ path, message }) => `${path} ${message}`);
};

describe('a notice policy', () => {
  it('gives each rule its terms, what it leaves out being as usual', () => {
    const read = reading(
      {
        name: 'gold',
        kind: 'TOKEN_SUSPENDED',
        programmes: ['gold'],
        networks: ['VTS'],
        send: true,
        deadline: '1h',
        staleAfter: '2h',
        channels: ['push', 'sms'],
        escalate: { failures: 2, after: '5m' },
        alarms: ['15m', '30m'],
      },
      { kind: 'TOKEN_UNUSED', send: true, after: ['3d', '10d'], quietHours: night, because: 'Test.' },
      { kind: 'TOKEN_SUSPENDED', send: false, because: 'Enough.' },
    );
    expect(read).toEqual({
      ok: true,
      rules: {
        versions: ['2030-03'],
        rules: [
          {
            id: '2030-03/gold',
            kind: 'TOKEN_SUSPENDED',
            programmes: ['gold'],
            networks: ['VTS'],
            terms: {
              deadlineAfter: 60 * minute,
              endsAtDeadline: false,
              staleAfter: 120 * minute,
              failuresBeforeNextChannel: 2,
              escalateAfter: 5 * minute,
              giveUpAfter: 120 * minute,
              retry: { first: 5_000, factor: 2, longest: 15 * minute, longestWhenLate: 15 * minute },
              alarms: [15 * minute, 30 * minute],
              channels: ['push', 'sms'],
            },
          },
          expect.objectContaining({
            id: '2030-03/rule-2',
            after: [72 * 60 * minute, 240 * 60 * minute],
            because: 'Test.',
            terms: expect.objectContaining({ quietHours: night, staleAfter: 1_440 * minute }),
          }),
          { id: '2030-03/rule-3', kind: 'TOKEN_SUSPENDED', because: 'Enough.' },
        ],
      },
    });
  });

  it('with a shorter deadline escalates in its first third, and keeps the alarms that come before it', () => {
    const read = reading({ kind: 'PROVISIONING_COMPLETED', send: true, deadline: '15m' });
    expect(read).toMatchObject({
      rules: { rules: [{ terms: { deadlineAfter: 15 * minute, escalateAfter: 5 * minute, alarms: [10 * minute] } }] },
    });
  });

  it('may be without rules: then everything is as built in', () => {
    expect(reading()).toEqual({ ok: true, rules: { versions: ['2030-03'], rules: [] } });
  });

  const sent = { kind: 'TOKEN_DELETED', send: true };
  it.each<[string, string, object]>([
    ['a kind nobody knows', 'rules[0].kind is not one of', { kind: 'TOKEN_LOST', send: true }],
    ['no kind', 'rules[0].kind is missing', { send: true }],
    ['neither yes nor no', 'rules[0].send is missing', { kind: 'TOKEN_DELETED' }],
    ['no without a reason', 'rules[0].because is missing', { kind: 'TOKEN_DELETED', send: false }],
    [
      'no with terms',
      'rules[0].deadline is not a field known here',
      { ...sent, send: false, because: 'B', deadline: '1h' },
    ],
    ['a field nobody knows', 'rules[0].chanels is not a field known here', { ...sent, chanels: ['sms'] }],
    ['an empty condition', 'rules[0].wallets names nothing', { ...sent, wallets: [] }],
    ['a token type nobody knows', 'rules[0].tokenTypes[0] is not one of', { ...sent, tokenTypes: ['SE'] }],
    ['a network nobody knows', 'rules[0].networks[0] is not one of MDES, VTS', { ...sent, networks: ['UNKNOWN'] }],
    [
      'a channel nobody knows',
      'rules[0].channels[1] is not one of push, smtp',
      { ...sent, channels: ['sms', 'outbox'] },
    ],
    ['a channel twice', 'rules[0].channels names a channel twice', { ...sent, channels: ['sms', 'sms'] }],
    ['a duration that is none', 'rules[0].deadline is not a duration such as 90s', { ...sent, deadline: '30 min' }],
    ['alarms that do not rise', 'rules[0].alarms does not rise', { ...sent, alarms: ['20m', '10m'] }],
    [
      'an alarm with the deadline',
      'rules[0].alarms[0] is not before the deadline of 10m',
      { ...sent, deadline: '10m', alarms: ['10m'] },
    ],
    ['no failures', 'rules[0].escalate.failures is not a number from 1', { ...sent, escalate: { failures: 0 } }],
    ['a reminder’s times elsewhere', 'rules[0].after is for reminders only', { ...sent, after: ['1d'] }],
    ['a reminder without times', 'rules[0].after is missing', { kind: 'TOKEN_UNUSED', send: true }],
    [
      'a completion that may take longer',
      'rules[0].deadline is beyond the 30 minutes',
      { kind: 'PROVISIONING_COMPLETED', send: true, deadline: '31m' },
    ],
    [
      'a completion that waits out the night',
      'rules[0].quietHours cannot be: wallets oblige',
      { kind: 'PROVISIONING_COMPLETED', send: true, quietHours: night },
    ],
    [
      'a code that waits out the night',
      'rules[0].quietHours cannot be: the cardholder waits',
      { kind: 'ACTIVATION_CODE', send: true, quietHours: night },
    ],
    [
      'a code with a deadline of ours',
      'rules[0].deadline cannot be: it is when the code lapses',
      { kind: 'ACTIVATION_CODE', send: true, deadline: '5m' },
    ],
    [
      'a code that goes stale',
      'rules[0].staleAfter cannot be',
      { kind: 'ACTIVATION_CODE', send: true, staleAfter: '5m' },
    ],
    [
      'a promise across a night',
      'rules[0].quietHours cannot stand beside a deadline',
      { ...sent, quietHours: night, deadline: '1h' },
    ],
    [
      'staleness within a night',
      'rules[0].quietHours cannot stand beside a staleAfter',
      { ...sent, quietHours: night, staleAfter: '2h' },
    ],
    [
      'a night without a zone',
      'rules[0].quietHours.zone is missing',
      { ...sent, quietHours: { from: '22:00', to: '07:00' } },
    ],
    [
      'a zone nobody knows',
      'rules[0].quietHours.zone is not a time zone',
      { ...sent, quietHours: { ...night, zone: 'Mars' } },
    ],
    [
      'a time that is none',
      'rules[0].quietHours.from is not a time of day',
      { ...sent, quietHours: { ...night, from: '10pm' } },
    ],
    [
      'a night of a day',
      'rules[0].quietHours.to is when they begin',
      { ...sent, quietHours: { ...night, to: '22:00' } },
    ],
    ['a name with blanks', 'rules[0].name is not up to 40', { ...sent, name: 'a b' }],
  ])('is refused for %s', (_what, said, rule) => {
    expect(problems(rule).join('\n')).toContain(said);
  });

  it('is refused for a rule that can never decide, and for a name given twice', () => {
    const closing = { kind: 'TOKEN_DELETED', send: false, because: 'Test.' };
    expect(problems(closing, { ...sent, wallets: ['APPLE'] })).toEqual([
      'rules[1] can never decide: a rule before it fits every notice of its kind',
    ]);
    expect(problems({ ...sent, name: 'a', wallets: ['X'] }, { ...sent, name: 'a' })).toEqual([
      'rules[1].name is that of another rule',
    ]);
  });

  it('is refused with every fault at once, and without any value', () => {
    const text = JSON.stringify({
      version: 'a version with blanks',
      rules: [{ kind: 'TOKEN_DELETED', send: 'yes', wallets: 'secret-wallet' }, 7],
      extra: 1,
    });
    const read = parseNoticePolicy(text);
    expect(read).toEqual({
      ok: false,
      problems: [
        { path: 'version', message: expect.stringContaining('is not up to 40') },
        { path: 'rules[1]', message: 'is not an object' },
        { path: 'rules[0].wallets', message: 'is not an array' },
        { path: 'rules[0].send', message: 'is not true or false' },
        { path: 'extra', message: 'is not a field known here' },
      ],
    });
    expect(() => noticeRules(text)).toThrow(/^The notice policy is refused: version is not up to 40.*; extra is not/);
    expect(() => noticeRules(text)).not.toThrow(/secret-wallet/);
  });

  it('is refused when it is no JSON, no object, or has neither version nor rules', () => {
    expect(parseNoticePolicy('{')).toEqual({ ok: false, problems: [{ path: '', message: 'is not JSON' }] });
    expect(() => noticeRules('{')).toThrow('The notice policy is refused: it is not JSON.');
    expect(readNoticePolicy([])).toMatchObject({ ok: false, problems: [{ path: '', message: 'is not an object' }] });
    expect(readNoticePolicy({})).toMatchObject({ problems: [{ path: 'version' }, { path: 'rules' }] });
  });

  it('is read or refused, never anything else, whatever the JSON', () => {
    const words = fc.constantFrom('version', 'rules', 'kind', 'send', 'alarms', 'quietHours', 'after', 'TOKEN_UNUSED');
    fc.assert(
      fc.property(fc.jsonValue(), fc.dictionary(words, fc.jsonValue()), (value, rule) => {
        for (const document of [value, { version: 'v', rules: [rule] }, { version: 'v', rules: value }]) {
          const read = parseNoticePolicy(JSON.stringify(document));
          if (!read.ok) expect(read.problems.length).toBeGreaterThan(0);
        }
      }),
    );
  });
});
