/**
 * The sample day: the cast's flows as messages in order of delivery, and the picture they must end in.
 *
 * Everything happened within the half hour before `anchor`, so that completion notices can still meet their 30 minutes. Ids come from the calendar
 * day: playing the same day again sends the same messages, and nothing changes.
 */
import type { Message } from '../messages.js';
import { type Cardholder, cardCount, cardholders, firstPublicToken, type Role, roles } from './cast.js';
import { type Delivery, deliveriesOf } from './deliveries.js';
import { type EhiToken, ehiMessage, localStamp } from './ehi.js';
import type { Ending } from './flows.js';
import { luhnComplete } from './luhn.js';

export interface ExpectedToken extends Ending {
  /** A name the query door knows it by, `kind:value`. */
  readonly alias: string;
  readonly network: 'VTS' | 'MDES';
}

/** What the query door must say once everything is through. */
export interface ExpectedPicture {
  readonly tokens: readonly ExpectedToken[];
  /** Completion notices, all met. */
  readonly notices: number;
  /** Notices of activation codes, all met. */
  readonly codes: number;
  readonly deadLetters: number;
}

export interface SampleDay {
  readonly cardholders: readonly Cardholder[];
  /** In order of delivery. */
  readonly messages: readonly Message[];
  readonly expected: ExpectedPicture;
}

/** Seconds between the starts of two flows, and from the first one's to the anchor. */
const spacing = 28;
const lookBack = 24 * 60;

/** The day that ends at `anchor` (epoch ms UTC). `zone` is the zone of EHI's local stamps. */
export function sampleDay(anchor: number, zone: string): SampleDay {
  const day = new Date(anchor).toISOString().slice(0, 10).replaceAll('-', '');
  const tokens = roles.map((role, index) => tokenOf(role, index, day, anchor));
  const deliveries = roles.flatMap((role, index) => {
    const start = anchor - (lookBack - index * spacing) * 1000;
    const id = (step: number): number => messageId(day, index, step);
    return deliveriesOf(tokens[index] as EhiToken, role.flow, { id, start, zone, until: anchor });
  });
  deliveries.push(impossible(tokens[0] as EhiToken, day, anchor, zone));
  return {
    cardholders,
    messages: deliveries.sort((a, b) => a.at - b.at).map(({ text, contentType }) => ({ text, contentType })),
    expected: {
      tokens: roles.map((role, index) => expectation(role, tokens[index] as EhiToken)),
      notices: roles.filter((role) => role.flow.ending.notice).length,
      codes: roles.flatMap((role) => role.flow.steps).filter((step) => step.code !== undefined).length,
      deadLetters: 1,
    },
  };
}

function tokenOf(role: Role, index: number, day: string, anchor: number): EhiToken {
  const serial = String(index + 1).padStart(3, '0');
  const visa = role.network === 'VISA-T';
  const refused = role.flow.ending.outcome === 'DECLINED';
  const trace = `${day.slice(2)}${serial.padStart(9, '0')}`;
  return {
    network: role.network,
    paymentTokenId: refused ? 0 : Number(`${day.slice(2)}${serial}`),
    publicToken: firstPublicToken + (index % cardCount),
    type: role.type,
    wallet: role.wallet,
    deviceType: role.deviceType,
    ...(role.deviceName !== undefined && { deviceName: role.deviceName, deviceId: `04${trace}`.padEnd(48, 'F') }),
    trace: `${visa ? 'VIS1' : 'BNET'}-${day}-${trace}`,
    reference: visa ? `DNITHE${day}${serial.padStart(10, '0')}` : `DSAMPLE${day}${serial}`.padEnd(48, '0'),
    dpan: luhnComplete(`${visa ? '411111' : '555555'}${day.slice(2)}${serial}`),
    expiry: `${new Date(anchor).getUTCFullYear() + 3}-01-31`,
  };
}

/** TXn_ID, 15 digits: the day, the token, the step. */
function messageId(day: string, token: number, step: number): number {
  return Number(`9${day}${String(token + 1).padStart(4, '0')}${String(step).padStart(2, '0')}`);
}

/** A message of a day that does not exist: refused at the door, kept as a dead letter. The same text all day long. */
function impossible(token: EhiToken, day: string, anchor: number, zone: string): Delivery {
  const midnight = Math.floor(anchor / 86_400_000) * 86_400_000;
  const message = ehiMessage(token, {
    kind: 'TEN',
    id: messageId(day, 9998, 0),
    at: midnight,
    zone,
    why: 76,
    status: 'A',
  });
  const wrong = { ...message, Txn_GPS_Date: `${day.slice(0, 4)}-02-30 ${localStamp(midnight, zone).slice(11)}` };
  return { at: anchor - 60_000, text: JSON.stringify(wrong), contentType: 'application/json' };
}

function expectation(role: Role, token: EhiToken): ExpectedToken {
  const { paymentTokenId, trace } = token;
  return {
    ...role.flow.ending,
    alias: paymentTokenId === 0 ? `lifecycleTraceId:${trace}` : `threddPaymentTokenId:${paymentTokenId}`,
    network: role.network === 'VISA-T' ? 'VTS' : 'MDES',
  };
}
