import { describe, expect, it } from 'vitest';
import {
  decisionSymbols,
  factKindSymbols,
  networkSymbols,
  partySymbols,
  timeSourceSymbols,
  tokenStatusSymbols,
  tokenTypeSymbols,
} from '../generated/records.js';
import { readCanonicalFact } from './canonical.js';

const least = {
  factId: 'adapter-1',
  kind: 'TOKEN_SUSPENDED',
  network: 'MDES',
  occurredAt: '2030-01-15T10:00:00.500+01:00',
  aliases: [{ kind: 'tokenUniqueReference', value: 'DWSPMC1' }],
};
const receivedAt = Date.UTC(2030, 0, 15, 9, 1);

function errorsOf(input: unknown) {
  const read = readCanonicalFact(input, receivedAt);
  return read.ok ? [] : read.rejection.errors.map((e) => e.path);
}

describe('a canonical fact', () => {
  it('needs no more than an id, a kind, a network, a time and a name', () => {
    expect(readCanonicalFact(least, receivedAt)).toEqual({
      ok: true,
      facts: [
        {
          factId: 'adapter-1',
          kind: 'TOKEN_SUSPENDED',
          network: 'MDES',
          occurredAt: Date.UTC(2030, 0, 15, 9, 0, 0, 500),
          occurredAtSource: 'SOURCE',
          receivedAt,
          source: 'canonical',
          sourceMessageId: 'adapter-1',
          actor: 'UNKNOWN',
          aliases: [{ kind: 'tokenUniqueReference', value: 'DWSPMC1' }],
        },
      ],
    });
  });

  it('may state everything else, in clear words', () => {
    const all = {
      ...least,
      tokenId: '0B9F2C52-6C1D-4C3A-9B1E-0123456789AB',
      occurredAt: 1_894_701_600_500,
      occurredAtSource: 'RECEIVED',
      receivedAt: '2030-01-15T10:02:00Z',
      source: 'mdes-adapter',
      sourceMessageId: 'm-1',
      actor: 'ISSUER',
      reportedStatus: 'SUSPENDED',
      suspenders: ['ISSUER', 'CARDHOLDER'],
      decision: null,
      responseCode: '00',
      reasonCode: 'T',
      tokenType: 'HCE',
      wallet: 'google',
      tokenRequestorId: 50120834693,
      device: { id: 'd-1', name: 'Pixel', type: 'PHONE' },
      bindingId: 1,
      removedFromWallet: true,
      card: { ref: 'panUniqueReference:F1', last4: '1111' },
      tokenExpiry: '2033-01-31',
      activation: { method: 'sms', codeSealed: 'a.b.c.d.e', expiresAt: '2030-01-15T12:00:00Z' },
      tokenPanSealed: 'a.b.c.d.e',
    };
    const read = readCanonicalFact(all, receivedAt);
    expect(read).toMatchObject({
      ok: true,
      facts: [
        {
          tokenId: '0b9f2c52-6c1d-4c3a-9b1e-0123456789ab',
          occurredAt: 1_894_701_600_500,
          receivedAt: Date.UTC(2030, 0, 15, 10, 2),
          suspenders: ['ISSUER', 'CARDHOLDER'],
          wallet: 'GOOGLE',
          tokenRequestorId: '50120834693',
          bindingId: '1',
          removedFromWallet: true,
          activation: { method: 'SMS', codeSealed: 'a.b.c.d.e', expiresAt: Date.UTC(2030, 0, 15, 12) },
        },
      ],
    });
  });

  it('may name its token by our id alone', () => {
    const tokenId = '0b9f2c52-6c1d-4c3a-9b1e-0123456789ab';
    expect(readCanonicalFact({ ...least, aliases: undefined, tokenId }, receivedAt)).toMatchObject({
      ok: true,
      facts: [{ tokenId, aliases: [] }],
    });
  });

  it('may be about a card without its last digits, and about a device of which little is known', () => {
    const read = (change: object) => readCanonicalFact({ ...least, ...change }, receivedAt);
    expect(read({ card: { ref: 'panUniqueReference:F1' } })).toMatchObject({
      facts: [{ card: { ref: 'panUniqueReference:F1' } }],
    });
    expect(read({ device: { name: 'Pixel' } })).toMatchObject({ facts: [{ device: { name: 'Pixel' } }] });
    expect(read({ device: { name: ' ' } })).toMatchObject({ ok: true, facts: [{ device: undefined }] });
  });

  it('keeps names in order of strength, and the contact sealed', () => {
    const aliases = [
      { kind: 'lifecycleTraceId', value: 'T-1' },
      { kind: 'lifecycleTraceId', value: 'T-2' },
      { kind: 'A'.repeat(40), value: 'x' },
      { kind: 'correlationId' },
      ...least.aliases,
    ];
    expect(readCanonicalFact({ ...least, aliases, activation: { contactSealed: 'a.b' } }, receivedAt)).toMatchObject({
      facts: [
        {
          aliases: [
            { kind: 'tokenUniqueReference', value: 'DWSPMC1' },
            { kind: 'lifecycleTraceId', value: 'T-1' },
            { kind: 'lifecycleTraceId', value: 'T-2' },
            { kind: 'A'.repeat(40), value: 'x' },
          ],
          activation: { contactSealed: 'a.b' },
        },
      ],
    });
  });

  it.each([
    ['kind', factKindSymbols, ['UNKNOWN', 'TOKENS_MERGED', 'FACTS_ABSORBED', 'DEADLINE_PASSED']],
    ['network', networkSymbols, ['UNKNOWN']],
    ['reportedStatus', tokenStatusSymbols, ['UNKNOWN']],
    ['decision', decisionSymbols, ['UNKNOWN']],
    ['tokenType', tokenTypeSymbols, ['UNKNOWN']],
    ['occurredAtSource', timeSourceSymbols, ['UNKNOWN']],
    ['actor', partySymbols, []],
  ] as const)('takes each %s of the contract that another may state, and says which these are', (field, all, ours) => {
    const theirs = all.filter((word) => !(ours as readonly string[]).includes(word));
    for (const word of theirs) {
      expect(readCanonicalFact({ ...least, [field]: word }, receivedAt)).toMatchObject({ facts: [{ [field]: word }] });
    }
    for (const word of ours) {
      expect(readCanonicalFact({ ...least, [field]: word }, receivedAt)).toMatchObject({
        rejection: { errors: [{ path: field, message: `is not one of ${theirs.join(', ')}` }] },
      });
    }
  });

  it.each([
    ['factId', { factId: ' ' }],
    ['factId', { factId: 'x'.repeat(600) }],
    ['kind', { kind: 'TOKEN_EXPLODED' }],
    ['kind', { kind: undefined }],
    ['kind', { kind: 'TOKENS_MERGED' }],
    ['kind', { kind: 'DEADLINE_PASSED' }],
    ['deadline', { deadline: { purpose: 'TOKEN_UNUSED', since: 0, dueAt: 1 } }],
    ['network', { network: 'UNKNOWN' }],
    ['network', { network: null }],
    ['occurredAt', { occurredAt: undefined }],
    ['occurredAt', { occurredAt: '2030-01-15T10:00:00' }],
    ['occurredAt', { occurredAt: '2030-02-30T10:00:00Z' }],
    ['occurredAt', { occurredAt: 1.5 }],
    ['tokenId', { tokenId: '4111111111111111' }],
    ['tokenId', { tokenId: 'x0b9f2c52-6c1d-4c3a-9b1e-0123456789ab' }],
    ['tokenId', { tokenId: '0b9f2c52-6c1d-4c3a-9b1e-0123456789abx' }],
    ['aliases', { aliases: [] }],
    ['aliases', { aliases: [{ kind: 'correlationId', value: 'N/A' }] }],
    ['aliases[1].kind', { aliases: [...least.aliases, { kind: 'a b', value: '1' }] }],
    ['aliases[1].kind', { aliases: [...least.aliases, { kind: ' 1st', value: '1' }] }],
    ['aliases[1].kind', { aliases: [...least.aliases, { kind: 'a-', value: '1' }] }],
    ['aliases[1].kind', { aliases: [...least.aliases, { kind: 'A'.repeat(41), value: '1' }] }],
    ['aliases[1].kind', { aliases: [...least.aliases, { value: '1' }] }],
    ['aliases[1].colour', { aliases: [...least.aliases, { kind: 'colour', value: '1', colour: 'red' }] }],
    ['aliases[1]', { aliases: [...least.aliases, 'DWSPMC2'] }],
    ['aliases', { aliases: [...least.aliases, { kind: 'tokenUniqueReference', value: 'DWSPMC2' }] }],
    ['suspenders[1]', { suspenders: ['ISSUER', 'NOBODY'] }],
    ['device', { device: 'phone' }],
    ['bindingId', { bindingId: {} }],
    ['removedFromWallet', { removedFromWallet: 'yes' }],
    ['device.colour', { device: { id: 'd', colour: 'red' } }],
    ['card.ref', { card: { ref: '4111111111111111' } }],
    ['card.ref', { card: { ref: '1a:1' } }],
    ['card.ref', { card: { ref: 'a:1 1' } }],
    ['card.ref', { card: { last4: '1111' } }],
    ['card.colour', { card: { ref: 'a:1', colour: 'red' } }],
    ['card.last4', { card: { ref: 'threddPublicToken:1', last4: '41111' } }],
    ['card.last4', { card: { ref: 'threddPublicToken:1', last4: 'x1111' } }],
    ['tokenExpiry', { tokenExpiry: '2033-02-29' }],
    ['activation.expiresAt', { activation: { expiresAt: 'soon' } }],
    ['activation.code', { activation: { code: '123456' } }],
    ['pan', { pan: '4111111111111111' }],
  ])('is refused at %s', (path, change) => {
    const read = readCanonicalFact({ ...least, ...change }, receivedAt);
    const errors = read.ok ? [] : read.rejection.errors;
    expect(errors.map((error) => error.path)).toEqual([path]);
    expect(errors[0]?.message).toMatch(/^(is|holds) \w+/);
  });

  it('is not named by a name that has no kind', () => {
    expect(errorsOf({ ...least, aliases: [{ value: '1' }] })).toEqual(['aliases[0].kind', 'aliases']);
  });

  it('is refused with every fault at once and without a value', () => {
    const read = readCanonicalFact(
      { factId: 'x', kind: 'WRONG-KIND', occurredAt: 'WRONG-TIME', extra: 'WRONG-VALUE' },
      1,
    );
    expect(read.ok).toBe(false);
    expect(JSON.stringify(read)).not.toContain('WRONG');
    expect(errorsOf({ factId: 'x', kind: 'WRONG', occurredAt: 'WRONG', extra: 1 })).toEqual([
      'network',
      'kind',
      'occurredAt',
      'aliases',
      'extra',
    ]);
  });

  it.each([null, 'fact', 7, []])('is not %j', (input) => {
    expect(errorsOf(input)).toEqual(['']);
  });
});
