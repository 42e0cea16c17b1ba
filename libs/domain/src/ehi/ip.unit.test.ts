import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseIp } from './ip.js';

describe('an IP address', () => {
  it.each([
    ['192.0.2.10', '192.0.2.10'],
    ['192.000.002.010', '192.0.2.10'],
    ['C000020A', '192.0.2.10'],
    ['c000020a', '192.0.2.10'],
    ['2001:DB8::1', '2001:db8::1'],
    ['0:0:0:0:0:0:0:1', '0:0:0:0:0:0:0:1'],
    ['::1', '::1'],
    ['2001:db8::', '2001:db8::'],
    ['::', '::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7::'],
    ['255.255.255.255', '255.255.255.255'],
  ])('%s is %s', (text, expected) => {
    expect(normaliseIp(text)).toBe(expected);
  });

  it.each([
    '',
    '256.0.0.1',
    '0.0.0.999',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.4567',
    '1234.2.3.4',
    '1.1234.3.4',
    '1.2.1234.4',
    'C000020',
    'C000020AB',
    'C000020G',
    'host.example',
    ':::',
    '1::2::3',
    '1:2:3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '1:2:3:4::5:6:7:8',
    'g::1',
    '1g::1',
    '12345::1',
    'abcd',
  ])('is not %s', (text) => {
    expect(normaliseIp(text)).toBeUndefined();
  });

  it('is the same in all three notations', () => {
    fc.assert(
      fc.property(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)), (parts) => {
        const plain = parts.join('.');
        const padded = parts.map((p) => String(p).padStart(3, '0')).join('.');
        const hex = parts.map((p) => p.toString(16).padStart(2, '0')).join('');
        return [plain, padded, hex].every((text) => normaliseIp(text) === plain);
      }),
    );
  });
});
