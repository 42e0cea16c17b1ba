/**
 * Which notice goes out, and how hard we try: policy as data.
 *
 *   document   what an issuer writes, and what stands built in (policy-text.ts, policy-builtin.ts): a version and a list of rules
 *   rule       for one kind of notice: whom it is for, and whether and how one is sent. The first rule that fits decides
 *   terms      how one notice is handled; kept with its ledger entry, so that a changed policy changes nothing that was promised
 *
 * An issuer's rules stand before the built-in ones: what they say nothing about stays as it was.
 */
import type { Network, TokenType } from '../generated/records.js';
import type { NoticeKind } from './kinds.js';
import type { QuietHours } from './quiet.js';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** How one notice is handled. All times in milliseconds. */
export interface NoticeTerms {
  /** Deadline, counted from the cause; left out where each notice has its own, or none. */
  readonly deadlineAfter?: number;
  /** After its deadline nothing is sent: the notice is called off. Otherwise it is sent late. */
  readonly endsAtDeadline: boolean;
  /** A cause that becomes known this long after it happened is old news: nothing is sent. Left out where the deadline sees to that. */
  readonly staleAfter?: number;
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
  /** Unsent this long after the cause, an alarm goes off: rising. */
  readonly alarms?: readonly number[];
  /** No other channels, and in this order; every one, in the usual order, when left out. */
  readonly channels?: readonly string[];
  readonly quietHours?: QuietHours;
}

/** Terms under the id of the rule that set them: `<version>/<name>`. */
export interface NoticePolicy extends NoticeTerms {
  readonly id: string;
}

/** Channels a policy may name. The local outbox is none: it stands in, in local mode, for what is not set up. */
export const policyChannels = ['push', 'smtp', 'sms', 'webhook', 'programme-webhook'] as const;

/** Kinds that come some time after their cause: a rule says after which. */
export const reminderKinds = ['PROVISIONING_UNFINISHED', 'TOKEN_UNUSED'] as const;
export type ReminderKind = (typeof reminderKinds)[number];

export function isReminder(kind: NoticeKind): kind is ReminderKind {
  return (reminderKinds as readonly string[]).includes(kind);
}

/** What is known of a token when a rule is looked for. */
export interface Concerned {
  readonly network?: Network | undefined;
  readonly tokenType?: TokenType | undefined;
  readonly wallet?: string | undefined;
  /** The issuer's programme its card belongs to, by the directory of cardholders. */
  readonly programme?: string | undefined;
}

/** All of a rule's conditions must hold; one on what is not known does not. */
export interface NoticeRule {
  readonly id: string;
  readonly kind: NoticeKind;
  readonly programmes?: readonly string[];
  readonly wallets?: readonly string[];
  /** UNKNOWN is a token whose type nobody reported. */
  readonly tokenTypes?: readonly TokenType[];
  readonly networks?: readonly Network[];
  /** Left out: no notice. */
  readonly terms?: NoticeTerms;
  /** Reminders only: how long after the request or the completion, rising. */
  readonly after?: readonly number[];
  readonly because?: string;
}

/** The rules in force, in order. */
export interface NoticeRules {
  /** Of the documents they come from. */
  readonly versions: readonly string[];
  readonly rules: readonly NoticeRule[];
}

/** `own` before `base`. */
export function laidBefore(own: NoticeRules, base: NoticeRules): NoticeRules {
  return { versions: [...own.versions, ...base.versions], rules: [...own.rules, ...base.rules] };
}

/** The rule for a notice of a kind, or undefined when there is none. */
export function ruleFor(kind: NoticeKind, token: Concerned, { rules }: NoticeRules): NoticeRule | undefined {
  return rules.find((rule) => rule.kind === kind && fitsToken(rule, token) && among(rule.programmes, token.programme));
}

/** The rules one of which decides, whatever programme the token's card belongs to. */
export function rulesWhateverProgramme(
  kind: NoticeKind,
  token: Omit<Concerned, 'programme'>,
  { rules }: NoticeRules,
): readonly NoticeRule[] {
  const fitting = rules.filter((rule) => rule.kind === kind && fitsToken(rule, token));
  const last = fitting.findIndex((rule) => rule.programmes === undefined);
  return last < 0 ? fitting : fitting.slice(0, last + 1);
}

/** Whether any rule asks for a token's programme. */
export function namesProgrammes({ rules }: NoticeRules): boolean {
  return rules.some((rule) => rule.programmes !== undefined);
}

