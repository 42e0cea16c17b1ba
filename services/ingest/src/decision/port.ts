/**
 * The decision port: where a network waits for the issuer's word, a door asks here and answers what it gets.
 * Behind it stands, for now, a configured policy (policy.ts) and nothing else. An authorization service will take its place without a door noticing.
 */
import type { Decision, TokenType } from '@tokenline/domain';

/**
 *   PROVISIONING         may this card become a token (MDES authorizeService, VTS approveProvisioning)
 *   ELIGIBILITY          may this card become a token at all, before the cardholder is asked (VTS checkEligibility)
 *   AUTHENTICATION       must the holder of a token that exists show that it is them (MDES requestActivationMethods after tokenization, VTS deviceBinding)
 *   ACTIVATION_METHODS   how the cardholder can be authenticated (MDES requestActivationMethods, VTS retrieveStepUpMethods)
 */
export const questions = ['PROVISIONING', 'ELIGIBILITY', 'AUTHENTICATION', 'ACTIVATION_METHODS'] as const;
export type Question = (typeof questions)[number];

export interface DecisionRequest {
  readonly question: Question;
  readonly network: 'MDES' | 'VTS';
  /** In clear, for the time of the call only: it goes into no log, error or answer. */
  readonly cardNumber?: string | undefined;
  readonly wallet?: string | undefined;
  readonly tokenRequestorId?: string | undefined;
  readonly tokenType?: TokenType | undefined;
  /** How the card came to the wallet, in the network's word: ACCOUNT_ADDED_MANUALLY, KEY_ENTERED … */
  readonly panSource?: string | undefined;
  /** The wallet's scores, 1 (worst) to 5. */
  readonly deviceScore?: number | undefined;
  readonly accountScore?: number | undefined;
  readonly phoneNumberScore?: number | undefined;
  /** What the wallet recommends. */
  readonly recommendation?: Decision | undefined;
  /** Why it does, in the network's words or codes. */
  readonly recommendationReasons?: readonly string[] | undefined;
}

/** A wallet's score as both networks write it; undefined when it is none. */
export function scoreOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-5]$/.test(text) ? Number(text) : undefined;
}

/** Ways to authenticate a cardholder, in the words facts use; each door has its network's word for them. */
export const methods = ['SMS', 'EMAIL', 'AUTOMATED_CALL', 'AGENT_CALL', 'WEBSITE', 'APP', 'VOICE_CALL'] as const;
export type Method = (typeof methods)[number];

export interface ActivationMethod {
  readonly method: Method;
  /** What the wallet shows: a masked number or address, a number to call, a web address. */
  readonly value: string;
}

export interface DecisionAnswer {
  readonly decision: Exclude<Decision, 'UNKNOWN'>;
  /** For AUTHENTICATE, and where methods were asked for. */
  readonly methods: readonly ActivationMethod[];
  /** For DECLINED: the network's word for why, where the policy has one. */
  readonly declineReason?: string;
  /** The network's id of card art and terms (MDES issuerProductConfigId, VTS profileID). */
  readonly productId?: string;
  /** Which rule decided; recorded beside the decision. */
  readonly rule: string;
}

export interface DecisionPort {
  /** Rejects when no decision can be had; the door then answers as for a fault of ours. */
  readonly decide: (request: DecisionRequest) => Promise<DecisionAnswer>;
}
