import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLoopback, readAddresses } from './addresses.js';

function listOf(...texts: readonly string[]) {
  const read = readAddresses(texts);
  if (!read.ok) throw new Error(`Refused: ${read.wrong}`);
  return read.list;
}

/** An address as its bits, and the ways it can be written. */
const v4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => ({
  bits: bitsOf(bytes),
  texts: [[...bytes].join('.'), `::ffff:${[...bytes].join('.')}`, `::FFFF:${groups(bytes).join(':')}`],
}));
const v6 = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .filter((bytes) => !bytes.subarray(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 255)))
  .map((bytes) => ({
    bits: bitsOf(bytes),
    texts: [groups(bytes).join(':'), `${groups(bytes).join(':').toUpperCase()}%eth0`],
  }));

function bitsOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
}

function groups(bytes: Uint8Array): string[] {
  return Array.from({ length: bytes.length / 2 }, (_, i) =>
    (((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number)).toString(16),
  );
}

describe('a list of addresses', () => {
  it.each([
    ['IPv4', v4, 32],
    ['IPv6', v6, 128],
  ] as const)(
    'holds of %s exactly what shares the leading bits of a network on it, however it is written',
    (_, family, longest) => {
      fc.assert(
        fc.property(family, family, fc.nat({ max: longest }), fc.boolean(), (network, other, length, near) => {
          // Of two addresses drawn at random hardly any are neighbours.
          const asked = near ? withBits(network.bits, other.bits, length) : other;
          const list = listOf('192.0.2.1', `${network.texts[0]}/${length}`);
          const expected =
            asked.bits.slice(0, length) === network.bits.slice(0, length) || asked.texts[0] === '192.0.2.1';
          for (const text of asked.texts) expect(list.holds(text), text).toBe(expected);
        }),
      );
    },
  );

  it('keeps the two families apart', () => {
    expect(listOf('0.0.0.0/0').holds('2001:db8::1')).toBe(false);
    expect(listOf('::/0').holds('203.0.113.7')).toBe(false);
    expect(listOf('::/0').holds('::ffff:203.0.113.7')).toBe(false);
  });

  it('holds nothing that is no address', () => {
    const list = listOf('0.0.0.0/0', '::/0');
    for (const text of ['', 'localhost', '203.0.113', '::ffff:', '::ffff:1.2.3']) expect(list.holds(text)).toBe(false);
  });

  it('names the places that are none', () => {
    const texts = [
      '203.0.113.0/24',
      '203.0.113.0/33',
      'example.com',
      7,
      '::/129',
      '::ffff:203.0.113.0/120',
      '1.2.3.4/',
      '',
    ];
    expect(readAddresses(texts)).toEqual({ ok: false, wrong: [1, 2, 3, 4, 5, 6, 7] });
  });
});

/** The first `length` bits of one, the others of the other. */
function withBits(first: string, second: string, length: number) {
  const bits = first.slice(0, length) + second.slice(length);
  const bytes = Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
  return { bits, texts: [bytes.length === 4 ? [...bytes].join('.') : groups(bytes).join(':')] };
}

it('takes for this machine alone only what is', () => {
  const loopback = ['localhost', '127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'];
  const others = ['127.example.com', '127.0.0.1.example.com', '0.0.0.0', '::', '10.0.0.1', '::ffff:10.0.0.1', ''];
  expect(loopback.filter((host) => !isLoopback(host))).toEqual([]);
  expect(others.filter(isLoopback)).toEqual([]);
});
