import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aliasKey, aliasLadder, byStrength, canonicalAlias } from './alias.js';

describe('a canonical name', () => {
  it.each([
    ['lifecycleTraceId', 'VIS1-20300115-399000000000101', '399000000000101'],
    ['lifecycleTraceId', 'VIS1-20300115-099000000000101', '99000000000101'],
    ['lifecycleTraceId', '99000000000101', '99000000000101'],
    ['lifecycleTraceId', 'BNET-20300115-MCC000123', 'BNET-20300115-MCC000123'],
    ['lifecycleTraceId', '000000000000001', '1'],
    ['lifecycleTraceId', '0000000000000001', '0000000000000001'],
    ['lifecycleTraceId', '00AB7', '00AB7'],
    ['lifecycleTraceId', 'VIS1-20300115-3990000000001011', 'VIS1-20300115-3990000000001011'],
    ['lifecycleTraceId', 'XVIS1-20300115-399000000000101', 'XVIS1-20300115-399000000000101'],
    ['lifecycleTraceId', 'XBNET-20300115-000', 'XBNET-20300115-000'],
    ['threddPaymentTokenId', '0070000001', '70000001'],
    ['threddPaymentTokenId', '0001234567890123456789', '1234567890123456789'],
    ['threddPaymentTokenId', '00AB7', '00AB7'],
    ['tokenUniqueReference', 'REF-000', 'REF-000'],
    ['tokenUniqueReference', '000-REF', '000-REF'],
    ['tokenUniqueReference', ' DWSPMC00000000001 ', 'DWSPMC00000000001'],
    ['tokenReferenceId', 'DNITHE000000000000000101', 'DNITHE000000000000000101'],
  ])('of kind %s for %s is %s', (kind, value, canonical) => {
    expect(canonicalAlias(kind, value)).toEqual({ kind, value: canonical });
  });

  it.each([
    '',
    ' ',
    '0',
    '0000',
    'null',
    'NULL',
    'N/A',
    'n/a',
    'NA',
    'none',
    'nil',
    'undefined',
    'unknown',
    '-',
    '---',
  ])('does not come from the placeholder "%s"', (value) => {
    for (const kind of aliasLadder) expect(canonicalAlias(kind, value)).toBeUndefined();
  });

  it.each(['VIS1-20300115-000000000000000', 'BNET-20300115-000000000', 'BNET-20300115-'])(
    'does not come from the empty trace %s',
    (value) => {
      expect(canonicalAlias('lifecycleTraceId', value)).toBeUndefined();
    },
  );

  it('is its own canonical name', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...aliasLadder),
        fc.oneof(fc.string(), fc.stringMatching(/^\d{1,16}$/)),
        (kind, value) => {
          const once = canonicalAlias(kind, value);
          expect(once === undefined ? undefined : canonicalAlias(kind, once.value)).toEqual(once);
        },
      ),
    );
  });
});

describe('names by strength', () => {
  it('come in ladder order, unknown kinds last, each once, however they were given', () => {
    const names = [
      { kind: 'somethingElse', value: 'x' },
      { kind: 'lifecycleTraceId', value: '2' },
      { kind: 'lifecycleTraceId', value: '3' },
      { kind: 'lifecycleTraceId', value: '1' },
      { kind: 'threddPaymentTokenId', value: '7' },
      { kind: 'lifecycleTraceId', value: '1' },
      { kind: 'tokenReferenceId', value: 'D' },
    ];
    const ladder = [
      'threddPaymentTokenId:7',
      'tokenReferenceId:D',
      'lifecycleTraceId:1',
      'lifecycleTraceId:2',
      'lifecycleTraceId:3',
      'somethingElse:x',
    ];
    expect(byStrength(names).map(aliasKey)).toEqual(ladder);
    expect(byStrength([...names].reverse()).map(aliasKey)).toEqual(ladder);
  });
});
