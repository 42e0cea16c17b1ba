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
  ])('%s is %s', (text, expected) => {
    expect(normaliseIp(text)).toBe(expected);
  });

  it.each(['', '256.0.0.1', '1.2.3', 'C000020', 'host.example', '1::2::3', '1:2:3', 'abcd'])('is not %s', (text) => {
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
