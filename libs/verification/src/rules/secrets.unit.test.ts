import type { InboundMessage } from '@tokenline/domain';
import { describe, expect, it } from 'vitest';
import { inClear } from './secrets.js';

/** Passes the check of card numbers; was never issued (domain page, section 9). */
const card = '4111111111111111';
const sealed = 'eyJhbGciOiJkaXIifQ..aXY.dGV4dA.dGFn';

const message = (fields: Record<string, string>, more: Partial<InboundMessage> = {}): InboundMessage => ({
  inboundId: '018f3c1e-0000-7000-8000-123456789012',
  source: 'thredd-ehi',
  operation: 'GetTransaction',
  receivedAt: 1_900_000_000_000,
  headers: {},
  fields,
  sealed: {},
  original: sealed,
  ...more,
});

const found = (value: unknown): string[] => [...inClear(value)];

describe('in clear', () => {
  it.each([
    ['a card number in a text', message({ Note: `card ${card}` }), 'fields.Note'],
    ['one written in groups', message({ Merch_Name_DE43: '4111 1111 1111 1111' }), 'fields.Merch_Name_DE43'],
    ['an e-mail address', { device: { name: 'phone of a.b@example.com' } }, 'device.name'],
    ['a phone number', { changes: [{ field: 'device.name', to: '+447700900123' }] }, 'changes.0.to'],
    [
      'one in the name of what is bound',
      { bindings: [{ device: { name: '+447700900123' } }] },
      'bindings.0.device.name',
    ],
    ['a card number as a number, in a canonical fact', message({ fact: `{"wallet":${card}}` }), 'fields.fact.wallet'],
    ['a card number that calls itself a name', { aliases: [{ kind: 'pan', value: card }] }, 'aliases.0.value'],
    ['an address where an id belongs', { factId: 'a.b@example.com' }, 'factId'],
    [
      'what is called sealed and is not',
      message({}, { sealed: { PaymentTokenPan: '5555' } }),
      'sealed.PaymentTokenPan',
    ],
    ['an original that is not sealed', message({}, { original: '{"TXn_ID":1}' }), 'original'],
    ['a code that is not sealed', { activation: { codeSealed: '000123' } }, 'activation.codeSealed'],
  ])('is %s', (_what, value, path) => {
    expect(found(value)).toEqual([path]);
  });

  it('is no identifier that happens to look like a card number', () => {
    const clean = [
      message({ TXn_ID: card, PaymentToken_id: card, traceid_lifecycle: `VIS1-20300115-${card.slice(0, 15)}` }),
      message({ fact: `{"factId":"thredd-ehi:${card}","occurredAt":1900000000008}` }),
      {
        tokenId: '11111111-1111-1111-1111-111111111117',
        explanation: 'The token is 11111111-1111-1111-1111-111111111117.',
      },
      { aliases: [{ kind: 'threddPaymentTokenId', value: card }], card: { ref: `threddPublicToken:${card}` } },
      { changes: [{ field: 'aliases', to: `threddPaymentTokenId:${card}` }] },
      { device: { id: '490154203237518' }, occurredAt: 1_900_000_000_008 },
      { bindings: [{ device: { id: '490154203237518' }, boundAt: 1_900_000_000_008 }] },
      { changes: [{ field: 'bindings', to: 'device.id:490154203237518 boundAt:2030-01-15T12:00:00.000Z' }] },
      { changes: [{ field: 'provisioning.requestedAt', to: '2030-01-15T12:00:00.000Z' }] },
      message({}, { sealed: { PaymentTokenPan: sealed } }),
      message({}, { original: 'ey..c2FsdA..dGFn' }),
    ];
    expect(clean.flatMap(found)).toEqual([]);
  });
});
