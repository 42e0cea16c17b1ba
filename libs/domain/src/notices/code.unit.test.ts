import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeContactOf, codeHeldUntil } from './code.js';

const minute = 60_000;
const issued = Date.UTC(2030, 0, 15, 10);

describe('a code is held', () => {
  it('until it lapses', () => expect(codeHeldUntil(issued, issued, issued + 5 * minute)).toBe(issued + 5 * minute));
  it('half an hour where nothing is said of its end', () =>
    expect(codeHeldUntil(issued, issued, undefined)).toBe(issued + 30 * minute));
  it('a day, where it lapses later', () =>
    expect(codeHeldUntil(issued, issued, issued + 9_999 * minute)).toBe(issued + 24 * 60 * minute));
  it('counted from its issue when it was received later, and from its receipt when it is dated in the future', () => {
    expect(codeHeldUntil(issued, issued + 7 * minute, undefined)).toBe(issued + 30 * minute);
    expect(codeHeldUntil(issued + 7 * minute, issued, undefined)).toBe(issued + 30 * minute);
  });
  it('never beyond its expiry, nor for more than a day after it came', () => {
    const at = fc.integer({ min: 0, max: 4e12 });
    fc.assert(
      fc.property(at, at, fc.option(at, { nil: undefined }), (occurred, received, expires) => {
        const until = codeHeldUntil(occurred, received, expires);
        expect(until).toBeLessThanOrEqual(expires ?? Number.POSITIVE_INFINITY);
        expect(until).toBeLessThanOrEqual(received + 24 * 60 * minute);
      }),
    );
  });
});

it.each([
  ['SMS', 'phone'],
  ['EMAIL', 'email'],
  ['VOICE_CALL', undefined],
  ['APP', undefined],
  ['sms', undefined],
  ['', undefined],
  [undefined, undefined],
])('a code by method %s goes to the contact %s and to no other', (method, contact) => {
  expect(codeContactOf(method)).toBe(contact);
});
