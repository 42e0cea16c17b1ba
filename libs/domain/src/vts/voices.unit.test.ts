/** One token, two voices: what EHI and VTS say of it meets by the names they share, in whatever order it comes. */
import { describe, expect, it } from 'vitest';
import { everyOrder } from '../shuffle/delivery.js';
import { finalPicture } from '../shuffle/picture.js';
import { shuffle } from '../shuffle/shuffle.js';
import { type PlayedMessage, play } from '../shuffle/world.js';
import { ehiMessages, ehiToken } from '../testing/ehi.js';
import { byEhi, onlyToken } from '../testing/voices.js';
import { vtsMessages, vtsToken } from '../testing/vts.js';
import { mapVts } from './map.js';
import type { VtsMessage } from './message.js';

const byVts = (message: VtsMessage): PlayedMessage => ({ read: (receivedAt) => mapVts({ ...message, receivedAt }) });

const heard = ehiToken(101);
const spoken = vtsToken(101);
const { approve, changed, passcode } = vtsMessages;

const ehiGreen = [
  byEhi(ehiMessages.tar(heard, 1, '00', 0)),
  byEhi(ehiMessages.ten(heard, 2, '71', 'A', 10)),
  byEhi(ehiMessages.tcn(heard, 3, 'A', 30)),
];
const vtsGreen = [
  byVts(approve(spoken, '00', 0)),
  byVts(changed(spoken, '3700', 'ACTIVE', 10)),
  byVts(changed(spoken, '3711', 'ACTIVE', 30)),
];
const vtsYellow = [
  byVts(approve(spoken, '85', 0)),
  byVts(changed(spoken, '3700', 'INACTIVE', 10)),
  byVts(passcode(spoken, 20)),
  byVts(changed(spoken, '3711', 'INACTIVE', 30)),
  byVts(changed(spoken, '3712', 'ACTIVE', 90, { activationVerificationResult: 'VERIFICATION_SUCCESS' })),
];

describe('one token, several voices', () => {
  it('EHI and VTS telling the same flow tell of one token, in any order', () => {
    const messages = [...ehiGreen, ...vtsGreen];
    expect(onlyToken(messages)).toMatchObject({
      status: 'ACTIVE',
      provisioning: { outcome: 'COMPLETED', path: 'GREEN' },
      aliases: [
        { kind: 'lifecycleTraceId', value: '399000000000101' },
        { kind: 'threddPaymentTokenId', value: '70000101' },
        { kind: 'tokenReferenceId', value: 'DNITHE000000000000000101' },
      ],
    });
    expect(shuffle(messages, { orders: 200, seed: 1 })).toMatchObject({ tokens: 1, contested: false });
    expect(shuffle(messages, { orders: 200, seed: 1 }).disagreement).toBeUndefined();
  });

  it('meet by the trace alone, where EHI does not know Visa’s reference', () => {
    const { TokenUniqueReference: _reference, ...suspension } = ehiMessages.ten(heard, 9, '81', 'S', 100, 'ISSUER');
    const messages = [...vtsGreen, byEhi(suspension)];
    expect(onlyToken(messages)).toMatchObject({ status: 'SUSPENDED', suspendedBy: ['ISSUER'] });
    const shuffled = shuffle(messages, { orders: 100, seed: 2 });
    expect(shuffled).toMatchObject({ tokens: 1, contested: false });
    expect(shuffled.disagreement).toBeUndefined();
  });

  it('a flow told by VTS alone and by EHI alone ends in equal tokens, but for what only one of them names', () => {
    const comparable = ({
      aliases,
      card,
      tokenRequestorId,
      device,
      updatedAt,
      ...rest
    }: ReturnType<typeof onlyToken>) => rest;
    expect(comparable(onlyToken(vtsGreen))).toEqual(comparable(onlyToken(ehiGreen)));
    const ehiYellow = [
      byEhi(ehiMessages.tar(heard, 1, '85', 0)),
      byEhi(ehiMessages.ten(heard, 2, '71', 'I', 10)),
      byEhi(ehiMessages.acn(heard, 3, 20)),
      byEhi(ehiMessages.tcn(heard, 4, 'I', 30)),
      byEhi(ehiMessages.ten(heard, 5, '73', 'A', 90)),
    ];
    expect(comparable(onlyToken(vtsYellow))).toEqual(comparable(onlyToken(ehiYellow)));
    expect(onlyToken(vtsYellow)).toMatchObject({ provisioning: { outcome: 'COMPLETED', path: 'YELLOW' } });
  });

  it('a TOKEN_CREATED that comes last does not lower the state: every order of a step-up flow ends alike', () => {
    const due = finalPicture(play(vtsYellow, [0, 1, 2, 3, 4]));
    for (const order of everyOrder(vtsYellow.map((_, n) => n)))
      expect(finalPicture(play(vtsYellow, order))).toEqual(due);
    expect(due.tokens[0]?.state.status).toBe('ACTIVE');
  });

  it('a binding moves nothing but the bindings: not the status, and not the device the token lives on', () => {
    const browser = { 'deviceInfo.deviceID': 'browser-3', 'deviceInfo.deviceIndex': '1' };
    const { bindings: none, updatedAt: _before, ...before } = onlyToken(vtsGreen);
    expect(none).toEqual([]);
    const bound = byVts(
      changed(spoken, 'TOKEN_DEVICE_BINDING_RESULT', 'ACTIVE', 120, {
        ...browser,
        deviceBindingResult: 'DEVICE_BINDING_OTP',
      }),
    );
    const { bindings, updatedAt, ...rest } = onlyToken([...vtsGreen, bound]);
    expect(rest).toEqual(before);
    expect(bindings).toEqual([{ bindingId: '1', device: { id: 'browser-3' }, boundAt: updatedAt }]);
  });

  it('a binding told by VTS with its slot and by EHI by its device alone is one, and ends by either', () => {
    const browser = { ...heard, deviceId: 'browser-3' };
    const told = { 'deviceInfo.deviceID': 'browser-3', 'deviceInfo.deviceIndex': '1' };
    const bound = byVts(changed(spoken, 'TOKEN_DEVICE_BINDING_RESULT', 'ACTIVE', 120, told));
    const relayed = byEhi(ehiMessages.ten(browser, 20, '87', 'A', 121));
    const messages = [...vtsGreen, bound, relayed];
    expect(onlyToken(messages).bindings).toMatchObject([{ bindingId: '1', device: { id: 'browser-3' } }]);
    const ends = [
      byVts(changed(spoken, 'TOKEN_DEVICE_BINDING_REMOVED', 'ACTIVE', 130, told)),
      byEhi(ehiMessages.ten(browser, 21, '85', 'A', 130)),
    ];
    for (const end of ends) {
      expect(onlyToken([...messages, end]).bindings).toEqual([]);
      const shuffled = shuffle([...messages, end], { orders: 50, seed: 3 });
      expect(shuffled).toMatchObject({ tokens: 1, contested: false });
      expect(shuffled.disagreement).toBeUndefined();
    }
  });
});
