import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { CompactEncrypt, CompactSign } from 'jose';
import { describe, expect, it } from 'vitest';
import { parseVtsKeys, VtsKeysError } from './keys.js';
import { generateVtsPair, makeVtsEnvelope } from './make.js';
import { openVtsEnvelope } from './open.js';

const now = Date.UTC(2030, 0, 16, 11);
const ours = generateVtsPair();
const stranger = generateVtsPair();
const keys = parseVtsKeys(ours.keys);
const secret = '{"cardholderInfo":{"primaryAccountNumber":"4111111111111111"}}';
const made = (text = secret, times: Partial<Parameters<typeof makeVtsEnvelope>[2]> = {}, sender = ours.sender) =>
  makeVtsEnvelope(text, sender, { issuedAt: now, ...times });

/** An envelope with headers of one's own. */
async function written(outer: object, inner: object): Promise<string> {
  const jwe = await new CompactEncrypt(new TextEncoder().encode(secret))
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: 'issuer-1', iat: now / 1_000, ...inner })
    .encrypt(ours.sender.recipient.key);
  return new CompactSign(new TextEncoder().encode(jwe))
    .setProtectedHeader({ alg: 'PS256', kid: 'visa-1', ...outer } as { alg: string })
    .sign(ours.sender.signer.key);
}

describe('an envelope', () => {
  it('opens to the text that was put in, whatever the text', () =>
    fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 4_000 }), async (text) => {
        expect(await openVtsEnvelope(await made(text), keys, now)).toEqual({ ok: true, text, issuedAt: now });
      }),
      { numRuns: 20 },
    ));

  it('changed in any place does not open, and never throws', async () => {
    const envelope = await made();
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: envelope.length - 1 }), fc.constantFrom(...'Aa0_.-= é'), async (at, character) => {
        fc.pre(envelope[at] !== character);
        const changed = `${envelope.slice(0, at)}${character}${envelope.slice(at + 1)}`;
        const opened = await openVtsEnvelope(changed, keys, now);
        // The last character of a part may carry bits that stand for nothing.
        if (opened.ok) expect(opened.text).toBe(secret);
        else expect(opened.fault).toMatch(/MALFORMED|ALGORITHM_REFUSED|UNKNOWN_SIGNER|BAD_SIGNATURE/);
      }),
      { numRuns: 300 },
    );
  });

  it('that is any text at all is refused without an exception', () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.base64String().map((s) => `${s}.${s}.${s}`),
        ),
        async (text) => {
          expect(await openVtsEnvelope(text, keys, now)).toMatchObject({ ok: false });
        },
      ),
    ));

  it.each([
    ['by somebody else under Visa’s key id', { ...ours.sender, signer: stranger.sender.signer }, 'BAD_SIGNATURE'],
    [
      'under a key id not known',
      { ...ours.sender, signer: { ...ours.sender.signer, kid: 'visa-9' } },
      'UNKNOWN_SIGNER',
    ],
    ['for somebody else', { ...ours.sender, recipient: stranger.sender.recipient }, 'WRONG_KEY'],
  ] as const)('signed or encrypted %s is refused as %s', async (_what, sender, fault) => {
    expect(await openVtsEnvelope(await made(secret, {}, sender), keys, now)).toEqual({ ok: false, fault });
  });

  it.each([
    ['unsigned', { alg: 'none' }, {}],
    ['signed with PKCS#1 v1.5', { alg: 'RS256' }, {}],
    ['wrapped with SHA-1', {}, { alg: 'RSA-OAEP' }],
    ['encrypted with another content algorithm', {}, { enc: 'A128GCM' }],
  ])('%s is refused for its algorithm', async (_what, outer, inner) => {
    const envelope =
      'alg' in outer && outer.alg === 'none' ? withAlg(await made(), 'none') : await written(outer, inner);
    expect(await openVtsEnvelope(envelope, keys, now)).toEqual({ ok: false, fault: 'ALGORITHM_REFUSED' });
  });

  it.each([
    ['in seconds', now / 1_000],
    ['in milliseconds', now],
  ])('tells when it was signed %s, in either header', async (_what, iat) => {
    expect(await openVtsEnvelope(await written({}, { iat }), keys, now)).toMatchObject({ ok: true, issuedAt: now });
    const outside = await written({ iat }, { iat: undefined });
    expect(await openVtsEnvelope(outside, keys, now)).toMatchObject({ ok: true, issuedAt: now });
  });

  it('without a time of signing is refused: it could be repeated for ever', async () => {
    expect(await openVtsEnvelope(await written({}, { iat: undefined }), keys, now)).toEqual({
      ok: false,
      fault: 'MALFORMED',
    });
  });

  it.each([
    ['in time', { issuedAt: now - 3_600_000 }, true],
    ['a second too old', { issuedAt: now - 3_601_000 }, false],
    ['by a clock a little ahead', { issuedAt: now + 60_000 }, true],
    ['by a clock far ahead', { issuedAt: now + 61_000 }, false],
    ['with an end that is yet to come', { expiresAt: now + 1_000 }, true],
    ['with an end that has passed', { expiresAt: now - 61_000 }, false],
  ])('signed %s: %o opens %s', async (_what, times, opens) => {
    for (const unit of ['seconds', 'milliseconds'] as const) {
      const opened = await openVtsEnvelope(await made(secret, { ...times, unit }), keys, now);
      expect(opened.ok ? 'opens' : opened.fault).toBe(opens ? 'opens' : 'SIGNATURE_EXPIRED');
    }
  });
});

