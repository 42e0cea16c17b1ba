/**
 * The VTS mapper: one message of Visa's issuer API becomes one fact about its token, or a rejection that names every fault. Messages about a card
 * or a push session, which name no token, become none: they stay in tsp.inbound.
 *
 * Times. What Visa notifies carries dateTimeOfEvent, to the millisecond, in UTC. A request carries no time of its own; its signature does (iat),
 * by the same clock, and that is the fact's time. Only a request without an envelope (device binding) is dated by our receipt. So facts of one token
 * stand in the order of Visa's clock, and a TOKEN_CREATED that comes late takes its place before what it preceded.
 *
 * Identity of a message. Its eventID, where Visa sends one; else what tells it apart, in the order listed by messageIdOf. Copies of a request are the
 * same message as long as they got the same answer.
 */
import type { FactDraft, Mapping } from '../facts/draft.js';
import { type Dated, validAt } from '../facts/validity.js';
import type { Alias, Card, Device, Party, TokenStatus } from '../generated/records.js';
import { canonicalAlias } from '../identity/alias.js';
import { type Fault, rejection, rejectionOf } from '../reasons.js';
import { type VtsReason, vtsBindingReasons, vtsKindOf, vtsReasonOf } from './events.js';
import { readVts, type VtsMessage, type VtsOperation, type VtsReader, vtsOperations, vtsSource } from './message.js';
import {
  decisionOfAction,
  endOfMonth,
  vtsDeviceTypeOf,
  vtsStatusOf,
  vtsTokenTypeOf,
  vtsWalletOf,
} from './vocabulary.js';

type TokenOperation = Exclude<VtsOperation, 'panNotification' | 'pushProvisioningStatus'>;

/** What one operation asserts, beside what all of them tell. */
type Assertion = Pick<FactDraft, 'kind'> &
  Partial<Pick<FactDraft, 'actor' | 'decision' | 'responseCode' | 'reasonCode' | 'activation' | 'reportedStatus'>> & {
    /** Parts of the message's identity. */
    readonly id: readonly (string | undefined)[];
  };

type Version = (read: VtsReader, operation: TokenOperation, message: VtsMessage) => FactDraft | undefined;

/** The meanings of VTS' codes have not changed on a date known here. When they do, their table gets a second version. */
const versions: readonly Dated<Version>[] = [{ validFrom: Number.NEGATIVE_INFINITY, value: factOf }];

export function mapVts(message: VtsMessage): Mapping {
  const operation = vtsOperations.find((known) => known === message.operation);
  if (operation === undefined) return { ok: false, rejection: rejection('UNKNOWN_OPERATION') };
  if (operation === 'panNotification' || operation === 'pushProvisioningStatus')
    return aboutNoToken(operation, message);
  const read = readVts(message);
  const fact = validAt(versions, message.receivedAt)(read, operation, message);
  return fact === undefined ? refusal(read) : { ok: true, facts: [fact] };
}

function aboutNoToken(operation: 'panNotification' | 'pushProvisioningStatus', message: VtsMessage): Mapping {
  const read = readVts(message);
  if (operation === 'pushProvisioningStatus') read.required('status');
  else {
    read.required('dateTimeOfEvent');
    read.instant('dateTimeOfEvent');
  }
  return read.faults.length === 0 ? { ok: true, facts: [] } : refusal(read);
}

function refusal({ faults }: VtsReader): Mapping {
  const [first, ...rest] = faults as [Fault, ...Fault[]];
  if (first === undefined) throw new Error('A message without faults gave no fact.');
  return { ok: false, rejection: rejectionOf([first, ...rest]) };
}

const reference = { form: /^[\w-]{1,32}$/, fault: 'is not a reference of up to 32 letters and digits' };
const requestor = { form: /^\d{1,11}$/, fault: 'is not a number of up to 11 digits' };
const trace = { form: /^\d{1,15}$/, fault: 'is not a number of up to 15 digits' };
const code = { form: /^[0-9A-Za-z]{1,4}$/, fault: 'is not a code of up to 4 letters and digits' };

