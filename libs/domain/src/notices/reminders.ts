/** The deadlines the lifecycle service watches under a notice policy: its reminders, and the end of a provisioning nobody finishes. */
import { type DeadlineRule, type DeadlineRules, standardDeadlines } from '../lifecycle/deadlines.js';

import { type NoticeRules, reminderTimes } from './policy.js';

/** Whatever wallets call themselves, this many answers are kept. */
const mostKept = 1_000;

/** For each token the times of every rule that may decide about it, whatever its programme. */
export function deadlineRulesOf(policy: NoticeRules): DeadlineRules {
  const always = standardDeadlines.filter(({ purpose }) => purpose === 'TOKEN_ABANDONED');
  const kept = new Map<string, readonly DeadlineRule[]>();
  return ({ network, tokenType, wallet }) => {
    const key = JSON.stringify([network, tokenType, wallet]);
    const known = kept.get(key);
    if (known !== undefined) return known;
    const reminders = reminderTimes(policy, { network, tokenType, wallet });
    const rules = [...reminders.map(({ purpose, after }) => ({ purpose, afterMs: after })), ...always];
    if (kept.size >= mostKept) kept.clear();
    kept.set(key, rules);
    return rules;
  };
}