export interface ReminderTime {
  readonly purpose: ReminderKind;
  /** Milliseconds after the request (PROVISIONING_UNFINISHED) or the completion (TOKEN_UNUSED). */
  readonly after: number;
}

/**
 * When somebody may have to be reminded: what a scheduler has to watch. With a token, the times of the rules that may decide about it, whatever its
 * programme; else those of all rules. Each once, by purpose and rising.
 */
export function reminderTimes(rules: NoticeRules, token?: Omit<Concerned, 'programme'>): readonly ReminderTime[] {
  return reminderKinds.flatMap((purpose) => {
    const asked =
      token === undefined
        ? rules.rules.filter((rule) => rule.kind === purpose)
        : rulesWhateverProgramme(purpose, token, rules);
    const times = asked.flatMap((rule) => (rule.terms === undefined ? [] : (rule.after ?? [])));
    return [...new Set(times)].sort((a, b) => a - b).map((after) => ({ purpose, after }));
  });
}

function fitsToken({ networks, tokenTypes, wallets }: NoticeRule, token: Omit<Concerned, 'programme'>): boolean {
  return (
    among(networks, token.network) && among(tokenTypes, token.tokenType ?? 'UNKNOWN') && among(wallets, token.wallet)
  );
}

function among(allowed: readonly string[] | undefined, value: string | undefined): boolean {
  return allowed === undefined || (value !== undefined && allowed.includes(value));
}

const patient = { first: 5 * second, factor: 2, longest: 15 * minute, longestWhenLate: 15 * minute } as const;

/** The obligation: `deadlineAfter` may be less, not more (policy-text.ts). */
const completionTerms = {
  deadlineAfter: 30 * minute,
  endsAtDeadline: false,
  staleAfter: 24 * hour,
  failuresBeforeNextChannel: 5,
  escalateAfter: 10 * minute,
  giveUpAfter: 24 * hour,
  retry: { first: 5 * second, factor: 2, longest: minute, longestWhenLate: 15 * minute },
  alarms: [10 * minute, 20 * minute],
} as const satisfies NoticeTerms;

/** Its deadline is the moment the code lapses (code.ts): it needs no staleness. */
const activationCodeTerms: NoticeTerms = {
  endsAtDeadline: true,
  failuresBeforeNextChannel: 3,
  escalateAfter: minute,
  giveUpAfter: 24 * hour,
  retry: { first: second, factor: 2, longest: 10 * second, longestWhenLate: 10 * second },
  alarms: [10 * minute, 20 * minute],
};

/** Nobody obliges anybody to these by a time. */
const otherTerms: NoticeTerms = {
  endsAtDeadline: false,
  staleAfter: 24 * hour,
  failuresBeforeNextChannel: 3,
  escalateAfter: 10 * minute,
  giveUpAfter: 24 * hour,
  retry: patient,
};

/** What holds for a kind as far as a rule says nothing else. */
export function usualTerms(kind: NoticeKind): NoticeTerms {
  switch (kind) {
    case 'PROVISIONING_COMPLETED':
      return completionTerms;
    case 'ACTIVATION_CODE':
      return activationCodeTerms;
    case 'TOKEN_SUSPENDED':
    case 'TOKEN_RESUMED':
    case 'TOKEN_DELETED':
    case 'PROVISIONING_UNFINISHED':
    case 'TOKEN_UNUSED':
      return otherTerms;
  }
}

/**
 * The policy a ledger entry was made under. One of before, which does not have its terms, was made under those its id named; an id nobody knows is a
 * completion's.
 */
export function noticePolicyOf(id: string | undefined, terms?: NoticeTerms): NoticePolicy {
  if (terms !== undefined) return { id: id ?? 'unnamed', ...terms };
  return id === activationCodePolicy.id ? activationCodePolicy : completionPolicy;
}

const { alarms: _completionAlarms, staleAfter: _completionStaleness, ...completionOfBefore } = completionTerms;
const { alarms: _codeAlarms, ...codeOfBefore } = activationCodeTerms;

/** The policies of entries that do not have their terms. Frozen: such entries stand in ledgers. */
export const completionPolicy = { id: 'completion/1', ...completionOfBefore } as const satisfies NoticePolicy;
export const activationCodePolicy: NoticePolicy = { id: 'activation-code/1', ...codeOfBefore };