function factOf(read: VtsReader, operation: TokenOperation, message: VtsMessage): FactDraft | undefined {
  const tokenReference = read.required('tokenReferenceID', reference);
  const tokenRequestorId = read.shaped('tokenRequestorID', requestor);
  const lifecycleTrace = read.shaped('lifeCycleTraceID', trace);
  const reportedStatus = statusFrom(read);
  const happened = occurrence(read, operation);
  const { id, ...assertion } = assertionOf(read, operation, reportedStatus, happened ?? message.receivedAt);
  const aliases = namesFrom(tokenReference, lifecycleTrace);
  if (tokenReference !== undefined && aliases.length === 0) {
    read.fault('NO_TOKEN_NAME', 'tokenReferenceID', 'is a placeholder, and there is no lifeCycleTraceID');
  }
  const tokenExpiry = expiryFrom(read);
  const eventId = read.shaped('eventID', reference);
  if (read.faults.length > 0) return undefined;
  const sourceMessageId =
    eventId === undefined
      ? [operation, tokenReference, ...id].map((part) => part ?? '-').join(':')
      : `event:${eventId}`;
  const tokenType = read.text('encryptedData.tokenInfo.tokenType', 'tokenInfo.tokenType');
  return {
    factId: `${vtsSource}:${sourceMessageId}`,
    network: 'VTS',
    occurredAt: happened ?? message.receivedAt,
    occurredAtSource: happened === undefined ? 'RECEIVED' : 'SOURCE',
    receivedAt: message.receivedAt,
    source: vtsSource,
    sourceMessageId,
    actor: 'UNKNOWN',
    reportedStatus,
    tokenType: tokenType === undefined ? undefined : vtsTokenTypeOf(tokenType),
    wallet: tokenRequestorId === undefined ? undefined : vtsWalletOf(tokenRequestorId),
    tokenRequestorId,
    ...devicesOf(read, operation, assertion),
    card: cardFrom(read),
    tokenExpiry,
    aliases,
    tokenPanSealed: read.sealed('encryptedData.tokenInfo.token'),
    ...assertion,
  };
}

/** Visa's clock: the time of the event, or of the signature. Undefined where there is neither. */
function occurrence(read: VtsReader, operation: TokenOperation): number | undefined {
  if (operation !== 'tokenChanged') return read.instant('envelope.issuedAt');
  return read.required('dateTimeOfEvent') === undefined ? undefined : read.instant('dateTimeOfEvent');
}

/** The device bound or let go, with its slot (deviceIndex); of any other message the device the token lives on. */
function devicesOf(
  read: VtsReader,
  operation: TokenOperation,
  { kind, reasonCode }: Pick<Assertion, 'kind' | 'reasonCode'>,
): Pick<FactDraft, 'device' | 'bindingId'> {
  if (kind === 'DEVICE_BOUND' || kind === 'DEVICE_UNBOUND')
    return { device: deviceFrom(read), bindingId: read.text('deviceInfo.deviceIndex') };
  return { device: tellsOwnDevice(operation, reasonCode) ? deviceFrom(read) : undefined };
}

/** Requests about a token that exists may come from another device than its own; so may the result of a binding that did not come about. */
function tellsOwnDevice(operation: TokenOperation, reasonCode: string | undefined): boolean {
  if (operation === 'tokenChanged') return !vtsBindingReasons.includes(reasonCode);
  return operation === 'checkEligibility' || operation === 'approveProvisioning';
}

function assertionOf(
  read: VtsReader,
  operation: TokenOperation,
  reportedStatus: TokenStatus | undefined,
  happened: number,
): Assertion {
  const at = new Date(happened).toISOString();
  switch (operation) {
    case 'approveProvisioning': {
      // A redriven request has no answer: Visa was told of an error and decided by itself.
      const responseCode = read.shaped('answer.actionCode', code);
      return {
        kind: 'PROVISIONING_REQUESTED',
        actor: 'TOKEN_REQUESTOR',
        decision: responseCode === undefined ? undefined : decisionOfAction(responseCode),
        responseCode,
        id: [responseCode],
      };
    }
    case 'sendPasscode':
      return passcode(read);
    case 'tokenChanged':
      return notification(read, reportedStatus, at);
    case 'checkEligibility':
      return { kind: 'NOTED', actor: 'TOKEN_REQUESTOR', reasonCode: 'CHECK_ELIGIBILITY', id: [at] };
    case 'retrieveStepUpMethods':
      return { kind: 'NOTED', actor: 'TOKEN_REQUESTOR', reasonCode: read.required('otpReason'), id: [at] };
    case 'deviceBinding':
      return {
        kind: 'NOTED',
        actor: 'TOKEN_REQUESTOR',
        reasonCode: 'TOKEN_DEVICE_BINDING_REQUEST',
        responseCode: read.shaped('answer.actionCode', code),
        id: [at],
      };
    case 'cardMetadataNotification': {
      const statusCode = read.required('statusCode');
      const reasonCode = read.text('errorCode') ?? statusCode;
      return { kind: 'NOTED', actor: 'NETWORK', reasonCode, id: [read.text('taskID'), statusCode] };
    }
  }
}

