/**
 * The MDES envelope: a JSON text under a one-time AES key, which is wrapped under an RSA key that a fingerprint names (mastercard-mdes.md 1.3).
 *
 *   encryptedData         hex; AES-128 or AES-256, CBC with PKCS#7 padding or GCM
 *   encryptedKey          hex; the AES key under RSA-OAEP
 *   publicKeyFingerprint  hex, 16 to 32 bytes, in either case
 *   oaepHashingAlgorithm  SHA256 or SHA512. Absent means RSA PKCS#1 v1.5, which is refused: Node has switched it off (CVE-2023-46809)
 *   iv                    hex, 16 bytes for CBC, 12 for GCM; absent means zeros (each AES key is used once)
 *   algorithmCipherMode   CBC or GCM; absent means CBC
 *   tag, aad              hex, GCM only
 *
 * CBC does not notice every change. Who may send at all is for the connection to decide (mutual TLS), and a caller does well to
 * answer every failure alike: the reasons here are for our own eyes.
 */
import {
  constants,
  createCipheriv,
  createDecipheriv,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { type CipherMode, cipherModes, type MdesKeys, type MdesRecipient, type OaepHash, oaepHashes } from './keys.js';

/** Why an envelope does not open. */
export type MdesFault = 'MALFORMED' | 'WRONG_KEY' | 'KEY_WRAP_UNSUPPORTED' | 'DAMAGED';

export type MdesOpened =
  | { readonly ok: true; readonly text: string }
  /** `field` is the part of the envelope at fault, where it is one; `message` says what is wrong with it and quotes nothing. */
  | { readonly ok: false; readonly reason: MdesFault; readonly field?: string; readonly message: string };

/** An envelope on the wire. */
export interface MdesEnvelope {
  readonly encryptedData: string;
  readonly encryptedKey: string;
  readonly publicKeyFingerprint: string;
  readonly oaepHashingAlgorithm: OaepHash;
  readonly iv?: string;
  readonly algorithmCipherMode?: CipherMode;
  readonly tag?: string;
  readonly aad?: string;
}

interface Parts {
  readonly data: Buffer;
  readonly wrappedKey: Buffer;
  readonly fingerprint: string;
  readonly oaepHash: OaepHash;
  readonly mode: CipherMode;
  readonly iv: Buffer;
  readonly tag: Buffer | undefined;
  readonly aad: Buffer | undefined;
}

const ivLengths: Readonly<Record<CipherMode, number>> = { CBC: 16, GCM: 12 };
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Opens an envelope, whatever it may be, with the key of ours that it names. */
export function openMdes(envelope: unknown, { own }: Pick<MdesKeys, 'own'>): MdesOpened {
  const parts = readParts(envelope);
  if ('ok' in parts) return parts;
  const key = own.get(parts.fingerprint);
  if (key === undefined) return fault('WRONG_KEY', 'names no key held here', 'publicKeyFingerprint');
  const contentKey = unwrap(parts, key);
  if (contentKey === undefined) return fault('WRONG_KEY', 'does not open with the key named', 'encryptedKey');
  if (contentKey.length !== 16 && contentKey.length !== 32) {
    return fault('MALFORMED', 'does not hold an AES key of 128 or 256 bits', 'encryptedKey');
  }
  const plain = decrypt(parts, contentKey);
  return plain === undefined
    ? fault('DAMAGED', 'does not decrypt to text', 'encryptedData')
    : { ok: true, text: plain };
}

export interface SealingChoice {
  readonly keyBits?: 128 | 256;
  /** 16 bytes for CBC, 12 for GCM; random when left out. `null` leaves it out of the envelope, which means zeros. */
  readonly iv?: Buffer | null;
  /** GCM only. */
  readonly aad?: Buffer;
}

/** Encrypts a text under the recipient's key. Each call makes its own AES key. */
export function sealMdes(text: string, recipient: MdesRecipient, choice: SealingChoice = {}): MdesEnvelope {
  const { publicKey, fingerprint, oaepHash, cipherMode } = recipient;
  const contentKey = randomBytes((choice.keyBits ?? 128) / 8);
  const ivLength = ivLengths[cipherMode];
  const iv = choice.iv === null ? Buffer.alloc(ivLength) : (choice.iv ?? randomBytes(ivLength));
  const wrapped = publicEncrypt(oaep(publicKey, oaepHash), contentKey);
  const common = {
    encryptedKey: wrapped.toString('hex'),
    publicKeyFingerprint: fingerprint,
    oaepHashingAlgorithm: oaepHash,
    ...(choice.iv !== null && { iv: iv.toString('hex') }),
  };
  if (cipherMode === 'CBC') {
    const cipher = createCipheriv(`aes-${contentKey.length === 16 ? 128 : 256}-cbc`, contentKey, iv);
    const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return { encryptedData: data.toString('hex'), ...common, algorithmCipherMode: 'CBC' };
  }
  const cipher = createCipheriv(`aes-${contentKey.length === 16 ? 128 : 256}-gcm`, contentKey, iv);
  if (choice.aad !== undefined) cipher.setAAD(choice.aad);
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return {
    encryptedData: data.toString('hex'),
    ...common,
    algorithmCipherMode: 'GCM',
    tag: cipher.getAuthTag().toString('hex'),
    ...(choice.aad !== undefined && { aad: choice.aad.toString('hex') }),
  };
}

/** What an envelope's fields hold, or what is wrong with the first that is wrong. */
function readParts(envelope: unknown): Parts | Extract<MdesOpened, { ok: false }> {
  if (typeof envelope !== 'object' || envelope === null || Array.isArray(envelope)) {
    return fault('MALFORMED', 'is not an object');
  }
  const field = (name: string): unknown => (Object.hasOwn(envelope, name) ? Reflect.get(envelope, name) : undefined);
  const fingerprint = field('publicKeyFingerprint');
  if (typeof fingerprint !== 'string' || !/^[\da-f]{32,64}$/i.test(fingerprint)) {
    return fault('MALFORMED', 'is not a fingerprint: 32 to 64 hex digits', 'publicKeyFingerprint');
  }
  const oaepHash = field('oaepHashingAlgorithm');
  if (oaepHash === undefined || oaepHash === null) {
    const why = 'is missing: that means RSA PKCS#1 v1.5, which is not taken; OAEP is';
    return fault('KEY_WRAP_UNSUPPORTED', why, 'oaepHashingAlgorithm');
  }
  const hash = wordOf(oaepHash, oaepHashes);
  if (hash === undefined) return fault('KEY_WRAP_UNSUPPORTED', 'is not SHA256 or SHA512', 'oaepHashingAlgorithm');
  const mode = wordOf(field('algorithmCipherMode') ?? 'CBC', cipherModes);
  if (mode === undefined) return fault('MALFORMED', 'is not CBC or GCM', 'algorithmCipherMode');
  const data = bytesOf(field('encryptedData'));
  if (data === undefined) return fault('MALFORMED', 'is not hex text', 'encryptedData');
  const wrappedKey = bytesOf(field('encryptedKey'));
  if (wrappedKey === undefined || wrappedKey.length === 0) return fault('MALFORMED', 'is not hex text', 'encryptedKey');
  const iv = field('iv') ?? undefined;
  const ivBytes = iv === undefined ? Buffer.alloc(ivLengths[mode]) : bytesOf(iv);
  if (ivBytes?.length !== ivLengths[mode]) {
    return fault('MALFORMED', `is not ${ivLengths[mode]} bytes of hex, as ${mode} needs`, 'iv');
  }
  const tag = bytesOf(field('tag'));
  if (mode === 'GCM' && tag?.length !== 16) return fault('MALFORMED', 'is not 16 bytes of hex', 'tag');
  const givenAad = field('aad') ?? undefined;
  const aad = givenAad === undefined ? undefined : bytesOf(givenAad);
  if (mode === 'GCM' && givenAad !== undefined && aad === undefined)
    return fault('MALFORMED', 'is not hex text', 'aad');
  return { data, wrappedKey, fingerprint: fingerprint.toLowerCase(), oaepHash: hash, mode, iv: ivBytes, tag, aad };
}

function unwrap({ wrappedKey, oaepHash }: Parts, key: KeyObject): Buffer | undefined {
  try {
    return privateDecrypt(oaep(key, oaepHash), wrappedKey);
  } catch {
    return undefined;
  }
}

function decrypt({ data, mode, iv, tag, aad }: Parts, key: Buffer): string | undefined {
  const bits = key.length === 16 ? 128 : 256;
  try {
    if (mode === 'CBC') {
      const decipher = createDecipheriv(`aes-${bits}-cbc`, key, iv);
      return utf8.decode(Buffer.concat([decipher.update(data), decipher.final()]));
    }
    const decipher = createDecipheriv(`aes-${bits}-gcm`, key, iv, { authTagLength: 16 });
    if (tag !== undefined) decipher.setAuthTag(tag);
    if (aad !== undefined) decipher.setAAD(aad);
    return utf8.decode(Buffer.concat([decipher.update(data), decipher.final()]));
  } catch {
    return undefined;
  }
}

/** OAEP with one hash for label and mask, as MDES and its libraries use it. */
function oaep(key: KeyObject, hash: OaepHash) {
  return { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash.toLowerCase() };
}

/** Bytes of hex text in either case; undefined for anything else. */
function bytesOf(value: unknown): Buffer | undefined {
  return typeof value === 'string' && /^(?:[\da-f]{2})*$/i.test(value) ? Buffer.from(value, 'hex') : undefined;
}

/** SHA-256 is read as SHA256: both spellings are in use. */
function wordOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  const word = typeof value === 'string' ? value.toUpperCase().replace('-', '') : undefined;
  return allowed.find((one) => one === word);
}

function fault(reason: MdesFault, message: string, field?: string): Extract<MdesOpened, { ok: false }> {
  return { ok: false, reason, message, ...(field !== undefined && { field }) };
}
