import { createPrivateKey, createPublicKey } from 'node:crypto';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MdesEnvelope, openMdes, sealMdes } from './envelope.js';
import { keysText, newPair, recipient } from './given.js';
import { type CipherMode, cipherModes, fingerprintsOf, type OaepHash, oaepHashes, parseMdesKeys } from './keys.js';

const [old, current, mastercard, stranger] = [newPair(), newPair(), newPair(), newPair()];
const keys = parseMdesKeys(keysText([old, current], mastercard));
const prints = (pem: string) => fingerprintsOf(createPublicKey(pem));

/** An envelope as MDES sends it to us. */
function sent(text: string, mode: CipherMode = 'CBC', hash: OaepHash = 'SHA256', to = current): MdesEnvelope {
  return sealMdes(text, recipient(to.publicKey, prints(to.publicKey).sha1, hash, mode));
}

describe('an MDES envelope', () => {
  it('opens to the text it hides, in every mode, with keys named by SHA-1 or SHA-256 in either case', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom(...cipherModes),
        fc.constantFrom(...oaepHashes),
        fc.constantFrom(128 as const, 256 as const),
        fc.constantFrom(old, current),
        fc.constantFrom('sha1' as const, 'sha256' as const),
        fc.boolean(),
        fc.constantFrom(undefined, null),
        fc.option(fc.uint8Array({ maxLength: 18 }), { nil: undefined }),
        (text, mode, hash, keyBits, pair, kind, upper, iv, aad) => {
          const print = prints(pair.publicKey)[kind];
          const to = recipient(pair.publicKey, upper ? print.toUpperCase() : print, hash, mode);
          const envelope = sealMdes(text, to, {
            keyBits,
            ...(iv === null && { iv }),
            ...(aad !== undefined && { aad: Buffer.from(aad) }),
          });
          expect('iv' in envelope).toBe(iv !== null);
          expect(openMdes(envelope, keys)).toEqual({ ok: true, text });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is CBC when it does not say, and takes hex in either case and SHA-256 with a hyphen', () => {
    const { algorithmCipherMode: _, ...envelope } = sent('{"a":1}');
    const shouted = Object.fromEntries(Object.entries(envelope).map(([name, value]) => [name, value.toUpperCase()]));
    expect(openMdes(envelope, keys)).toEqual({ ok: true, text: '{"a":1}' });
    expect(openMdes({ ...shouted, oaepHashingAlgorithm: 'SHA-256' }, keys)).toEqual({ ok: true, text: '{"a":1}' });
  });

  it('is never the same twice', () => {
    const [one, two] = [sent('x'), sent('x')];
    expect(one.encryptedData).not.toBe(two.encryptedData);
    expect(one.encryptedKey).not.toBe(two.encryptedKey);
  });

  it('for a key not held here says so', () => {
    const envelope = sent('x', 'CBC', 'SHA256', stranger);
    expect(openMdes(envelope, keys)).toMatchObject({ ok: false, reason: 'WRONG_KEY', field: 'publicKeyFingerprint' });
    const misnamed = { ...envelope, publicKeyFingerprint: prints(current.publicKey).sha256 };
    expect(openMdes(misnamed, keys)).toMatchObject({ ok: false, reason: 'WRONG_KEY', field: 'encryptedKey' });
    const otherHash = { ...sent('x'), oaepHashingAlgorithm: 'SHA512' };
    expect(openMdes(otherHash, keys)).toMatchObject({ ok: false, reason: 'WRONG_KEY', field: 'encryptedKey' });
  });

  it('without oaepHashingAlgorithm is wrapped by RSA PKCS#1 v1.5, and is refused for that', () => {
    const { oaepHashingAlgorithm: _, ...envelope } = sent('x');
    expect(openMdes(envelope, keys)).toMatchObject({
      ok: false,
      reason: 'KEY_WRAP_UNSUPPORTED',
      field: 'oaepHashingAlgorithm',
      message: expect.stringContaining('PKCS#1 v1.5'),
    });
    expect(openMdes({ ...envelope, oaepHashingAlgorithm: 'SHA1' }, keys)).toMatchObject({
      reason: 'KEY_WRAP_UNSUPPORTED',
    });
  });

  it.each<[string, object, string]>([
    ['publicKeyFingerprint', { publicKeyFingerprint: 'key 1' }, 'MALFORMED'],
    ['encryptedData', { encryptedData: { cardAccountData: {} } }, 'MALFORMED'],
    ['encryptedData', { encryptedData: 'abc' }, 'MALFORMED'],
    ['encryptedKey', { encryptedKey: undefined }, 'MALFORMED'],
    ['iv', { iv: '00' }, 'MALFORMED'],
    ['iv', { iv: '000102030405060708090a0b' }, 'MALFORMED'],
    ['algorithmCipherMode', { algorithmCipherMode: 'ECB' }, 'MALFORMED'],
    ['tag', { algorithmCipherMode: 'GCM', iv: undefined }, 'MALFORMED'],
  ])('with a wrong %s (%j) names it', (field, change, reason) => {
    expect(openMdes({ ...sent('x'), ...change }, keys)).toMatchObject({ ok: false, reason, field });
  });

  it('changed anywhere does not open under GCM', () => {
    const envelope = sealMdes(
      '{"a":"b"}',
      recipient(current.publicKey, prints(current.publicKey).sha1, 'SHA256', 'GCM'),
      {
        aad: Buffer.from('mdes'),
      },
    );
    for (const field of ['encryptedData', 'tag', 'aad', 'iv'] as const) {
      const changed = flipped(envelope[field] ?? '');
      expect(openMdes({ ...envelope, [field]: changed }, keys), field).toMatchObject({ ok: false, reason: 'DAMAGED' });
    }
  });

  it('that is anything at all opens or is refused with a reason, and quotes nothing', () => {
    const valid = sent('{"accountNumber":"5123456789012346"}', 'GCM');
    const anything = fc.oneof(
      fc.anything(),
      fc
        .tuple(fc.constantFrom(...Object.keys(valid)), fc.oneof(fc.anything(), fc.string(), fc.constant(undefined)))
        .map(([name, value]) => ({ ...valid, [name]: value })),
    );
    fc.assert(
      fc.property(anything, (envelope) => {
        const opened = openMdes(envelope, keys);
        if (opened.ok) return;
        expect(['MALFORMED', 'WRONG_KEY', 'KEY_WRAP_UNSUPPORTED', 'DAMAGED']).toContain(opened.reason);
        expect(opened.message).not.toContain('5123456789012346');
      }),
      { numRuns: 500 },
    );
  });
});

