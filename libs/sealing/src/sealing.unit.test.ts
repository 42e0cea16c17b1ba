import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { describe, expect, it } from 'vitest';
import { generateKeySet, KeySetError, parseKeySet } from './keys.js';
import { createSealer, equalSecrets, OpenError } from './sealer.js';

const key = (): string => randomBytes(32).toString('base64url');
const [first, second] = [key(), key()];
const firstKeys = parseKeySet(JSON.stringify({ current: 'k1', keys: { k1: first } }));
const old = createSealer(firstKeys);
const rotated = createSealer(parseKeySet(JSON.stringify({ current: 'k2', keys: { k1: first, k2: second } })));
const pan = '4111111111111111';

describe('sealing', () => {
  it('gives back any text it sealed, and shows none of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 8 }), fc.boolean(), async (text, asBytes) => {
        const sealed = await old.seal('original', asBytes ? Buffer.from(text) : text);
        expect(await old.open('original', sealed)).toBe(text);
        expect(sealed).not.toContain(text);
      }),
      { numRuns: 100 },
    );
  });

  it('seals one text differently each time', async () => {
    expect(await old.seal('contact', 'a@example.com')).not.toBe(await old.seal('contact', 'a@example.com'));
  });

  it('opens old values after a rotation and uses the new key for new ones', async () => {
    expect(await rotated.open('contact', await old.seal('contact', 'x'))).toBe('x');
    await expect(old.open('contact', await rotated.seal('contact', 'x'))).rejects.toThrow(
      'Sealed under key k2, which is not in the key set.',
    );
  });

  it('opens a value for the purpose it was sealed for only', async () => {
    await expect(old.open('original', await old.seal('activation-code', '000123'))).rejects.toBeInstanceOf(OpenError);
  });

  it('refuses damage and foreign keys of the same name', async () => {
    const sealed = await old.seal('contact', 'x');
    const foreign = createSealer(parseKeySet(JSON.stringify({ current: 'k1', keys: { k1: key() } })));
    await expect(foreign.open('contact', sealed)).rejects.toBeInstanceOf(OpenError);
    await expect(old.open('contact', `${sealed.slice(0, -3)}AAA`)).rejects.toBeInstanceOf(OpenError);
    await expect(old.open('contact', 'plain text')).rejects.toBeInstanceOf(OpenError);
  });

  it('refuses a value any part of which has changed, and what is encrypted in another way', async () => {
    const parts = (await old.seal('contact', 'ana@inbox.example')).split('.');
    for (const [i, part] of parts.entries()) {
      const flipped = part.startsWith('A') ? `B${part.slice(1)}` : `A${part.slice(1)}`;
      const changed = parts.with(i, flipped).join('.');
      await expect(old.open('contact', changed)).rejects.toBeInstanceOf(OpenError);
      const shorter = parts.with(i, part.slice(0, -4)).join('.');
      if (part !== '') await expect(old.open('contact', shorter)).rejects.toBeInstanceOf(OpenError);
    }
    const header = { alg: 'A256GCMKW', enc: 'A256GCM', kid: 'k1', use: 'contact' };
    const wrapped = await new CompactEncrypt(Buffer.from('x'))
      .setProtectedHeader(header)
      .encrypt(firstKeys.current.sealing);
    await expect(old.open('contact', wrapped)).rejects.toBeInstanceOf(OpenError);
  });

  it('makes and opens JWEs as others do', async () => {
    const text = 'Ana’s 📱';
    const { plaintext } = await compactDecrypt(await old.seal('contact', text), firstKeys.current.sealing);
    expect(Buffer.from(plaintext).toString()).toBe(text);
    const header = { alg: 'dir', enc: 'A256GCM', kid: 'k1', use: 'contact' };
    const made = await new CompactEncrypt(Buffer.from(text))
      .setProtectedHeader(header)
      .encrypt(firstKeys.current.sealing);
    expect(await old.open('contact', made)).toBe(text);
  });

  it('knows its own sealed values from other text', async () => {
    expect(old.isSealed('contact', await old.seal('contact', 'x'))).toBe(true);
    expect(old.isSealed('contact', await old.seal('original', 'x'))).toBe(false);
    expect(old.isSealed('contact', 'a.b.c.d.e')).toBe(false);
  });
});

describe('card references', () => {
  it('are one for a card and key, carry the key, and show the last four only', () => {
    const reference = old.cardReference(pan);
    expect(reference).toEqual(old.cardReference(pan));
    expect(reference.ref).toMatch(/^pan:k1:[\w-]{43}$/);
    expect(reference.last4).toBe('1111');
    expect(reference.ref).not.toContain(pan);
    expect(old.cardReference('4111111111111112').ref).not.toBe(reference.ref);
  });

  it('can be looked up under every key after a rotation', () => {
    expect(rotated.cardReferences(pan)).toContain(old.cardReference(pan).ref);
    expect(rotated.cardReferences(pan)).toContain(rotated.cardReference(pan).ref);
  });
});

describe('the key set', () => {
  it.each([
    ['{', 'is not JSON'],
    ['{}', 'needs "current"'],
    [JSON.stringify({ current: 'k1', keys: { k1: 'c2hvcnQ' } }), 'Key k1 in TOKENLINE_SEALING_KEYS is not 32 bytes'],
    [JSON.stringify({ current: 'k2', keys: { k1: first } }), 'The current key k2 is not among the keys'],
  ])('is refused with a reason and without key material: %#', (text, reason) => {
    expect(() => parseKeySet(text)).toThrow(KeySetError);
    expect(() => parseKeySet(text)).toThrow(reason);
  });

  it('generated for local use is usable', () => {
    expect(parseKeySet(generateKeySet()).current.id).toBe('local-1');
  });
});

it('compares secrets', () => {
  expect(equalSecrets('abc', 'abc')).toBe(true);
  expect(equalSecrets('abc', 'abd')).toBe(false);
  expect(equalSecrets('abc', 'abcd')).toBe(false);
});
