/** What Visa is told, by operation: decisions in its own codes, ways to authenticate, or nothing at all where it only tells us something. */
import { type Decision, type VtsOperation, vtsTokenTypeOf, vtsWalletOf } from '@tokenline/domain';
import type { Sealer } from '@tokenline/sealing';
import {
  type DecisionAnswer,
  type DecisionPort,
  type DecisionRequest,
  type Question,
  scoreOf,
} from '../../decision/port.js';
import type { SplitFields } from '../clear-fields.js';
import { type CardNames, type ContactParts, contactsOf, contactsWithinReach } from '../contacts.js';
import { json, type Reply } from '../door.js';
import { contactBy, stepUpMethods } from './step-up.js';

export interface AnswerParts extends ContactParts {
  readonly decisions: DecisionPort;
  readonly sealer: ContactParts['sealer'] & Pick<Sealer, 'digest'>;
}

/** The reply, and what of it belongs to the recorded message. */
export interface Answer extends SplitFields {
  readonly reply: Reply;
}

export interface Asked {
  readonly operation: VtsOperation;
  readonly fields: Readonly<Record<string, string>>;
  readonly card: CardNames;
}

const nothing: Reply = { status: 200, contentType: 'application/json; charset=utf-8', body: '' };
/** Reasons for which a merchant waits for the outcome. */
const liveReasons = ['TOKEN_DEVICE_BINDING', 'CARDHOLDER_STEPUP', 'TRUSTED_LISTING_ENROLLMENT'];
/** Of these, the ones nobody has asked us about before: a device binding has had its decision. */
const undecidedReasons = ['CARDHOLDER_STEPUP', 'TRUSTED_LISTING_ENROLLMENT'];
const refusedCode = '05';
const notEligible = 'ISE40011';

/** Decides, where Visa waits for a decision. Throws StoreUnavailable where the directory is needed and away. */
export async function answerTo(asked: Asked, parts: AnswerParts): Promise<Answer> {
  const { operation, fields } = asked;
  switch (operation) {
    case 'approveProvisioning': {
      const answer = await parts.decisions.decide(requestOf('PROVISIONING', asked));
      const actionCode = actionCodeOf(answer);
      const echoed = pick(fields, ['cvv2ResultsCode', 'addressVerificationResultCode']);
      return recorded(json(200, { actionCode, ...echoed }), answer, { actionCode });
    }
    case 'deviceBinding': {
      const answer = await parts.decisions.decide(requestOf('AUTHENTICATION', asked));
      const actionCode = actionCodeOf(answer);
      return recorded(json(200, { actionCode }), answer, { actionCode });
    }
    case 'checkEligibility': {
      const answer = await parts.decisions.decide(requestOf('ELIGIBILITY', asked));
      if (answer.decision === 'DECLINED') return recorded(json(200, { errorCode: notEligible }), answer);
      const { productId } = answer;
      return recorded(
        json(200, { cardMetadataInfo: {}, ...(productId !== undefined && { profileID: productId }) }),
        answer,
      );
    }
    case 'retrieveStepUpMethods':
      return offered(asked, parts);
    case 'sendPasscode':
      return addressed(asked, parts);
    case 'tokenChanged':
    case 'panNotification':
    case 'cardMetadataNotification':
    case 'pushProvisioningStatus':
      return { reply: nothing, clear: {}, sealed: {} };
  }
}

/** What is left to do about a message that is redriven: Visa no longer waits, but a passcode still goes its way. */
export async function lateAnswer(asked: Asked, parts: AnswerParts): Promise<Answer> {
  return asked.operation === 'sendPasscode' ? addressed(asked, parts) : { reply: nothing, clear: {}, sealed: {} };
}

