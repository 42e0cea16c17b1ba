/**
 * Opening VTS' encryptedData: a compact JWS (PS256) by Visa around a compact JWE (RSA-OAEP-256, A256GCM) for us
 * (visa-vts-and-thredd-ehi.md 1.7).
 *
 *   shape ─▶ signing key by kid ─▶ signature ─▶ age of iat, exp ─▶ our key by kid, else the current one ─▶ clear text
 *     │              │                  │               │                          │
 *  MALFORMED    UNKNOWN_SIGNER     BAD_SIGNATURE   SIGNATURE_EXPIRED           WRONG_KEY
 *  ALGORITHM_REFUSED
 *
 * Nothing is decrypted before the signature is proven. Either header may carry `iat` and `exp`: the inner one is part of what was signed.
 * Both are read as milliseconds from 100,000,000,000 on, below that as seconds: of two implementations one sends each.
 */
import { compactDecrypt, compactVerify, decodeProtectedHeader, errors } from 'jose';
import type { SignatureWindow, VtsKeys } from './keys.js';

export const vtsEnvelopeFaults = {
  MALFORMED:
    'is not a signed and encrypted value: a compact JWS around a compact JWE, both with a kid, one with an iat',
  ALGORITHM_REFUSED: 'uses another algorithm than PS256 around RSA-OAEP-256 and A256GCM',
  UNKNOWN_SIGNER: 'is signed with a key that is not known here',
  BAD_SIGNATURE: 'carries a signature that does not fit it',
  SIGNATURE_EXPIRED: 'was signed too long ago, or for a time that has passed or is yet to come',
  WRONG_KEY: 'is encrypted for a key that is not held here',
} as const;

export type VtsEnvelopeFault = keyof typeof vtsEnvelopeFaults;

export type VtsOpened =
  | {
      readonly ok: true;
      /** The clear text: JSON, as yet unread. */
      readonly text: string;
      /** When Visa signed it, epoch ms UTC. */
      readonly issuedAt: number;
    }
  | { readonly ok: false; readonly fault: VtsEnvelopeFault };

const signing = 'PS256';
const wrapping = 'RSA-OAEP-256';
const content = 'A256GCM';
/** In the year 5138 as seconds, in 1973 as milliseconds. */
const firstMilliseconds = 1e11;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Opens `envelope` with `keys` as of `now` (epoch ms UTC). Never throws for what a sender wrote. */
export async function openVtsEnvelope(envelope: string, keys: VtsKeys, now: number): Promise<VtsOpened> {
  const outer = headerOf(envelope, 3);
  if (outer === undefined || typeof outer.kid !== 'string') return refused('MALFORMED');
  if (outer.alg !== signing) return refused('ALGORITHM_REFUSED');
  const signer = keys.visa.get(outer.kid);
  if (signer === undefined) return refused('UNKNOWN_SIGNER');

  const inside = await verified(envelope, signer);
  if (typeof inside !== 'string') return inside;
  const inner = headerOf(inside, 5);
  if (inner === undefined) return refused('MALFORMED');
  if (inner.alg !== wrapping || inner.enc !== content || inner.zip !== undefined) return refused('ALGORITHM_REFUSED');

  const issuedAt = instantOf(inner.iat) ?? instantOf(outer.iat);
  if (issuedAt === undefined) return refused('MALFORMED');
  const issued = [inner.iat, outer.iat].map(instantOf);
  const expiring = [inner.exp, outer.exp].map(instantOf);
  if (!isCurrent(issued, expiring, keys.window, now)) return refused('SIGNATURE_EXPIRED');

  const key = keys.issuer.get(String(inner.kid)) ?? keys.issuer.get(keys.current);
  if (key === undefined) return refused('WRONG_KEY');
  try {
    const { plaintext } = await compactDecrypt(inside, key, {
      keyManagementAlgorithms: [wrapping],
      contentEncryptionAlgorithms: [content],
    });
    return { ok: true, text: utf8.decode(plaintext), issuedAt };
  } catch (error) {
    // What Visa signed was not changed on the way: if it does not open, it is not for this key.
    return refused(error instanceof errors.JWEDecryptionFailed ? 'WRONG_KEY' : 'MALFORMED');
  }
}

async function verified(envelope: string, signer: Parameters<typeof compactVerify>[1]) {
  try {
    const { payload } = await compactVerify(envelope, signer, { algorithms: [signing] });
    return utf8.decode(payload);
  } catch (error) {
    return refused(error instanceof errors.JWSSignatureVerificationFailed ? 'BAD_SIGNATURE' : 'MALFORMED');
  }
}

/** The header of a compact JWS (3 parts) or JWE (5 parts); undefined when the text is none. */
function headerOf(text: string, parts: 3 | 5): Readonly<Record<string, unknown>> | undefined {
  if (text.split('.', parts + 1).length !== parts) return undefined;
  try {
    return decodeProtectedHeader(text) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

/** A numeric date as epoch ms; undefined when it is none. */
function instantOf(value: unknown): number | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) return undefined;
  return Math.trunc(value < firstMilliseconds ? value * 1_000 : value);
}

function isCurrent(
  issued: readonly (number | undefined)[],
  expiring: readonly (number | undefined)[],
  { maxAgeMs, skewMs }: SignatureWindow,
  now: number,
): boolean {
  return (
    issued.every((at) => at === undefined || (at <= now + skewMs && now - at <= maxAgeMs)) &&
    expiring.every((at) => at === undefined || now < at + skewMs)
  );
}

function refused(fault: VtsEnvelopeFault): Extract<VtsOpened, { ok: false }> {
  return { ok: false, fault };
}
