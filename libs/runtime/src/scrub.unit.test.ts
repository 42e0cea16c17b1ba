import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looksSensitive, passesLuhn, scrub } from './scrub.js';

/** A card number: digits with the check digit that makes the Luhn sum a multiple of ten. */
const cardNumber = fc.stringMatching(/^[3-6]\d{11,17}$/).map((digits) => {
  const check = [...'0123456789'].find((d) => passesLuhn(digits + d)) as string;
  return digits + check;
});

describe('scrubbing', () => {
  it('masks any card number, spaced or not, wherever it stands in a line', () => {
    fc.assert(
      fc.property(cardNumber, fc.constantFrom('', ' ', '-'), (number, gap) => {
        const written = number.replace(/(\d{4})(?=\d)/g, `$1${gap}`);
        expect(scrub(`{"msg":"card ${written} refused"}`)).not.toContain(written);
      }),
    );
  });

  it('masks e-mail addresses and international phone numbers', () => {
    expect(scrub('to jane.doe+x@mail.example.com or +44 7700 900123.')).toBe('to [e-mail] or [phone].');
  });

  it('leaves identifiers and times alone', () => {
    const line =
      '{"time":"2030-01-15T10:00:00.100Z","offset":1234567890123,"id":"DNITHE000000000000000101","n":4111111111111112}';
    expect(scrub(line)).toBe(line);
    expect(looksSensitive(line)).toBe(false);
  });
});

it('knows what it would mask without masking it', () => {
  const pieces = fc.constantFrom(
    '4111111111111111',
    '4111 1111',
    '1111-1111',
    '12',
    ' ',
    '-',
    'x',
    'a@',
    'b.c',
    '+',
    '+44',
    '(0)',
    '7700 900123',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (given) => {
      expect(looksSensitive(given)).toBe(scrub(given) !== given);
    }),
    { numRuns: 3_000 },
  );
});

it('takes time with the length of a text, whatever it is: a sender could keep us busy for a minute otherwise', () => {
  for (const unit of ['x', '9', '1 ', '+1', 'a@', 'a.', '@', '%', '+1(', 'a@b', '4111-', '﻿']) {
    for (const end of ['', '@', '@b', '@example.com', '+']) {
      const text = unit.repeat(Math.ceil(262_144 / unit.length)) + end;
      const began = performance.now();
      scrub(text);
      expect(performance.now() - began, `${unit}…${end}`).toBeLessThan(2_000);
    }
  }
});

it('finds an address wherever it stands in a long text', () => {
  for (const before of ['', 'x'.repeat(500), 'a@b', 'a@b@', '.'.repeat(70), 'x '.repeat(99)]) {
    expect(scrub(`${before}jane.doe@example.com`)).toContain('[e-mail]');
    expect(scrub(`${before}jane.doe@example.com`)).not.toContain('doe@example');
  }
});