describe('rotation', () => {
  const next = generateVtsPair();
  const both = JSON.parse(ours.keys);
  const nextKeys = JSON.parse(next.keys);
  const rotated = parseVtsKeys(
    JSON.stringify({
      issuer: { current: 'issuer-2', keys: { ...both.issuer.keys, 'issuer-2': nextKeys.issuer.keys['issuer-1'] } },
      visa: { keys: { ...both.visa.keys, 'visa-2': nextKeys.visa.keys['visa-1'] } },
    }),
  );
  const named = (pair: typeof ours, suffix: string) => ({
    recipient: { ...pair.sender.recipient, kid: `issuer-${suffix}` },
    signer: { ...pair.sender.signer, kid: `visa-${suffix}` },
  });

  it('takes what is made with the old keys and with the new', async () => {
    for (const sender of [named(ours, '1'), named(next, '2')]) {
      expect(await openVtsEnvelope(await made(secret, {}, sender), rotated, now)).toMatchObject({
        ok: true,
        text: secret,
      });
    }
  });

  it('opens with the current key what names a key of ours that is not known', async () => {
    const sender = { ...named(next, '2'), recipient: { ...next.sender.recipient, kid: 'a name of Visa’s own' } };
    expect(await openVtsEnvelope(await made(secret, {}, sender), rotated, now)).toMatchObject({
      ok: true,
      text: secret,
    });
  });
});

describe('a key set', () => {
  const good = JSON.parse(ours.keys);
  const small = generateKeyPairSync('rsa', { modulusLength: 1_024 });
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = (key: typeof small.privateKey) => key.export({ type: 'pkcs8', format: 'pem' });

  it('takes JWKs beside PEM', () => {
    const jwk = keys.issuer.get('issuer-1')?.export({ format: 'jwk' });
    expect(parseVtsKeys(JSON.stringify({ ...good, issuer: { current: 'a', keys: { a: jwk } } })).issuer.size).toBe(1);
  });

  it.each([
    ['no JSON', '{', 'TOKENLINE_VTS_KEYS is not JSON.'],
    ['no object', '[]', 'TOKENLINE_VTS_KEYS is not an object.'],
    ['no keys of ours', { visa: good.visa }, 'TOKENLINE_VTS_KEYS.issuer is not an object.'],
    ['no keys of Visa’s', { issuer: good.issuer, visa: { keys: {} } }, 'TOKENLINE_VTS_KEYS.visa.keys holds no key.'],
    [
      'a current key that is not there',
      { ...good, issuer: { ...good.issuer, current: 'x' } },
      'issuer.current does not name',
    ],
    [
      'a public key as ours',
      { ...good, issuer: { current: 'a', keys: { a: good.visa.keys['visa-1'] } } },
      'issuer.keys.a is not a private key',
    ],
    [
      'a private key as Visa’s',
      { ...good, visa: { keys: { v: good.issuer.keys['issuer-1'] } } },
      'visa.keys.v is not a public key',
    ],
    [
      'a short key',
      { ...good, issuer: { current: 'a', keys: { a: pem(small.privateKey) } } },
      'issuer.keys.a is shorter than 2048 bits',
    ],
    [
      'a key that is not RSA',
      { ...good, issuer: { current: 'a', keys: { a: pem(curve.privateKey) } } },
      'issuer.keys.a is not an RSA key',
    ],
    [
      'a key id that is a sentence',
      { ...good, visa: { keys: { 'a b': good.visa.keys['visa-1'] } } },
      'A key id in TOKENLINE_VTS_KEYS.visa.keys',
    ],
    [
      'a window that is no time',
      { ...good, window: { maxAgeSeconds: -1 } },
      'window.maxAgeSeconds is not a whole number',
    ],
  ])('with %s is refused by name', (_what, given, message) => {
    const text = typeof given === 'string' ? given : JSON.stringify(given);
    expect(() => parseVtsKeys(text)).toThrow(VtsKeysError);
    expect(() => parseVtsKeys(text)).toThrow(message);
  });

  it('never quotes key material', () => {
    const broken = ours.keys.replaceAll('PRIVATE KEY', 'PRIVATE LEY');
    try {
      parseVtsKeys(broken);
      expect.fail('taken');
    } catch (error) {
      const material = good.issuer.keys['issuer-1'].split('\n')[1];
      expect((error as Error).stack).not.toContain(material);
    }
  });
});

function withAlg(envelope: string, alg: string): string {
  const [, ...rest] = envelope.split('.');
  return [Buffer.from(JSON.stringify({ alg, kid: 'visa-1' })).toString('base64url'), ...rest].join('.');
}
