/**
 * The sealing key set: named 256-bit keys, one of them current. New values use the current key; every other key in the set still opens
 * what it sealed and still recognises the card references it made.
 *
 * Text form (TOKENLINE_SEALING_KEYS): {"current":"k2","keys":{"k1":"<base64url, 32 bytes>","k2":"…"}}
 */
import { hkdfSync, randomBytes } from 'node:crypto';

export interface SealingKey {
  readonly id: string;
  /** For content encryption. */
  readonly sealing: Uint8Array;
  /** For keyed references of card numbers. */
  readonly reference: Uint8Array;
}

export interface KeySet {
  readonly current: SealingKey;
  readonly byId: ReadonlyMap<string, SealingKey>;
}

/** The key set's text is unusable. The message never quotes key material. */
export class KeySetError extends Error {
  override readonly name = 'KeySetError';
}

/** Parses the text form. Throws KeySetError. */
export function parseKeySet(text: string): KeySet {
  let parsed: { current?: unknown; keys?: unknown };
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new KeySetError('TOKENLINE_SEALING_KEYS is not JSON.');
  }
  const { current, keys } = parsed ?? {};
  if (typeof current !== 'string' || typeof keys !== 'object' || keys === null) {
    throw new KeySetError('TOKENLINE_SEALING_KEYS needs "current" (a key id) and "keys" (key id to base64url).');
  }
  const byId = new Map<string, SealingKey>();
  for (const [id, value] of Object.entries(keys)) {
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(id))
      throw new KeySetError('A key id in TOKENLINE_SEALING_KEYS is not 1 to 32 letters, digits, - or _.');
    const secret = typeof value === 'string' ? Buffer.from(value, 'base64url') : Buffer.alloc(0);
    if (secret.length !== 32)
      throw new KeySetError(`Key ${id} in TOKENLINE_SEALING_KEYS is not 32 bytes of base64url.`);
    byId.set(id, {
      id,
      sealing: derive(secret, 'tokenline sealing v1'),
      reference: derive(secret, 'tokenline card reference v1'),
    });
  }
  const chosen = byId.get(current);
  if (chosen === undefined)
    throw new KeySetError(`The current key ${current} is not among the keys of TOKENLINE_SEALING_KEYS.`);
  return { current: chosen, byId };
}

/** A fresh key set in text form, for local use. */
export function generateKeySet(): string {
  return JSON.stringify({ current: 'local-1', keys: { 'local-1': randomBytes(32).toString('base64url') } });
}

function derive(secret: Buffer, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), purpose, 32));
}
