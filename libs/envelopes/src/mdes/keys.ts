/**
 * The keys of the MDES envelopes: our private keys, one or more, and the public key of Mastercard that our answers are encrypted under.
 * A sender names our key by a fingerprint, so old and new stand side by side while keys rotate (mastercard-mdes.md 1.3).
 *
 * Text form (TOKENLINE_MDES_KEYS):
 *   {"own": [{"privateKey": "<PEM>", "certificate"?: "<PEM>", "fingerprints"?: ["<hex>", …]}, …],
 *    "mastercard": {"publicKey": "<PEM, key or certificate>", "fingerprint"?: "<hex>",
 *                   "oaepHashingAlgorithm"?: "SHA256" | "SHA512", "algorithmCipherMode"?: "CBC" | "GCM"}}
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';

export const oaepHashes = ['SHA256', 'SHA512'] as const;
export type OaepHash = (typeof oaepHashes)[number];

export const cipherModes = ['CBC', 'GCM'] as const;
export type CipherMode = (typeof cipherModes)[number];

/** A public key and how to encrypt under it. */
export interface MdesRecipient {
  readonly publicKey: KeyObject;
  /** Names the key to its owner, hex. */
  readonly fingerprint: string;
  readonly oaepHash: OaepHash;
  readonly cipherMode: CipherMode;
}

export interface MdesKeys {
  /** Our private keys by fingerprint, lower case hex: SHA-1 and SHA-256 of the public key, of its certificate, and what is configured. */
  readonly own: ReadonlyMap<string, KeyObject>;
  readonly mastercard: MdesRecipient;
}

/** The keys' text is unusable. The message never quotes key material. */
export class MdesKeyError extends Error {
  override readonly name = 'MdesKeyError';
}

type Json = Readonly<Record<string, unknown>>;

/** Parses the text form. Throws MdesKeyError. */
export function parseMdesKeys(text: string): MdesKeys {
  const { own, mastercard } = objectFrom(text);
  if (!Array.isArray(own) || own.length === 0) throw refused('it needs "own", a list of one private key at least');
  const byFingerprint = new Map<string, KeyObject>();
  for (const [i, entry] of own.entries()) {
    for (const [fingerprint, key] of ownKey(entry, `own[${i}]`)) {
      if (byFingerprint.has(fingerprint)) throw refused(`own[${i}] has the fingerprint of a key before it`);
      byFingerprint.set(fingerprint, key);
    }
  }
  return { own: byFingerprint, mastercard: recipientFrom(mastercard) };
}

/** SHA-1 and SHA-256 of a public key in DER (SubjectPublicKeyInfo), lower case hex. */
export function fingerprintsOf(publicKey: KeyObject): { readonly sha1: string; readonly sha256: string } {
  return digests(publicKey.export({ type: 'spki', format: 'der' }));
}

function ownKey(entry: unknown, at: string): ReadonlyMap<string, KeyObject> {
  if (!isObject(entry)) throw refused(`${at} is not an object`);
  const { privateKey: pem, certificate, fingerprints = [] } = entry;
  const privateKey = keyFrom(pem, `${at}.privateKey`, createPrivateKey);
  const publicKey = createPublicKey(privateKey);
  const names = Object.values(fingerprintsOf(publicKey));
  if (certificate !== undefined) {
    const x509 = certificateFrom(certificate, `${at}.certificate`);
    if (!x509.publicKey.equals(publicKey)) throw refused(`${at}.certificate is of another key`);
    names.push(...Object.values(digests(x509.raw)));
  }
  if (!Array.isArray(fingerprints)) throw refused(`${at}.fingerprints is not a list`);
  for (const given of fingerprints) names.push(fingerprintFrom(given, `${at}.fingerprints`));
  return new Map(names.map((name) => [name, privateKey]));
}

function recipientFrom(value: unknown): MdesRecipient {
  if (!isObject(value)) throw refused('it needs "mastercard", with the public key answers are encrypted under');
  const { publicKey: pem, fingerprint, oaepHashingAlgorithm = 'SHA256', algorithmCipherMode = 'CBC' } = value;
  const publicKey = keyFrom(pem, 'mastercard.publicKey', createPublicKey);
  return {
    publicKey,
    fingerprint:
      fingerprint === undefined
        ? fingerprintsOf(publicKey).sha256
        : fingerprintFrom(fingerprint, 'mastercard.fingerprint'),
    oaepHash: oneOf(oaepHashingAlgorithm, oaepHashes, 'mastercard.oaepHashingAlgorithm'),
    cipherMode: oneOf(algorithmCipherMode, cipherModes, 'mastercard.algorithmCipherMode'),
  };
}

function objectFrom(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refused('it is not JSON');
  }
  if (!isObject(value)) throw refused('it is not an object');
  return value;
}

function keyFrom(pem: unknown, at: string, read: (pem: string) => KeyObject): KeyObject {
  if (typeof pem !== 'string') throw refused(`${at} is missing`);
  let key: KeyObject;
  try {
    key = read(pem);
  } catch {
    // What the parser says may quote the text.
    throw refused(`${at} is not a key in PEM`);
  }
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) {
    throw refused(`${at} is not an RSA key of 2048 bits or more`);
  }
  return key;
}

function certificateFrom(pem: unknown, at: string): X509Certificate {
  try {
    return new X509Certificate(String(pem));
  } catch {
    throw refused(`${at} is not a certificate in PEM`);
  }
}

function fingerprintFrom(value: unknown, at: string): string {
  if (typeof value === 'string' && /^(?:[\da-f]{2}){16,32}$/i.test(value)) return value.toLowerCase();
  throw refused(`${at} is not a fingerprint: 32 to 64 hex digits`);
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], at: string): T {
  if ((allowed as readonly unknown[]).includes(value)) return value as T;
  throw refused(`${at} is not one of ${allowed.join(', ')}`);
}

function digests(der: Buffer): { readonly sha1: string; readonly sha256: string } {
  const digest = (algorithm: string): string => createHash(algorithm).update(der).digest('hex');
  return { sha1: digest('sha1'), sha256: digest('sha256') };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(why: string): MdesKeyError {
  return new MdesKeyError(`TOKENLINE_MDES_KEYS is refused: ${why}.`);
}
