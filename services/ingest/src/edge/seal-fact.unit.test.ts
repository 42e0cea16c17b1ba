import { withSealed } from '@tokenline/domain';
import { createSealer, generateKeySet, parseKeySet } from '@tokenline/sealing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sealFact } from './seal-fact.js';

const sealer = createSealer(parseKeySet(generateKeySet()));

describe('a canonical fact', () => {
  it('gets its sealed values back where they belong', async () => {
    const input = { factId: 'a', tokenPan: '4111110000000013', activation: { method: 'SMS', code: '123456' } };
    const { fact, sealed, faults } = await sealFact(input, sealer);
    expect(faults).toEqual([]);
    expect(withSealed(fact, sealed)).toEqual({
      factId: 'a',
      tokenPanSealed: sealed.tokenPanSealed,
      activation: { method: 'SMS', codeSealed: sealed['activation.codeSealed'] },
    });
  });

  it.each([null, 7, 'text', []])('that is %j is left for the reader to refuse', async (input) => {
    expect(await sealFact(input, sealer)).toEqual({ fact: input, sealed: {}, faults: [] });
  });

  it('may carry times, and names and ids of documented shape, that happen to pass the check of a card number', async () => {
    const input = {
      factId: 'thredd-ehi:9000000000000009',
      sourceMessageId: '9000000000000009',
      occurredAt: 1_894_701_600_006,
      aliases: [
        { kind: 'lifecycleTraceId', value: '399000000000102' },
        { kind: 'correlationId', value: '30569309025904' },
      ],
    };
    expect((await sealFact(input, sealer)).faults).toEqual([]);
  });

  it('never shows a card number, an e-mail address or a phone number: it is sealed, dropped or refused', async () => {
    const canary = fc.constantFrom('4111111111111111', 4111111111111111, 'canary@example.com', '+447700900999');
    const path = fc.constantFrom(
      ['factId'],
      ['wallet'],
      ['reasonCode'],
      ['tokenPan'],
      ['tokenRequestorId'],
      ['unknown'],
      ['device', 'id'],
      ['device', 'name'],
      ['card', 'ref'],
      ['card', 'pan'],
      ['activation', 'code'],
      ['activation', 'contact'],
      ['activation', 'method'],
      ['aliases', '0', 'value'],
    );
    await fc.assert(
      fc.asyncProperty(path, canary, async (at, secret) => {
        const input = at.reduceRight<unknown>(
          (inner, name) => (name === '0' ? [{ kind: 'tokenReferenceId', ...(inner as object) }] : { [name]: inner }),
          secret,
        );
        const { fact, sealed, faults } = await sealFact(input, sealer);
        expect(JSON.stringify(faults)).not.toContain(String(secret));
        if (faults.length === 0) expect(JSON.stringify([fact, sealed])).not.toContain(String(secret));
      }),
    );
  });
});
