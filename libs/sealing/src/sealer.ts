/**
 * Sealing: what may not travel in clear becomes a JWE (RFC 7516, direct encryption, A256GCM) that carries its key id and its purpose;
 * a card number becomes a keyed reference and its last four digits. A sealed value opens only for the purpose it was sealed for.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
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
  /** Seals text under the current key. */
  readonly seal: (purpose: Purpose, text: string) => Promise<string>;
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
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const reference = (keyId: string, pan: string): string => {
    const key = keys.byId.get(keyId);
    if (key === undefined) throw new OpenError(`No key ${keyId} in the key set.`);
    return `pan:${keyId}:${createHmac('sha256', key.reference).update(pan).digest('base64url')}`;
  };
  return {
    seal: (purpose, text) =>
      new CompactEncrypt(encoder.encode(text))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: keys.current.id, use: purpose })
        .encrypt(keys.current.sealing),
    open: async (purpose, sealed) => {
      const header = headerOf(sealed);
      if (header === undefined) throw new OpenError('Not a sealed value.');
      const key = keys.byId.get(header.kid);
      if (key === undefined) throw new OpenError(`Sealed under key ${header.kid}, which is not in the key set.`);
      if (header.use !== purpose) throw new OpenError(`Sealed for ${header.use}, asked for ${purpose}.`);
      try {
        const { plaintext } = await compactDecrypt(sealed, key.sealing, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
        });
        return decoder.decode(plaintext);
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
