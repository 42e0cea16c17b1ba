import { mapEhi } from '@tokenline/domain';
import { type EhiFields, ehiMessages, ehiToken } from '@tokenline/domain/testing';
import { looksSensitive } from '@tokenline/runtime';
import { createSealer, generateKeySet, parseKeySet } from '@tokenline/sealing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldsOf, mayShow, splitFields } from './clear-fields.js';

const sealer = createSealer(parseKeySet(generateKeySet()));
const split = (values: Readonly<Record<string, string>>) => splitFields(fieldsOf(Object.entries(values)), sealer);

describe('the fields of a message', () => {
  it('that the mapper needs travel in clear, secrets it hands on sealed for their purpose, all others not at all', async () => {
    const fields = {
      ...ehiMessages.acn(ehiToken(1), 7),
      PaymentTokenPan: '4111110000000013',
      PaymentToken_deviceTelNum: '0123',
    };
    const { clear, sealed } = await split({ ...fields, Something_New: 'kept only in the original' });
    expect(Object.keys(sealed).sort()).toEqual([
      'PaymentTokenPan',
      'PaymentToken_activationCode',
      'PaymentToken_activationMethodData',
    ]);
    expect(await sealer.open('token-number', sealed.PaymentTokenPan as string)).toBe('4111110000000013');
    expect(await sealer.open('activation-code', sealed.PaymentToken_activationCode as string)).toBe('000123');
    expect(clear).toMatchObject({
      TXn_ID: '7',
      PaymentToken_deviceName: 'Test phone',
      traceid_lifecycle: ehiToken(1).trace,
    });
    expect(JSON.stringify(clear)).not.toContain('Something_New');
  });

  it('are kept where the mapper reads them, and only there', async () => {
    const [token, card] = [ehiToken(1), ehiToken(2, { creator: 'MC-MDES', type: 'CL' })];
    const messages = [
      ...[token, card].flatMap((one) => [ehiMessages.acn(one, 7), ehiMessages.tcn(one, 8, 'A')]),
      ehiMessages.tar(token, 9, '85'),
      ehiMessages.ten(token, 10, '3701', 'S'),
    ];
    const read = new Set<string>();
    const watched = (values: EhiFields): EhiFields =>
      new Proxy(values, {
        get: (fields, name) => {
          read.add(String(name));
          return Reflect.get(fields, name);
        },
      });
    for (const fields of messages)
      mapEhi({ fields: watched(fields), sealed: watched({}), receivedAt: 0 }, { localInstants: () => [0] });
    const given = new Set([...read, ...messages.flatMap((fields) => Object.keys(fields)), 'Merch_Name_DE43', 'Note']);
    const { clear, sealed } = await split(Object.fromEntries([...given].map((name) => [name, 'x'])));
    expect(Object.keys({ ...clear, ...sealed }).sort()).toEqual([...read].sort());
  });

  it('that are not listed leave no trace, whatever their names say', async () => {
    const unlisted = await split({
      CVV2: '123',
      Track2_Data: 'x',
      Cardholder_Email: 'x',
      'PAN 4111111111111111': 'x',
      'mail someone@example.com': 'x',
    });
    expect(unlisted).toEqual({ clear: {}, sealed: {} });
  });

  it('in free text that looks sensitive are sealed', async () => {
    const { clear, sealed } = await split({
      PaymentToken_deviceName: 'phone of someone@example.com',
      PaymentToken_wallet: 'x'.repeat(300),
    });
    expect(clear).toEqual({});
    expect(await sealer.open('field', sealed.PaymentToken_deviceName as string)).toBe('phone of someone@example.com');
    expect(Object.keys(sealed)).toContain('PaymentToken_wallet');
  });

  it('in free text with a card number among letters are sealed as well', async () => {
    const { clear, sealed } = await split({
      PaymentToken_deviceName: 'card4111111111111111x',
      PaymentToken_id: '4111111111111111x',
    });
    expect(clear).toEqual({});
    expect(Object.keys(sealed).sort()).toEqual(['PaymentToken_deviceName', 'PaymentToken_id']);
  });

  it('keep our spelling whatever the case they came in, the exact one first', async () => {
    const { clear } = await split({ TXN_ID: '8', PAYMENTTOKEN_WALLET: 'GARMIN', PaymentToken_wallet: 'APPLE' });
    expect(clear).toEqual({ TXn_ID: '8', PaymentToken_wallet: 'APPLE' });
  });

  it('that are identifiers beyond doubt are never sealed: one number in ten passes the check of a card number', async () => {
    const luhnValid = { TXn_ID: '9000000000000009', traceid_lifecycle: 'VIS1-20300115-399000000000102' };
    const others = { TXn_ID: '9000000000000001', traceid_lifecycle: 'VIS1-20300115-399000000000101' };
    expect((await split(luhnValid)).clear).toEqual(luhnValid);
    expect((await split(others)).clear).toEqual(others);
  });

  it('never show a card number, an e-mail address or a phone number, whichever field they come in', async () => {
    const names = [
      ...Object.keys(ehiMessages.acn(ehiToken(1), 7)),
      'TokenUniqueReference',
      'Note',
      'PaymentTokenPan',
      'Track1',
      'Unknown',
    ];
    const identifiers = ['txn_id', 'traceid_lifecycle'];
    const canary = fc.constantFrom(
      '4111111111111111',
      '4111 1111 1111 1111',
      '5555555555554444',
      'canary@example.com',
      '+447700900999',
    );
    const around = fc.constantFrom('', ' ', '. ', ': x ', '/');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.boolean(),
        canary,
        around,
        around,
        async (name, upper, secret, before, after) => {
          fc.pre(!identifiers.includes(name.toLowerCase()));
          const fields = { ...ehiMessages.acn(ehiToken(1), 7) };
          delete (fields as Record<string, string>)[name];
          const { clear } = await split({
            ...fields,
            [upper ? name.toUpperCase() : name]: `${before}${secret}${after}`,
          });
          expect(JSON.stringify(clear)).not.toContain(secret);
        },
      ),
    );
  });
});

it('a text may show unless it is too long or looks sensitive, with the letters in it or without', () => {
  const pieces = fc.constantFrom(
    '4111111111111111',
    '411111',
    '1111111111',
    '12',
    ' ',
    '-',
    '.',
    'x',
    '@',
    'b.c',
    '+44',
    '+',
    '7700 900',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (given) => {
      const sensitive = given.length > 256 || looksSensitive(given);
      expect(mayShow(given, 'reference')).toBe(!sensitive);
      const short = given.length < 12 && !given.includes('@');
      const hidden = !short && looksSensitive(given.replaceAll(/[A-Za-z]+/g, '.'));
      expect(mayShow(given, 'text')).toBe(!sensitive && !hidden);
    }),
    { numRuns: 2_000 },
  );
});
