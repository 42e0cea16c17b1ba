/**
 * Sealing: what may not travel in clear becomes a JWE (RFC 7516, direct encryption, A256GCM) that carries its key id and its purpose;
 * a card number becomes a keyed reference and its last four digits. A sealed value opens only for the purpose it was sealed for.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import type { KeySet } from './keys.js';

/** What a sealed value is; bound into it. */
export type Purpose = 'original' | 'activation-code' | 'contact' | 'token-number' | 'field';

export interface CardReference {
  /** `pan:<key id>:<HMAC-SHA-256, base64url>` */
  readonly ref: string;
  readonly last4: string;
}

/** A value could not be opened: foreign key, wrong purpose or damage. Never quotes the value. */
export class OpenError extends Error {
  override readonly name = 'OpenError';
}

export interface Sealer {
  /** Seals text, or its bytes in UTF-8, under the current key. */
  readonly seal: (purpose: Purpose, text: string | Buffer) => Promise<string>;
  /** Opens a sealed value. Throws OpenError. */
  readonly open: (purpose: Purpose, sealed: string) => Promise<string>;
  /** Whether the text is a value one of our keys sealed for this purpose (its header says so; not a proof). */
  readonly isSealed: (purpose: Purpose, text: string) => boolean;
  /** Reference of a card number under the current key. `pan` is 12 to 19 digits. */
  readonly cardReference: (pan: string) => CardReference;
  /** References of a card number under every key of the set: what a lookup must try after a rotation. */
  readonly cardReferences: (pan: string) => readonly string[];
  /** Keyed digest of any text under the current key, base64url: for ids that must not give away content by guessing. */
  readonly digest: (text: string) => string;
}

export function createSealer(keys: KeySet): Sealer {
  const sealing = createSecretKey(keys.current.sealing);
  const headers = new Map<Purpose, Header>();
  const headerFor = (purpose: Purpose): Header => {
    const known = headers.get(purpose);
    if (known !== undefined) return known;
    const header = { alg: 'dir', enc: 'A256GCM', kid: keys.current.id, use: purpose };
    const text = Buffer.from(JSON.stringify(header)).toString('base64url');
    const made = { text, bytes: Buffer.from(text) };
    headers.set(purpose, made);
    return made;
  };
  const reference = (keyId: string, pan: string): string => {
    const key = keys.byId.get(keyId);
    if (key === undefined) throw new OpenError(`No key ${keyId} in the key set.`);
    return `pan:${keyId}:${createHmac('sha256', key.reference).update(pan).digest('base64url')}`;
  };
  return {
    seal: async (purpose, text) => encrypted(headerFor(purpose), sealing, text),
    open: async (purpose, sealed) => {
      const header = headerOf(sealed);
      if (header === undefined) throw new OpenError('Not a sealed value.');
      const key = keys.byId.get(header.kid);
      if (key === undefined) throw new OpenError(`Sealed under key ${header.kid}, which is not in the key set.`);
      if (header.use !== purpose) throw new OpenError(`Sealed for ${header.use}, asked for ${purpose}.`);
      try {
        return decrypted(sealed, key.sealing);
      } catch {
        throw new OpenError('The sealed value is damaged, or another key of the same name sealed it.');
      }
    },
    isSealed: (purpose, text) => {
      const header = headerOf(text);
      return header !== undefined && header.use === purpose && keys.byId.has(header.kid);
    },
    cardReference: (pan) => ({ ref: reference(keys.current.id, pan), last4: pan.slice(-4) }),
    cardReferences: (pan) => [...keys.byId.keys()].map((id) => reference(id, pan)),
    digest: (text) => createHmac('sha256', keys.current.reference).update(`digest:${text}`).digest('base64url'),
  };
}

/** The protected header of a JWE: as it is written, and its bytes, which the tag covers. */
interface Header {
  readonly text: string;
  readonly bytes: Buffer;
}

const ivBytes = 12;
const tagBytes = 16;
let ivs = Buffer.alloc(0);
let nextIvAt = 0;

/** Random bytes nobody else gets; drawn for many at a time, because each draw costs as much as sealing a short text. */
function nextIv(): Buffer {
  if (nextIvAt === ivs.length) {
    ivs = randomBytes(ivBytes * 256);
    nextIvAt = 0;
  }
  nextIvAt += ivBytes;
  return ivs.subarray(nextIvAt - ivBytes, nextIvAt);
}

/**
 * JWE compact serialization with a key used directly (RFC 7516 7.1, RFC 7518 5.3). By hand: jose goes through WebCrypto, which imports the key and
 * asks the thread pool for each value (250 µs against 20), and a message has several.
 */
function encrypted(header: Header, key: KeyObject, text: string | Buffer): string {
  const iv = nextIv();
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(header.bytes);
  const sealed = typeof text === 'string' ? cipher.update(text, 'utf8') : cipher.update(text);
  // GCM keeps nothing back: this only makes the tag.
  cipher.final();
  return `${header.text}..${base64url(iv)}.${base64url(sealed)}.${base64url(cipher.getAuthTag())}`;
}

/** What `encrypted` made of a text; another form of JWE is none of ours. Throws when a bit of it has changed. */
function decrypted(sealed: string, key: Uint8Array): string {
  const { alg, enc, crit, zip } = decodeProtectedHeader(sealed);
  const [header = '', wrappedKey, ...rest] = sealed.split('.');
  const [iv, text, tag] = rest.map((part) => Buffer.from(part, 'base64url')) as [Buffer, Buffer, Buffer];
  const isOurs = alg === 'dir' && enc === 'A256GCM' && crit === undefined && zip === undefined && wrappedKey === '';
  if (!isOurs || iv.length !== ivBytes) throw new Error('Not sealed by us.');
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes });
  const opened = decipher.setAAD(Buffer.from(header)).setAuthTag(tag).update(text);
  // Nothing of it counts before the tag is found right, here.
  decipher.final();
  return opened.toString();
}

function base64url(bytes: Buffer): string {
  return bytes.toString('base64url');
}

/** Compares two secrets in constant time. */
export function equalSecrets(a: string, b: string): boolean {
  const [x, y] = [a, b].map((s) => createHmac('sha256', 'equal').update(s).digest()) as [Buffer, Buffer];
  return timingSafeEqual(x, y);
}

function headerOf(sealed: string): { kid: string; use: string } | undefined {
  if (sealed.split('.').length !== 5) return undefined;
  try {
    const { kid, use } = decodeProtectedHeader(sealed) as { kid?: unknown; use?: unknown };
    return typeof kid === 'string' && typeof use === 'string' ? { kid, use } : undefined;
  } catch {
    return undefined;
  }
}