async function offered(asked: Asked, parts: AnswerParts): Promise<Answer> {
  const { fields, card } = asked;
  const token = fields.tokenReferenceID ?? '';
  const reason = fields.otpReason?.toUpperCase() ?? '';
  const undecided = undecidedReasons.includes(reason);
  const answer = await parts.decisions.decide(requestOf(undecided ? 'AUTHENTICATION' : 'ACTIVATION_METHODS', asked));
  const responseCode = { APPROVED: 'APPROVED', AUTHENTICATE: 'STEPUP', DECLINED: 'DECLINED' }[answer.decision];
  const offers = answer.decision !== 'DECLINED' && !(undecided && answer.decision === 'APPROVED');
  const how = { passcodes: fields.otpMaxReached?.toLowerCase() !== 'true', live: liveReasons.includes(reason) };
  const methods = offers ? stepUpMethods(await contactsOf(card, parts), answer.methods, token, how, parts.sealer) : [];
  return recorded(json(200, { ...(undecided && { responseCode }), stepUpMethods: methods }), answer);
}

/** The passcode's way: by the method the identifier stands for. Without the directory it is taken all the same, and finds its way later. */
async function addressed({ fields, card }: Asked, parts: AnswerParts): Promise<Answer> {
  const contacts = await contactsWithinReach(card, parts);
  const { otpMethodIdentifier = '', tokenReferenceID = '' } = fields;
  const contact = contactBy(otpMethodIdentifier, contacts, tokenReferenceID, parts.sealer);
  return {
    reply: nothing,
    clear: contact === undefined ? {} : { 'answer.method': contact.method },
    sealed: contact === undefined ? {} : { 'answer.contact': contact.sealed },
  };
}

function recorded(
  reply: Reply,
  { decision, rule }: DecisionAnswer,
  more: Readonly<Record<string, string>> = {},
): Answer {
  const said = { decision, rule: rule.slice(0, 120), ...more };
  return {
    reply,
    clear: Object.fromEntries(Object.entries(said).map(([name, value]) => [`answer.${name}`, value])),
    sealed: {},
  };
}

/** 00 approve, 85 step up, else decline: with the policy's word where it is a code. */
function actionCodeOf({ decision, declineReason }: DecisionAnswer): string {
  if (decision === 'APPROVED') return '00';
  if (decision === 'AUTHENTICATE') return '85';
  const coded = declineReason !== undefined && /^[0-9A-Z]{2}$/.test(declineReason);
  return coded && declineReason !== '00' && declineReason !== '85' ? declineReason : refusedCode;
}

function requestOf(question: Question, { fields, card }: Asked): DecisionRequest {
  const risk = (name: string): string | undefined => fields[`encryptedData.riskInfo.${name}`];
  const type = fields['encryptedData.tokenInfo.tokenType'] ?? fields['tokenInfo.tokenType'];
  const requestor = fields.tokenRequestorID;
  return {
    question,
    network: 'VTS',
    cardNumber: card.number,
    wallet: requestor === undefined ? undefined : vtsWalletOf(requestor),
    tokenRequestorId: requestor,
    tokenType: type === undefined ? undefined : vtsTokenTypeOf(type),
    panSource: fields.panSource,
    deviceScore: scoreOf(risk('walletProviderDeviceScore')),
    accountScore: scoreOf(risk('walletProviderAccountScore')),
    recommendation: recommendationOf(risk('walletProviderRiskAssessment'), risk('visaTokenDecisioning')),
    recommendationReasons: risk('walletProviderReasonCodes')
      ?.split(',')
      .map((code) => code.trim())
      .filter((code) => code !== ''),
  };
}

const byWallet: Readonly<Record<string, Decision>> = { '0': 'APPROVED', '1': 'AUTHENTICATE', '2': 'DECLINED' };
const byVisa: Readonly<Record<string, Decision>> = { '00': 'APPROVED', '85': 'AUTHENTICATE', '05': 'DECLINED' };

/** The wallet's advice; Visa's own where the wallet gives none. */
function recommendationOf(wallet: string | undefined, visa: string | undefined): Decision | undefined {
  return byWallet[wallet ?? ''] ?? byVisa[visa ?? ''];
}

function pick(fields: Readonly<Record<string, string>>, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])));
}
