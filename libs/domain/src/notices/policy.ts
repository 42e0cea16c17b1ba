/**
 * Which notice goes out, and how hard we try: policy as data.
 *
 * Sources (domain pages beside the architecture):
 * - 30 minutes after successful provisioning and activation: Apple's requirement, relayed by Thredd in "Token Provisioning Message Flows" 7.5
 *   (visa-vts-and-thredd-ehi.md section 7, mastercard-mdes.md section 7). Apple's own page is not public and no rule was found for other
 *   wallets, so 30 minutes is the default for every device token, and a rule may say otherwise for a wallet.
 * - No notice for card-on-file and browser tokens: visa-vts-and-thredd-ehi.md 5.4 scenario 1 (`BW`/`CF`: "do not notify the cardholder") and
 *   section 7; mastercard-mdes.md section 7 (no notice for STATIC tokens).
 * - An activation code is of use while the cardholder waits at the wallet, and to nobody once it has lapsed (seeds/0, steps 16 and 17).
 */
import type { TokenType } from '../generated/records.js';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** How one notice is handled. All times in milliseconds. */
export interface NoticePolicy {
  /** Recorded in the ledger with every entry; a change of values takes a new id. */
  readonly id: string;
  /** Deadline, counted from the cause; left out where each notice has its own. */
  readonly deadlineAfter?: number;
  /** After its deadline nothing is sent: the notice is called off. Otherwise it is sent late. */
  readonly endsAtDeadline: boolean;
  /** Failures in a row on one channel before the next channel is tried. */
  readonly failuresBeforeNextChannel: number;
  /** From this long after the cause on, every failure moves to the next channel. */
  readonly escalateAfter: number;
  /** From this long after the notice became known on, no more attempts. */
  readonly giveUpAfter: number;
  readonly retry: {
    readonly first: number;
    readonly factor: number;
    readonly longest: number;
    /** Longest pause once the deadline has passed. */
    readonly longestWhenLate: number;
  };
}

/** A policy whose deadline is counted from the cause. */
export type TimedPolicy = NoticePolicy & { readonly deadlineAfter: number };

export const completionPolicy: TimedPolicy = {
  id: 'completion/1',
  deadlineAfter: 30 * minute,
  endsAtDeadline: false,
  failuresBeforeNextChannel: 5,
  escalateAfter: 10 * minute,
  giveUpAfter: 24 * hour,
  retry: { first: 5 * second, factor: 2, longest: minute, longestWhenLate: 15 * minute },
};

/** Its deadline is the moment the code lapses (code.ts). */
export const activationCodePolicy: NoticePolicy = {
  id: 'activation-code/1',
  endsAtDeadline: true,
  failuresBeforeNextChannel: 3,
  escalateAfter: minute,
  giveUpAfter: 24 * hour,
  retry: { first: second, factor: 2, longest: 10 * second, longestWhenLate: 10 * second },
};

/** One row of a policy table; the first row that fits decides. */
export interface CompletionRule {
  /** Wallets it is for; every one when left out. */
  readonly wallets?: readonly string[];
  /** Token types it is for; every one, an unknown one included, when left out. */
  readonly tokenTypes?: readonly TokenType[];
  /** Undefined: no notice. */
  readonly policy: TimedPolicy | undefined;
  readonly because: string;
}

/** A token whose type nobody reported counts as a device token: a notice too many is a smaller harm than an obligation missed. */
export const completionRules: readonly CompletionRule[] = [
  {
    tokenTypes: ['CARD_ON_FILE', 'BROWSER', 'OTHER'],
    policy: undefined,
    because: 'Only device tokens get a completion notice.',
  },
  {
    policy: completionPolicy,
    because: 'Within 30 minutes of provisioning and activation (Apple, relayed by Thredd).',
  },
];

/** The row for a token, or undefined when the table has none. */
export function completionRuleFor(
  token: { readonly wallet?: string | undefined; readonly tokenType?: TokenType | undefined },
  rules: readonly CompletionRule[],
): CompletionRule | undefined {
  return rules.find(
    (rule) =>
      (rule.wallets === undefined || (token.wallet !== undefined && rule.wallets.includes(token.wallet))) &&
      (rule.tokenTypes === undefined || rule.tokenTypes.includes(token.tokenType ?? 'UNKNOWN')),
  );
}

/** The policy a ledger entry names. An id from another release falls back to the completion default. */
export function noticePolicyOf(
  id: string | undefined,
  rules: readonly CompletionRule[] = completionRules,
): NoticePolicy {
  if (id === activationCodePolicy.id) return activationCodePolicy;
  return rules.find((rule) => rule.policy !== undefined && rule.policy.id === id)?.policy ?? completionPolicy;
}
