/**
 * The MDES mapper: one request of the pre-digitization API becomes the facts it states, or a rejection that names every fault.
 *
 *   authorizeService          PROVISIONING_REQUESTED with the decision we answered; without one where none is recorded
 *   deliverActivationCode     ACTIVATION_CODE_ISSUED, also after tokenization: the cardholder waits for this code too
 *   validateActivationCode    AUTHENTICATION_SUCCEEDED or _FAILED, by the result we answered
 *   notifyServiceActivated    DEVICE_PROVISIONED, with ACTIVE, at tokenActivatedDateTime. Where the issuer was never asked, the request before it
 *   notifyTokenUpdated        one fact for each token: updates.ts
 *   the others                NOTED
 *
 * Names: the token's reference, and the correlation id that a provisioning's messages share. A notice about a token never seen makes it known.
 */
import type { FactDraft, Mapping } from '../facts/draft.js';
import type { Device } from '../generated/records.js';
import { rejection, rejectionOf } from '../reasons.js';
import {
  activationFrom,
  cardFrom,
  decisionFrom,
  deviceFrom,
  instantFrom,
  type MdesMessage,
  namesFrom,
  type Reading,
  readingOf,
  requestIdFrom,
  tokenDataExpiry,
  tokenTypeFrom,
  walletFrom,
} from './message.js';
import { type MdesOperation, mdesOperations } from './operations.js';
import { updatesFrom } from './updates.js';
import { type MdesWallets, mdesWallets } from './vocabulary.js';

/** Name of the interface, in facts, messages and dead letters. */
export const mdesSource = 'mdes';

/** What distinguishes a fact; the rest is the same for all facts of a message. */
type Part = Pick<FactDraft, 'kind' | 'actor' | 'aliases'> &
  Partial<FactDraft> & {
    /** What tells the fact apart among those of its operation; the request id, when left out. */
    readonly identity?: string;
  };

/** `wallets` says which wallet an id of MDES stands for. */
export function mapMdes(message: MdesMessage, wallets: MdesWallets = mdesWallets): Mapping {
  const operation = mdesOperations.find((known) => known === message.operation);
  // The door knows no other operations; an adapter that writes messages itself might.
  if (operation === undefined) {
    return { ok: false, rejection: rejection('FIELD_INVALID', [{ path: 'operation', message: 'is not known' }]) };
  }
  const reading = readingOf(message, wallets);
  const requestId = requestIdFrom(reading);
  const parts = mappers[operation](reading, requestId ?? '');
  const [first, ...rest] = reading.read.faults;
  if (first !== undefined) return { ok: false, rejection: rejectionOf([first, ...rest]) };
  const { receivedAt } = message;
  return {
    ok: true,
    facts: parts.map(({ identity = requestId, ...fact }) => ({
      factId: `${mdesSource}:${operation}:${identity}`,
      network: 'MDES',
      occurredAt: receivedAt,
      occurredAtSource: fact.occurredAt === undefined ? 'RECEIVED' : 'SOURCE',
      receivedAt,
      source: mdesSource,
      sourceMessageId: requestId ?? '',
      ...fact,
    })),
  };
}

const info = 'fundingAccountInfo';
const reference = `${info}.tokenUniqueReference`;

