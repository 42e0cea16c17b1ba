/** The sending side of VTS' envelopes: what a test peer does in Visa's place, and what a call to Visa will do in ours. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { CompactEncrypt, CompactSign } from 'jose';

export interface NamedKey {
  readonly kid: string;
  readonly key: KeyObject;
}

export interface VtsSender {
  /** Public key it is for. */
  readonly recipient: NamedKey;
  /** Private key it is signed with. */
  readonly signer: NamedKey;
}

export interface VtsEnvelopeTimes {
  /** When it is signed, epoch ms UTC. */
  readonly issuedAt: number;
  /** When it lapses, epoch ms UTC. */
  readonly expiresAt?: number;
  /** How the times are written; seconds by default. */
  readonly unit?: 'seconds' | 'milliseconds';
}

/** Encrypts `text` for the recipient, then signs it. */
export async function makeVtsEnvelope(
  text: string,
  { recipient, signer }: VtsSender,
  times: VtsEnvelopeTimes,
): Promise<string> {
  const written = (at: number): number => (times.unit === 'milliseconds' ? at : Math.floor(at / 1_000));
  const jwe = await new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({
      alg: 'RSA-OAEP-256',
      enc: 'A256GCM',
      typ: 'JOSE',
      kid: recipient.kid,
      iat: written(times.issuedAt),
      ...(times.expiresAt !== undefined && { exp: written(times.expiresAt) }),
    })
    .encrypt(recipient.key);
  return new CompactSign(new TextEncoder().encode(jwe))
    .setProtectedHeader({ alg: 'PS256', typ: 'JOSE', cty: 'JWE', kid: signer.kid })
    .sign(signer.key);
}

export interface VtsPair {
  /** The issuer's side, in the text form of TOKENLINE_VTS_KEYS. */
  readonly keys: string;
  /** Visa's side. */
  readonly sender: VtsSender;
}

/** Fresh keys of both sides, for tests and local play. */
export function generateVtsPair(window?: { readonly maxAgeSeconds?: number; readonly skewSeconds?: number }): VtsPair {
  const issuer = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const visa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const keys = {
    issuer: { current: 'issuer-1', keys: { 'issuer-1': issuer.privateKey.export({ type: 'pkcs8', format: 'pem' }) } },
    visa: { keys: { 'visa-1': visa.publicKey.export({ type: 'spki', format: 'pem' }) } },
    ...(window !== undefined && { window }),
  };
  return {
    keys: JSON.stringify(keys),
    sender: {
      recipient: { kid: 'issuer-1', key: issuer.publicKey },
      signer: { kid: 'visa-1', key: visa.privateKey },
    },
  };
}
