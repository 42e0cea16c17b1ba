/**
 * The CONFIGURED POLICY behind the decision port: a list of rules, of which the first that fits decides. It stands in for an authorization
 * service: it knows the card's range and what the network sent, and nothing of account, balance or fraud.
 *
 * Text form (TOKENLINE_DECISION_POLICY names the file):
 *   {"rules": [{"name": "…", "when": {…}, "decision": "APPROVED" | "AUTHENTICATE" | "DECLINED", "declineReason"?, "productId"?}],
 *    "otherwise": {"decision": …}, "methods": [{"method": "SMS", "value": "…"}]}
 * All of a rule's conditions must hold; a condition on what the network did not send does not. The methods go with every AUTHENTICATE.
 */
import {
  type Decision,
  type Fault,
  type JsonReader,
  readObject,
  rejectionOf,
  type TokenType,
  tokenTypeSymbols,
} from '@tokenline/domain';
import {
  type ActivationMethod,
  type DecisionAnswer,
  type DecisionPort,
  type DecisionRequest,
  methods,
  questions,
} from './port.js';

export interface Conditions {
  readonly networks?: readonly string[] | undefined;
  readonly questions?: readonly string[] | undefined;
  /** First digits of the card number, 4 to 11: an account range. */
  readonly accountRanges?: readonly string[] | undefined;
  readonly wallets?: readonly string[] | undefined;
  readonly tokenRequestorIds?: readonly string[] | undefined;
  readonly tokenTypes?: readonly TokenType[] | undefined;
  readonly panSources?: readonly string[] | undefined;
  /** Holds for a score that is lower. */
  readonly deviceScoreBelow?: number | undefined;
  readonly accountScoreBelow?: number | undefined;
  readonly phoneNumberScoreBelow?: number | undefined;
  readonly recommendations?: readonly Decision[] | undefined;
  /** Holds when the wallet gives one of these reasons. */
  readonly recommendationReasons?: readonly string[] | undefined;
}

export interface Verdict {
  readonly decision: DecisionAnswer['decision'];
  readonly declineReason?: string | undefined;
  readonly productId?: string | undefined;
}

export interface Rule extends Verdict {
  readonly name: string;
  readonly when: Conditions;
}

export interface Policy {
  readonly rules: readonly Rule[];
  readonly otherwise: Verdict;
  readonly methods: readonly ActivationMethod[];
}

/** Without a file: a card its own wallet advises against is declined, every other one needs its holder's authentication. Nothing is ever approved unseen. */
export const safePolicy: Policy = {
  rules: [{ name: 'the wallet advises against', when: { recommendations: ['DECLINED'] }, decision: 'DECLINED' }],
  otherwise: { decision: 'AUTHENTICATE' },
  methods: [{ method: 'SMS', value: '### ####' }],
};

/** The text of a policy is unusable. The message names each field at fault. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

/** A decision port that answers by a policy alone. */
export function configuredPolicy(policy: Policy): DecisionPort {
  return {
    decide: async (request) => {
      const rule = policy.rules.find(({ when }) => fits(when, request));
      const { decision, declineReason, productId } = rule ?? policy.otherwise;
      const offers = decision === 'AUTHENTICATE' || request.question === 'ACTIVATION_METHODS';
      return {
        decision,
        methods: offers && decision !== 'DECLINED' ? policy.methods : [],
        ...(decision === 'DECLINED' && declineReason !== undefined && { declineReason }),
        ...(productId !== undefined && { productId }),
        rule: rule?.name ?? 'otherwise',
      };
    },
  };
}

function fits(when: Conditions, request: DecisionRequest): boolean {
  const among = (allowed: readonly string[] | undefined, value: string | undefined): boolean =>
    allowed === undefined || (value !== undefined && allowed.includes(value));
  const below = (limit: number | undefined, score: number | undefined): boolean =>
    limit === undefined || (score !== undefined && score < limit);
  const { cardNumber, recommendationReasons: reasons = [] } = request;
  return (
    among(when.networks, request.network) &&
    among(when.questions, request.question) &&
    (when.accountRanges === undefined || when.accountRanges.some((range) => cardNumber?.startsWith(range) === true)) &&
    among(when.wallets, request.wallet) &&
    among(when.tokenRequestorIds, request.tokenRequestorId) &&
    among(when.tokenTypes, request.tokenType) &&
    among(when.panSources, request.panSource) &&
    below(when.deviceScoreBelow, request.deviceScore) &&
    below(when.accountScoreBelow, request.accountScore) &&
    below(when.phoneNumberScoreBelow, request.phoneNumberScore) &&
    among(when.recommendations, request.recommendation) &&
    (when.recommendationReasons === undefined || when.recommendationReasons.some((reason) => reasons.includes(reason)))
  );
}

