/** One token, two voices: what EHI and MDES say of it meets by the names they share, in whatever order it comes. */
import { describe, expect, it } from 'vitest';
import { everyOrder } from '../shuffle/delivery.js';
import { finalPicture } from '../shuffle/picture.js';
import { shuffle } from '../shuffle/shuffle.js';
import { type PlayedMessage, play } from '../shuffle/world.js';
import { ehiMessages, ehiToken } from '../testing/ehi.js';
import { mdesMessages, mdesToken } from '../testing/mdes.js';
import { byEhi, onlyToken } from '../testing/voices.js';
import { mapMdes } from './map.js';
import type { MdesMessage } from './message.js';

/** With the time the message was received at: MDES has no other for most of them. */
const byMdes = (message: MdesMessage): PlayedMessage => ({ read: () => mapMdes(message) });

const spoken = mdesToken(101);
const heard = ehiToken(101, { creator: 'MC-MDES', reference: spoken.reference });
const start = Date.UTC(2030, 0, 15, 10);
const at = (second: number): number => start + second * 1_000;
const iso = (second: number): string => new Date(at(second)).toISOString();
const stepUp = 'REQUIRE_ADDITIONAL_AUTHENTICATION';
const tokenData = 'fundingAccountInfo.fundingAccountData.tokenData';
/** The expiry EHI's messages give. */
const expiry = { [`${tokenData}.expiryMonth`]: '01', [`${tokenData}.expiryYear`]: '33' };

/** The two flows of Mastercard in seeds/1, each told by both. */
const mdesGreen = [
  byMdes(mdesMessages.authorize(spoken, 'm-1', 'APPROVED', at(0))),
  byMdes(mdesMessages.activated(spoken, 'm-2', iso(30), at(31), expiry)),
];
const ehiGreen = [byEhi(ehiMessages.tar(heard, 1, '00', 0)), byEhi(ehiMessages.tcn(heard, 2, 'A', 30))];
const mdesYellow = [
  byMdes(mdesMessages.authorize(spoken, 'm-1', stepUp, at(0))),
  byMdes(mdesMessages.code(spoken, 'm-2', at(20))),
  byMdes(mdesMessages.activated(spoken, 'm-3', iso(30), at(31), { ...expiry, decision: stepUp })),
];
const ehiYellow = [
  byEhi(ehiMessages.tar(heard, 1, '85', 0)),
  byEhi(ehiMessages.acn(heard, 2, 20)),
  byEhi(ehiMessages.tcn(heard, 3, 'A', 30)),
];

describe('one token, two voices', () => {
  it.each([
    ['green', mdesGreen, ehiGreen],
    ['yellow', mdesYellow, ehiYellow],
  ])(
    'the %s flow told by MDES alone and by EHI alone ends in equal tokens, but for what only one of them names',
    (_flow, mdes, ehi) => {
      const comparable = ({ aliases, card, tokenRequestorId, device, ...rest }: ReturnType<typeof onlyToken>) => rest;
      expect(comparable(onlyToken(mdes))).toEqual(comparable(onlyToken(ehi)));
      expect(onlyToken(mdes)).toMatchObject({ status: 'ACTIVE', provisioning: { outcome: 'COMPLETED' } });
    },
  );

  it.each([
    ['M', 'PHONE'],
    ['W', 'WATCH'],
    ['T', 'TABLET'],
    ['P', 'PC'],
    ['C', 'CARD'],
    ['J', 'JEWELRY'],
    ['V', 'VEHICLE'],
    ['U', 'UNDEFINED'],
  ])('EHI’s device %s and MDES’ form factor %s are one word', (letter, formFactor) => {
    const asked = mdesMessages.authorize(spoken, 'm-1', 'APPROVED', at(0), { 'deviceInfo.formFactor': formFactor });
    const relayed = { ...ehiMessages.tar(heard, 1, '00', 0), PaymentToken_deviceType: letter };
    expect(onlyToken([byMdes(asked)]).device?.type).toBe(onlyToken([byEhi(relayed)]).device?.type);
  });

  it('told by both is one token, in any order', () => {
    const messages = [...mdesYellow, ...ehiYellow];
    expect(onlyToken(messages)).toMatchObject({
      status: 'ACTIVE',
      provisioning: { outcome: 'COMPLETED', path: 'YELLOW' },
      aliases: [
        { kind: 'correlationId', value: spoken.correlationId },
        { kind: 'lifecycleTraceId', value: heard.trace },
        { kind: 'threddPaymentTokenId', value: heard.paymentTokenId },
        { kind: 'tokenUniqueReference', value: spoken.reference },
      ],
    });
    const shuffled = shuffle(messages, { orders: 200, seed: 1 });
    expect(shuffled).toMatchObject({ tokens: 1, contested: false });
    expect(shuffled.disagreement).toBeUndefined();
  });

  it('told by MDES ends alike in every order, whether or not the first request knew the token’s reference', () => {
    const nameless = { 'fundingAccountInfo.tokenUniqueReference': undefined };
    const messages = [
      byMdes(mdesMessages.authorize(spoken, 'm-1', stepUp, at(0), nameless)),
      byMdes(mdesMessages.code(spoken, 'm-2', at(20))),
      byMdes(mdesMessages.activated(spoken, 'm-3', iso(30), at(31))),
      byMdes(
        mdesMessages.updated(
          'm-4',
          'STATUS_UPDATE',
          [{ tokenUniqueReference: spoken.reference, status: 'SUSPENDED', 'suspendedBy[0]': 'ISSUER' }],
          at(60),
        ),
      ),
    ];
    const due = finalPicture(play(messages, [0, 1, 2, 3]));
    for (const order of everyOrder(messages.map((_, n) => n))) expect(finalPicture(play(messages, order))).toEqual(due);
    expect(due.tokens.map(({ state }) => [state.status, state.suspendedBy])).toEqual([['SUSPENDED', ['ISSUER']]]);
  });
});
