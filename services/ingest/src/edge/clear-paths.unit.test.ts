import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PathRules, splitPaths } from './clear-paths.js';

const sealer = { seal: async (purpose: string, text: string | Buffer) => `sealed for ${purpose}: ${[...text].length}` };
const rules: PathRules = {
  requestId: 'reference',
  'deviceInfo.deviceName': 'text',
  'reasonCodes[]': 'text',
  'tokens[].status': 'text',
  'tokens[].suspendedBy[]': 'text',
  activationCode: { seal: 'activation-code' },
};
const split = (message: unknown) => splitPaths(message, rules, sealer);

describe('a nested message', () => {
  it('is split by path: listed values in clear, secrets sealed, the rest left', async () => {
    const message = {
      requestId: ' r-1 ',
      deviceInfo: { deviceName: 'Test Phone', imei: '490154203237518' },
      reasonCodes: ['OTHER', 7, true, null, {}],
      tokens: [{ status: 'ACTIVE' }, 'odd', { suspendedBy: ['ISSUER', 'CARDHOLDER'], other: 'x' }],
      activationCode: 12345678,
      accountNumber: '5123456789012346',
    };
    expect(await split(message)).toEqual({
      clear: {
        requestId: 'r-1',
        'deviceInfo.deviceName': 'Test Phone',
        'reasonCodes[0]': 'OTHER',
        'reasonCodes[1]': '7',
        'reasonCodes[2]': 'true',
        'tokens[0].status': 'ACTIVE',
        'tokens[2].suspendedBy[0]': 'ISSUER',
        'tokens[2].suspendedBy[1]': 'CARDHOLDER',
      },
      sealed: { activationCode: 'sealed for activation-code: 8' },
    });
  });

  it('shows no listed value that looks like a card number, an address or a phone number', async () => {
    const message = { deviceInfo: { deviceName: 'jane@example.com' }, tokens: [{ status: '5123 4567 8901 2346' }] };
    const { clear, sealed } = await split(message);
    expect(clear).toEqual({});
    expect(Object.keys(sealed)).toEqual(['deviceInfo.deviceName', 'tokens[0].status']);
  });

  it('may be anything at all: nothing but listed paths comes out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.jsonValue(),
          fc.record({ tokens: fc.jsonValue(), deviceInfo: fc.jsonValue(), reasonCodes: fc.array(fc.jsonValue()) }),
        ),
        async (message) => {
          const { clear, sealed } = await split(message);
          for (const path of [...Object.keys(clear), ...Object.keys(sealed)]) {
            expect(Object.keys(rules)).toContain(path.replaceAll(/\[\d+\]/g, '[]'));
          }
        },
      ),
    );
  });
});