const decisions = ['APPROVED', 'AUTHENTICATE', 'DECLINED'] as const;
const tokenTypes = tokenTypeSymbols.filter((type) => type !== 'UNKNOWN');

/** Reads the text form. Throws PolicyError. */
export function parsePolicy(text: string): Policy {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PolicyError('The decision policy is not JSON.');
  }
  const faults: Fault[] = [];
  const read = readObject(value, '', faults);
  const policy = read === undefined ? undefined : policyFrom(read);
  read?.done();
  const [first, ...rest] = faults;
  if (first !== undefined) {
    const { errors } = rejectionOf([first, ...rest]);
    const said = errors.map(({ path, message }) => `${path === '' ? 'it' : path} ${message}`);
    throw new PolicyError(`The decision policy is refused: ${said.join('; ')}.`);
  }
  if (policy === undefined) throw new PolicyError('The decision policy is refused.');
  return policy;
}

function policyFrom(read: JsonReader): Policy {
  const rules = read.objects('rules').map((rule) => {
    const name = rule.requiredText('name') ?? '';
    const when = rule.object('when');
    if (when === undefined && !rule.has('when')) rule.fault('FIELD_MISSING', 'when', 'is missing');
    const conditions = when === undefined ? {} : conditionsFrom(when);
    return { name, when: conditions, ...verdictFrom(rule) };
  });
  const otherwise = read.object('otherwise');
  if (otherwise === undefined && !read.has('otherwise')) read.fault('FIELD_MISSING', 'otherwise', 'is missing');
  const offered = read.objects('methods').map((item) => {
    const method = item.word('method', methods);
    if (!item.has('method')) item.fault('FIELD_MISSING', 'method', 'is missing');
    const value = item.requiredText('value') ?? '';
    item.done();
    return { method: method ?? 'SMS', value };
  });
  return {
    rules,
    otherwise: otherwise === undefined ? { decision: 'DECLINED' } : verdictFrom(otherwise),
    methods: offered,
  };
}

function verdictFrom(read: JsonReader): Verdict {
  const decision = read.word('decision', decisions);
  if (!read.has('decision')) read.fault('FIELD_MISSING', 'decision', 'is missing');
  const verdict = {
    decision: decision ?? 'DECLINED',
    declineReason: read.text('declineReason'),
    productId: read.text('productId'),
  };
  read.done();
  return verdict;
}

function conditionsFrom(read: JsonReader): Conditions {
  const accountRanges = read.texts('accountRanges');
  for (const [i, range] of (accountRanges ?? []).entries()) {
    if (!/^\d{4,11}$/.test(range)) read.fault('FIELD_INVALID', `accountRanges[${i}]`, 'is not 4 to 11 digits');
  }
  const score = (name: string): number | undefined => {
    const text = read.text(name);
    if (text === undefined) return undefined;
    return /^[1-6]$/.test(text) ? Number(text) : read.fault('FIELD_INVALID', name, 'is not a whole number from 1 to 6');
  };
  const conditions = {
    networks: read.words('networks', ['MDES', 'VTS']),
    questions: read.words('questions', questions),
    accountRanges,
    wallets: read.texts('wallets'),
    tokenRequestorIds: read.texts('tokenRequestorIds'),
    tokenTypes: read.words('tokenTypes', tokenTypes),
    panSources: read.texts('panSources'),
    deviceScoreBelow: score('deviceScoreBelow'),
    accountScoreBelow: score('accountScoreBelow'),
    phoneNumberScoreBelow: score('phoneNumberScoreBelow'),
    recommendations: read.words('recommendations', decisions),
    recommendationReasons: read.texts('recommendationReasons'),
  };
  read.done();
  return conditions;
}