/** A passcode Visa made and we deliver. It changes nothing about the token. */
function passcode(read: VtsReader): Assertion {
  const expires = read.required('otpExpirationDate') === undefined ? undefined : read.instant('otpExpirationDate');
  const identifier = read.required('otpMethodIdentifier');
  if (read.sealed('otpValue') === undefined) read.fault('FIELD_MISSING', 'otpValue', 'is missing or blank');
  return {
    kind: 'ACTIVATION_CODE_ISSUED',
    actor: 'NETWORK',
    activation: {
      method: read.text('answer.method'),
      codeSealed: read.sealed('otpValue'),
      contactSealed: read.sealed('answer.contact'),
      expiresAt: expires,
    },
    id: [identifier, expires === undefined ? undefined : new Date(expires).toISOString()],
  };
}

/** Everything that comes by tokenChanged, told apart by what it says rather than by eventType, of which only two values are known. */
function notification(read: VtsReader, reportedStatus: TokenStatus | undefined, at: string): Assertion {
  const actionCode = read.shaped('actionCode', code);
  const standIn = read.text('stipReasonCode');
  if (standIn !== undefined) {
    const answered = actionCode ?? read.required('visaTokenDecisioning', code);
    return {
      kind: 'PROVISIONING_REQUESTED',
      actor: 'NETWORK',
      decision: answered === undefined ? undefined : decisionOfAction(answered),
      responseCode: answered,
      reasonCode: standIn,
      // It precedes the token, as every request does.
      reportedStatus: undefined,
      id: ['STAND_IN', at],
    };
  }
  const created = read.text('eventType')?.toUpperCase() === 'TOKEN_CREATED';
  const sent = created ? read.text('messageReasonCode') : read.required('messageReasonCode');
  const reason = reasonFrom(read, sent, created);
  const activation = read.text('activationVerificationResult');
  const kind = vtsKindOf(
    reason,
    { actionCode, activation, binding: read.text('deviceBindingResult') },
    reportedStatus !== undefined,
  );
  return {
    kind,
    actor: actorOf(reason),
    responseCode: actionCode,
    reasonCode: kind === 'AUTHENTICATION_FAILED' ? (activation ?? reason) : (reason ?? sent),
    id: [reason ?? sent, at],
  };
}

/** messageReason is text for people; it is believed where it is one of Visa's symbols and the code is none known here. */
function reasonFrom(read: VtsReader, sent: string | undefined, created: boolean): VtsReason | undefined {
  const told = read.text('messageReason');
  return (
    (sent === undefined ? undefined : vtsReasonOf(sent)) ??
    (told === undefined ? undefined : vtsReasonOf(told)) ??
    (created ? 'TOKEN_CREATED' : undefined)
  );
}

/** VTS does not say who caused an event; some reasons can have one cause only. */
function actorOf(reason: VtsReason | undefined): Party {
  return reason === 'CALL_CENTER_ACTIVATION' ? 'ISSUER' : 'UNKNOWN';
}

/** The rungs of the alias ladder VTS has; EHI's traceid_lifecycle ends in the same trace. */
function namesFrom(tokenReference: string | undefined, lifecycleTrace: string | undefined): readonly Alias[] {
  return [
    tokenReference === undefined ? undefined : canonicalAlias('tokenReferenceId', tokenReference),
    lifecycleTrace === undefined ? undefined : canonicalAlias('lifecycleTraceId', lifecycleTrace),
  ].filter((alias) => alias !== undefined);
}

function statusFrom(read: VtsReader): TokenStatus | undefined {
  const path = 'encryptedData.tokenInfo.tokenStatus';
  const word = read.text(path);
  if (word === undefined) return undefined;
  return (
    vtsStatusOf(word) ?? read.fault('FIELD_INVALID', path, 'is not one of ACTIVE, INACTIVE, SUSPENDED, DEACTIVATED')
  );
}

function expiryFrom(read: VtsReader): string | undefined {
  const path = 'encryptedData.tokenInfo.tokenExpirationDate';
  const [year, month] = [read.text(`${path}.year`), read.text(`${path}.month`)];
  if (year === undefined || month === undefined) return undefined;
  return (
    endOfMonth(year, month) ??
    read.fault('IMPOSSIBLE_DATE', path, 'is not a month that exists: month 1 to 12, year of four digits')
  );
}

function deviceFrom(read: VtsReader): Device | undefined {
  const type = read.text('deviceInfo.deviceType');
  const device: Device = {
    id: read.text('deviceInfo.deviceID', 'deviceID'),
    name: read.text('deviceInfo.deviceName'),
    type: type === undefined ? undefined : vtsDeviceTypeOf(type),
  };
  return Object.values(device).some((part) => part !== undefined) ? device : undefined;
}

function cardFrom(read: VtsReader): Card | undefined {
  const ref = read.text('card.ref');
  return ref === undefined ? undefined : { ref, last4: read.text('card.last4') };
}
