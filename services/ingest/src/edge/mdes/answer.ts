/** What MDES is told: each operation's own response (mastercard-mdes.md 1.7 to 1.9). Where MDES waits for a decision, the decision port's. */

import { type FactDraft, type MdesOperation, mdesDecision, mdesDecisionWords } from '@tokenline/domain';
import { type MdesKeys, sealMdes } from '@tokenline/envelopes';
import {
  type ActivationMethod,
  type DecisionPort,
  type DecisionRequest,
  type Method,
  type Question,
  scoreOf,
} from '../../decision/port.js';
import { type ContactParts, contactsWithinReach } from '../contacts.js';

export interface MdesAnswer {
  readonly body: Readonly<Record<string, unknown>>;
  /** What of it is recorded with the message, so that a replay gives the same facts. */
  readonly recorded: Readonly<Record<string, string>>;
}

/** A request that was read, and the fact it would be without an answer. */
export interface Asked {
  readonly operation: MdesOperation;
  readonly responseId: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly cardNumber: string | undefined;
  readonly fact: FactDraft | undefined;
}

export interface MdesAnswerParts extends ContactParts {
  readonly decisions: DecisionPort;
}

const methodTypes: Readonly<Record<Method, string>> = {
  SMS: 'TEXT_TO_CARDHOLDER_NUMBER',
  EMAIL: 'EMAIL_TO_CARDHOLDER_ADDRESS',
  AUTOMATED_CALL: 'CARDHOLDER_TO_CALL_AUTOMATED_NUMBER',
  AGENT_CALL: 'CARDHOLDER_TO_CALL_MANNED_NUMBER',
  WEBSITE: 'CARDHOLDER_TO_VISIT_WEBSITE',
  APP: 'CARDHOLDER_TO_USE_MOBILE_APP',
  VOICE_CALL: 'ISSUER_TO_CALL_CARDHOLDER_NUMBER',
};

/** MDES' words for a declined request; a policy may hold Visa's codes too. */
const declineReasons: readonly string[] = [
  'LOST',
  'EXPIRED',
  'RESTRICTED',
  'SEC_VIOLATION',
  'CRYPTO_FAIL',
  'UNACCEPTABLE_PIN',
  'EXCEEDS_PIN_TRIES',
  'STOLEN',
  'INVAL_CARD',
  'CLOSED_ACCOUNT',
  'INVAL_ACCT',
  'INVAL_PIN',
  'RCVR_NOTPERM',
  'SNDR_NOTPERM',
  'EXCEEDS_CNT',
  'DO_NOT_HONOR',
];
/** Visa's ids of card art are longer. */
const longestProductId = 10;

/** Rejects when the decision port does. */
export async function mdesAnswer(
  asked: Asked,
  keys: Pick<MdesKeys, 'mastercard'>,
  parts: MdesAnswerParts,
): Promise<MdesAnswer> {
  const { responseId, fields } = asked;
  const { decisions } = parts;
  switch (asked.operation) {
    case 'authorizeService': {
      const answer = await decisions.decide(decisionRequest(asked, 'PROVISIONING'));
      const { decision } = answer;
      const declineReason = declineReasons.find((word) => word === answer.declineReason);
      const productId = (answer.productId?.length ?? 0) <= longestProductId ? answer.productId : undefined;
      const activationMethods = await offered(answer.methods, asked, parts);
      return {
        body: {
          responseId,
          services: servicesOf(fields),
          decision: mdesDecisionWords[decision],
          // None now may still become some when MDES asks for them by themselves.
          ...(decision === 'AUTHENTICATE' && activationMethods.length > 0 && { activationMethods }),
          ...(productId !== undefined && { issuerProductConfigId: productId }),
          ...(declineReason !== undefined && { declineReasonCode: declineReason }),
        },
        recorded: {
          'answer.decision': mdesDecisionWords[decision],
          'answer.rule': answer.rule,
          ...(declineReason !== undefined && { 'answer.declineReasonCode': declineReason }),
        },
      };
    }
    case 'requestActivationMethods': {
      // With reasons it asks about a token that exists, without about one on its way.
      const after = fields['reasonCodes[0]'] !== undefined;
      const answer = await decisions.decide(decisionRequest(asked, after ? 'AUTHENTICATION' : 'ACTIVATION_METHODS'));
      const activationMethods = await offered(answer.methods, asked, parts);
      const decision = mdesDecisionWords[answer.decision];
      return {
        body: { responseId, activationMethods, ...(after && { authenticationDecision: decision }) },
        recorded: { ...(after && { 'answer.decision': decision }), 'answer.rule': answer.rule },
      };
    }
    case 'validateActivationCode':
      // MDES asks this of issuers that make the codes themselves. We make none, so there is none that could still be good.
      return { body: { responseId, result: 'EXPIRED_CODE' }, recorded: { 'answer.result': 'EXPIRED_CODE' } };
    case 'getAccountInformation': {
      // Nothing here knows accounts. UNKNOWN is the documented word for that.
      const encryptedPayload = sealMdes(JSON.stringify({ accountStatus: 'UNKNOWN' }), keys.mastercard);
      return { body: { responseId, encryptedPayload }, recorded: {} };
    }
    case 'deliverActivationCode':
    case 'notifyServiceActivated':
    case 'notifyTokenUpdated':
    case 'notifySuspiciousEvents':
      return { body: { responseId }, recorded: {} };
  }
}

const longestValue = 64;

/**
 * The methods of the decision in MDES' words. A message goes to the contact known of the card, shown masked; where none is known, or the
 * directory does not answer, the policy's own text stands there.
 */
async function offered(
  methods: readonly ActivationMethod[],
  { cardNumber }: Asked,
  parts: MdesAnswerParts,
): Promise<readonly { readonly type: string; readonly value: string }[]> {
  const messages = methods.some(({ method }) => method === 'SMS' || method === 'EMAIL');
  const known = messages ? await contactsWithinReach({ number: cardNumber }, parts) : [];
  return methods.map(({ method, value }) => ({
    type: methodTypes[method],
    value: (known.find((contact) => contact.method === method)?.masked ?? value).slice(0, longestValue),
  }));
}

function decisionRequest({ fields, fact, cardNumber }: Asked, question: Question): DecisionRequest {
  const at = question === 'PROVISIONING' ? 'walletProviderDecisioningInfo' : 'tokenRequestorDecisioningInfo';
  const score = (name: string) => scoreOf(fields[`${at}.${name}`]);
  return {
    question,
    network: 'MDES',
    cardNumber,
    wallet: fact?.wallet,
    tokenRequestorId: fields.tokenRequestorId,
    tokenType: fact?.tokenType,
    panSource: fields['fundingAccountInfo.fundingAccountData.source'],
    deviceScore: score('deviceScore'),
    accountScore: score('accountScore'),
    phoneNumberScore: score('phoneNumberScore'),
    recommendation: mdesDecision(fields[`${at}.recommendedDecision`] ?? ''),
    recommendationReasons: listOf(fields, `${at}.recommendationReasons`),
  };
}

/** Of the services asked for, those an issuer grants: digitization is the only one. */
function servicesOf(fields: Readonly<Record<string, string>>): readonly string[] {
  return listOf(fields, 'services').filter((service) => service === 'DIGITIZATION');
}

function listOf(fields: Readonly<Record<string, string>>, path: string): readonly string[] {
  const list: string[] = [];
  for (let i = 0; ; i++) {
    const item = fields[`${path}[${i}]`];
    if (item === undefined) return list;
    list.push(item);
  }
}