describe('Mastercard’s own library', () => {
  const library = createRequire(import.meta.url)('mastercard-client-encryption') as {
    FieldLevelEncryption: OracleClass;
  };

  it.each(oaepHashes)('reads what we encrypt, and we read what it encrypts (OAEP with %s)', (hash) => {
    const oracle = oracleOf(library.FieldLevelEncryption, hash);
    const plain = { cardAccountData: { accountNumber: '5123456789012346' }, accountHolderName: 'DOE/JANÉ' };
    const path = 'https://mdes.example/authorizeService';
    const { body } = oracle.encrypt(path, {}, { fundingAccountData: plain });
    const opened = openMdes(body.encryptedPayload, keys);
    expect(opened.ok && JSON.parse(opened.text)).toEqual(plain);

    const ours = sealMdes(
      JSON.stringify(plain),
      recipient(current.publicKey, prints(current.publicKey).sha256, hash, 'CBC'),
    );
    const back = oracle.decrypt({ request: { url: path }, body: { encryptedPayload: ours } });
    // The library leaves the text as bytes, one a character.
    const text = JSON.stringify(back);
    expect(JSON.parse(Buffer.from(text, 'latin1').toString('utf8'))).toMatchObject({ fundingAccountData: plain });
  });
});

interface Oracle {
  readonly encrypt: (path: string, header: object, body: object) => { body: { encryptedPayload: unknown } };
  readonly decrypt: (response: object) => unknown;
}
type OracleClass = new (config: object) => Oracle;

/** Mastercard's library with our current key, which it takes as a certificate only. */
function oracleOf(FieldLevelEncryption: OracleClass, hash: OaepHash): Oracle {
  const forge = createRequire(import.meta.url)('node-forge');
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(current.publicKey);
  certificate.setSubject([{ name: 'commonName', value: 'test' }]);
  const pkcs1 = createPrivateKey(current.privateKey).export({ type: 'pkcs1', format: 'pem' }) as string;
  certificate.sign(forge.pki.privateKeyFromPem(pkcs1));
  return new FieldLevelEncryption({
    paths: [
      {
        path: '/authorizeService$',
        toEncrypt: [{ element: 'fundingAccountData', obj: 'encryptedPayload' }],
        toDecrypt: [{ element: 'encryptedPayload', obj: 'fundingAccountData' }],
      },
    ],
    oaepPaddingDigestAlgorithm: hash === 'SHA256' ? 'SHA-256' : 'SHA-512',
    dataEncoding: 'hex',
    encryptionCertificate: forge.pki.certificateToPem(certificate),
    privateKey: pkcs1,
    useCertificateContent: true,
    ivFieldName: 'iv',
    encryptedKeyFieldName: 'encryptedKey',
    encryptedValueFieldName: 'encryptedData',
    oaepHashingAlgorithmFieldName: 'oaepHashingAlgorithm',
    publicKeyFingerprintFieldName: 'publicKeyFingerprint',
    publicKeyFingerprintType: 'publicKey',
  });
}

function flipped(hex: string): string {
  return `${hex.slice(0, -1)}${hex.endsWith('0') ? '1' : '0'}`;
}
