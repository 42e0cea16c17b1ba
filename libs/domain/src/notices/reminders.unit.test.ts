import { expect, it } from 'vitest';
import { standardDeadlines } from '../lifecycle/deadlines.js';
import { builtinRules, noticeRules } from './policy-builtin.js';
import { deadlineRulesOf } from './reminders.js';

const apple = { network: 'VTS', tokenType: 'SECURE_ELEMENT', wallet: 'APPLE' } as const;
const abandoned = standardDeadlines.filter(({ purpose }) => purpose === 'TOKEN_ABANDONED');

it('the built-in policy has the standard deadlines watched for a wallet’s device token, and none but the last for a merchant’s', () => {
  const rules = deadlineRulesOf(builtinRules);
  expect(rules(apple)).toEqual(standardDeadlines);
  expect(rules({ ...apple, tokenType: 'CARD_ON_FILE', wallet: 'MRCHTOKEN' })).toEqual(abandoned);
});

it('an issuer’s own times are watched, whichever programme they are for', () => {
  const hour = 3_600_000;
  const policy = noticeRules(
    JSON.stringify({
      version: 'ours-1',
      rules: [
        { kind: 'TOKEN_UNUSED', programmes: ['gold'], send: true, after: ['3d'] },
        { kind: 'TOKEN_UNUSED', send: true, after: ['5d'] },
        { kind: 'PROVISIONING_UNFINISHED', send: false, because: 'The app reminds.' },
      ],
    }),
  );
  const rules = deadlineRulesOf(policy);
  expect(rules(apple)).toEqual([
    { purpose: 'TOKEN_UNUSED', afterMs: 3 * 24 * hour },
    { purpose: 'TOKEN_UNUSED', afterMs: 5 * 24 * hour },
    ...abandoned,
  ]);
  expect(rules(apple)).toBe(rules({ ...apple }));
});
