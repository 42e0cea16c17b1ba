/** Both sides of the MDES envelope at once: for tests and local play, where somebody has to be Mastercard. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { fingerprintsOf, type MdesKeys, type MdesRecipient, parseMdesKeys } from './keys.js';

export interface MdesPair {
  /** The issuer's side, in the text form of TOKENLINE_MDES_KEYS. */
  readonly keys: string;
  /** How Mastercard encrypts for the issuer: its key named by SHA-1, as in Mastercard's own samples. */
  readonly recipient: MdesRecipient;
  /** What opens the issuer's answers. */
  readonly mastercard: Pick<MdesKeys, 'own'>;
}

/** Fresh keys of both sides. */
export function generateMdesPair(): MdesPair {
  const [issuer, mastercard] = [newPair(), newPair()];
  const publicKey = createPublicKey(issuer.publicKey);
  return {
    keys: JSON.stringify({
      own: [{ privateKey: issuer.privateKey }],
      mastercard: { publicKey: mastercard.publicKey },
    }),
    recipient: { publicKey, fingerprint: fingerprintsOf(publicKey).sha1, oaepHash: 'SHA256', cipherMode: 'CBC' },
    mastercard: parseMdesKeys(
      JSON.stringify({
        own: [{ privateKey: mastercard.privateKey }],
        mastercard: { publicKey: issuer.publicKey },
      }),
    ),
  };
}

export interface PemPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** An RSA pair of that many bits. */
export function newPair(modulusLength = 2_048): PemPair {
  return generateKeyPairSync('rsa', {
    modulusLength,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}
