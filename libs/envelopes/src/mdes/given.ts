/** Keys for tests: two pairs of ours and one of Mastercard's, made once for a test file. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { CipherMode, OaepHash } from './keys.js';
import type { PemPair } from './make.js';

export { newPair, type PemPair } from './make.js';

/** The text of a key set. */
export function keysText(own: readonly PemPair[], mastercard: PemPair, more: object = {}): string {
  return JSON.stringify({
    own: own.map(({ privateKey }) => ({ privateKey })),
    mastercard: { publicKey: mastercard.publicKey, ...more },
  });
}

/** How a sender encrypts under a public key. */
export function recipient(publicKeyPem: string, fingerprint: string, oaepHash: OaepHash, cipherMode: CipherMode) {
  const publicKey: KeyObject = createPublicKey(publicKeyPem);
  return { publicKey, fingerprint, oaepHash, cipherMode };
}