const mappers: Readonly<Record<MdesOperation, (reading: Reading, requestId: string) => readonly Part[]>> = {
  authorizeService: (reading) => {
    const { read } = reading;
    read.required('services[0]');
    read.required('correlationId');
    return [
      {
        kind: 'PROVISIONING_REQUESTED',
        actor: 'TOKEN_REQUESTOR',
        aliases: namesFrom(reading, reference),
        decision: decisionFrom(reading, 'answer.decision'),
        reasonCode: read.text('answer.declineReasonCode'),
        ...tokenAttributes(reading),
      },
    ];
  },
  requestActivationMethods: (reading) => {
    const reasonCode = reading.read.text('reasonCodes[0]');
    const decision = decisionFrom(reading, 'answer.decision');
    return [noted(reading, reference, reasonCode, { decision, ...tokenAttributes(reading) })];
  },
  deliverActivationCode: (reading) => {
    const { read } = reading;
    read.required('correlationId');
    read.required('tokenUniqueReference');
    return [
      {
        kind: 'ACTIVATION_CODE_ISSUED',
        actor: 'NETWORK',
        aliases: namesFrom(reading, 'tokenUniqueReference'),
        reasonCode: read.text('reasonCodes[0]'),
        activation: activationFrom(reading),
        device: ownDevice(reading),
      },
    ];
  },
  validateActivationCode: (reading) => {
    const { read } = reading;
    read.required('correlationId');
    read.required('tokenUniqueReference');
    const result = read.text('answer.result');
    return [
      {
        kind:
          result === 'SUCCESS' ? 'AUTHENTICATION_SUCCEEDED' : result === undefined ? 'NOTED' : 'AUTHENTICATION_FAILED',
        actor: 'CARDHOLDER',
        aliases: namesFrom(reading, 'tokenUniqueReference'),
        reasonCode: result,
      },
    ];
  },
  notifyServiceActivated: (reading) => {
    const { read } = reading;
    read.required('correlationId');
    const tur = read.required(reference);
    const occurredAt = instantFrom(reading, 'tokenActivatedDateTime', true);
    const requestedAt = instantFrom(reading, 'serviceRequestDateTime');
    const decision = decisionFrom(reading, 'decision');
    if (decision === 'DECLINED') read.fault('FIELD_INVALID', 'decision', 'is DECLINED for a token that was activated');
    const aliases = namesFrom(reading, reference);
    const attributes = tokenAttributes(reading);
    const activated: Part = {
      // The same activation told under another request id is the same fact.
      identity: `${tur}:${occurredAt}`,
      kind: 'DEVICE_PROVISIONED',
      actor: 'NETWORK',
      aliases,
      reportedStatus: 'ACTIVE',
      ...(occurredAt !== undefined && { occurredAt }),
      ...attributes,
      tokenExpiry: tokenDataExpiry(reading, info),
      tokenPanSealed: read.sealed(`${info}.fundingAccountData.tokenData.token`),
    };
    const unasked = ['ELIGIBILITY_REQUEST', 'RULES'].includes(read.text('decisionMadeBy')?.toUpperCase() ?? '');
    if (!unasked || requestedAt === undefined || decision === undefined) return [activated];
    const { device: _device, ...asked } = attributes;
    const request: Part = {
      identity: `${tur}:requested`,
      kind: 'PROVISIONING_REQUESTED',
      actor: 'NETWORK',
      aliases,
      decision,
      occurredAt: requestedAt,
      ...asked,
    };
    return [request, activated];
  },
  notifyTokenUpdated: (reading, requestId) =>
    updatesFrom(reading).map((update, i) => ({ ...update, identity: `${requestId}:${i}` })),
  notifySuspiciousEvents: (reading) => {
    reading.read.required('tokenUniqueReference');
    return [noted(reading, 'tokenUniqueReference', reading.read.text('events[0].eventName'))];
  },
  getAccountInformation: (reading) => {
    const { read } = reading;
    const path = read.text(reference) === undefined ? 'tokenUniqueReference' : reference;
    // Asked of a card, not of a token, it states nothing about any.
    if (read.text(path) === undefined && read.sealed(path) === undefined) return [];
    return [noted(reading, path, undefined)];
  },
};

function noted(reading: Reading, path: string, reasonCode: string | undefined, more: Partial<FactDraft> = {}): Part {
  return { kind: 'NOTED', actor: 'UNKNOWN', aliases: namesFrom(reading, path), reasonCode, ...more };
}

/** What a message about digitization tells of its token; all of them must say its type. */
function tokenAttributes(reading: Reading) {
  return {
    tokenType: tokenTypeFrom(reading),
    wallet: walletFrom(reading),
    tokenRequestorId: reading.read.text('tokenRequestorId'),
    device: ownDevice(reading),
    card: cardFrom(reading, info),
  };
}

/** Once the token exists, and only then is there a reason code, a request may come from another device than its own (mastercard-mdes.md 1.8, 5). */
function ownDevice(reading: Reading): Device | undefined {
  return reading.read.text('reasonCodes[0]') === undefined ? deviceFrom(reading) : undefined;
}
