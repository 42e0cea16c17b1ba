/**
 * The EHI mapper: one GetTransaction message about a token becomes one fact, or a rejection that names every fault.
 * All of EHI's tokenisation messages are advices: nothing here decides anything (visa-vts-and-thredd-ehi.md 0, fact 2).
 */
import type { FactDraft, Mapping } from '../facts/draft.js';
import { type FieldReader, readFields } from '../facts/fields.js';
import { type Dated, validAt } from '../facts/validity.js';
import { type Fault, rejectionOf } from '../reasons.js';
import { asUtc } from '../time.js';
import { kindOf, tellsDevice } from './classify.js';
import type { EhiContext, EhiMessage } from './message.js';
import { instantOf, parseDe07 } from './time.js';
import {
  activationFrom,
  cardFrom,
  checkIp,
  dateFrom,
  decisionFrom,
  deviceFrom,
  localTime,
  localTimeFrom,
  messageIdFrom,
  namesFrom,
  networkFrom,
  operationFrom,
  responseCodeFrom,
  statusFrom,
  whyFrom,
} from './values.js';
import { partyOf, tokenTypeOf, walletOf } from './vocabulary.js';

/** Name of the interface, in facts, messages and dead letters. */
export const ehiSource = 'thredd-ehi';

interface Reading {
  readonly read: FieldReader;
  readonly message: EhiMessage;
  readonly context: EhiContext;
  readonly occurredAt: number;
}

/** Puts a reading into a fact; where the reader has gathered faults it lacks what is required, and nobody looks at it. */
type Version = (reading: Reading) => Partial<FactDraft>;

/** The meanings of codes have not changed since EHI carries tokens. When a network changes one on a date, its table gets a second version here. */
const versions: readonly Dated<Version>[] = [{ validFrom: Number.NEGATIVE_INFINITY, value: factOf }];

export function mapEhi(message: EhiMessage, context: EhiContext): Mapping {
  const read = readFields(message);
  const occurredAt = occurrence(read, context);
  const version = validAt(versions, occurredAt ?? message.receivedAt);
  const fact = version({ read, message, context, occurredAt: occurredAt ?? message.receivedAt });
  const [first, ...rest] = inOrder(read.faults);
  if (first !== undefined) return { ok: false, rejection: rejectionOf([first, ...rest]) };
  return { ok: true, facts: [fact as FactDraft] };
}

function factOf({ read, message, context, occurredAt }: Reading): Partial<FactDraft> {
  const operation = operationFrom(read);
  const network = networkFrom(read);
  const messageId = messageIdFrom(read);
  const responseCode = responseCodeFrom(read);
  const why = whyFrom(read);
  const decision = operation === 'TAR' ? decisionFrom(read, responseCode) : undefined;
  const reportedStatus = statusFrom(read);
  const tokenExpiry = dateFrom(read, 'PaymentToken_expdate');
  const activation = operation === 'ACN' ? activationFrom(read, context, occurredAt) : undefined;
  if (operation !== 'ACN') localTimeFrom(read, 'PaymentToken_activationExpiry');
  const card = cardFrom(read);
  checkIp(read);
  const aliases = namesFrom(read, network);
  const tokenType = read.text('PaymentToken_type');
  const wallet = read.text('PaymentToken_wallet');
  const kind = operation && kindOf(operation, why, responseCode);
  return {
    factId: `${ehiSource}:${messageId}`,
    network,
    kind,
    occurredAt,
    occurredAtSource: 'SOURCE',
    receivedAt: message.receivedAt,
    source: ehiSource,
    sourceMessageId: messageId,
    actor: partyOf(read.text('Message_Source')),
    reportedStatus,
    decision,
    responseCode,
    reasonCode: why === '0' ? undefined : why,
    tokenType: tokenType === undefined ? undefined : tokenTypeOf(tokenType),
    wallet: wallet === undefined ? undefined : walletOf(wallet),
    device: operation && kind && tellsDevice(kind, operation, why) ? deviceFrom(read) : undefined,
    card,
    tokenExpiry,
    aliases,
    activation,
    tokenPanSealed: read.sealed('PaymentTokenPan'),
  } as Partial<FactDraft>;
}

/** When it happened: Txn_GPS_Date in the configured zone; TXN_Time_DE07 tells which, where the zone shows that time twice. */
function occurrence(read: FieldReader, context: EhiContext): number | undefined {
  const text = read.required('Txn_GPS_Date');
  const local = text === undefined ? undefined : localTime(read, 'Txn_GPS_Date', text);
  const de07 = de07From(read, local === undefined ? leapYear : asUtc(local));
  return local === undefined ? undefined : instantOf(local, context, de07);
}

function de07From(read: FieldReader, near: number): number | undefined {
  const text = read.text('TXN_Time_DE07');
  if (text === undefined) return undefined;
  return parseDe07(text, near) ?? read.fault('IMPOSSIBLE_DATE', 'TXN_Time_DE07', noSuchUtcTime);
}

/** Stands in where Txn_GPS_Date gives no year, so that 29 February is not held against DE 07. */
const leapYear = Date.UTC(2024, 6, 1);
const noSuchUtcTime = 'is not a date and time that exist, written MMDDhhmmss';
const faultOrder = ['Proc_Code', 'PaymentToken_creator', 'TXn_ID'];

/** The fields that say what a message is come first: the first fault's code becomes the rejection's. The others as they were read. */
function inOrder(faults: readonly Fault[]): readonly Fault[] {
  const place = ({ path }: Fault): number => {
    const at = faultOrder.indexOf(path);
    return at < 0 ? faultOrder.length : at;
  };
  return [...faults].sort((a, b) => place(a) - place(b));
}
