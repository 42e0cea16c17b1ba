/**
 * The keys of VTS' envelopes: our private keys, which open what was encrypted for us, and Visa's public keys, which prove what Visa signed.
 * Both are chosen by key id, so that on either side an old and a new key work beside each other while the other party changes over.
 *
 * Text form (TOKENLINE_VTS_KEYS):
 *
 *   {"issuer": {"current": "i2", "keys": {"i1": <private key>, "i2": <private key>}},
 *    "visa":   {"keys": {"v1": <public key>}},
 *    "window": {"maxAgeSeconds": 3600, "skewSeconds": 60}}
 *
 * A key is PEM text (PKCS#8 or PKCS#1; for Visa's also SPKI or an X.509 certificate) or a JWK. RSA of 2048 bits at least: jose takes no less.
 * `current` opens what names no key of ours. `window` may be left out.
 */
import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

export interface VtsKeys {
  /** Ours, by key id. */
  readonly issuer: ReadonlyMap<string, KeyObject>;
  /** Id of the one that opens what names none of ours. */
  readonly current: string;
  /** Visa's, by key id. */
  readonly visa: ReadonlyMap<string, KeyObject>;
  readonly window: SignatureWindow;
}

/** How long a signature may be used. */
export interface SignatureWindow {
  readonly maxAgeMs: number;
  /** How far ahead of ours the signer's clock may be. */
  readonly skewMs: number;
}

/** The text is no usable key set. The message names the place and the fault, never key material. */
export class VtsKeysError extends Error {
  override readonly name = 'VtsKeysError';
}

/**
 * An hour: Visa's spacing of repeats is not known (domain page, 10), and a repeat of a message does no harm, since its facts have the same ids.
 */
const defaultWindow = { maxAgeSeconds: 3_600, skewSeconds: 60 };
const leastBits = 2_048;
const variable = 'TOKENLINE_VTS_KEYS';

type Json = Readonly<Record<string, unknown>>;

/** Parses the text form. Throws VtsKeysError. */
export function parseVtsKeys(text: string): VtsKeys {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new VtsKeysError(`${variable} is not JSON.`);
  }
  const { issuer, visa, window } = object(parsed, variable);
  const ours = object(issuer, `${variable}.issuer`);
  const byId = keysOf(ours.keys, `${variable}.issuer.keys`, privateKey);
  const { current } = ours;
  if (typeof current !== 'string' || !byId.has(current)) {
    throw new VtsKeysError(`${variable}.issuer.current does not name one of issuer.keys.`);
  }
  return {
    issuer: byId,
    current,
    visa: keysOf(object(visa, `${variable}.visa`).keys, `${variable}.visa.keys`, publicKey),
    window: windowOf(window),
  };
}

function windowOf(given: unknown): SignatureWindow {
  const asked = given === undefined ? {} : object(given, `${variable}.window`);
  const seconds = (name: keyof typeof defaultWindow): number => {
    const value = asked[name] ?? defaultWindow[name];
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 604_800) return value * 1_000;
    throw new VtsKeysError(`${variable}.window.${name} is not a whole number of seconds from 0 to 604800.`);
  };
  return { maxAgeMs: seconds('maxAgeSeconds'), skewMs: seconds('skewSeconds') };
}

function keysOf(
  given: unknown,
  path: string,
  read: (value: unknown) => KeyObject | undefined,
): ReadonlyMap<string, KeyObject> {
  const keys = new Map<string, KeyObject>();
  for (const [id, value] of Object.entries(object(given, path))) {
    if (!/^[\w.:@-]{1,64}$/.test(id))
      throw new VtsKeysError(`A key id in ${path} is not 1 to 64 letters, digits or . : @ - _.`);
    const key = read(value);
    if (key === undefined)
      throw new VtsKeysError(
        `${path}.${id} is not ${read === privateKey ? 'a private' : 'a public'} key in PEM or as a JWK.`,
      );
    if (key.asymmetricKeyType !== 'rsa') throw new VtsKeysError(`${path}.${id} is not an RSA key.`);
    if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < leastBits)
      throw new VtsKeysError(`${path}.${id} is shorter than ${leastBits} bits.`);
    keys.set(id, key);
  }
  if (keys.size === 0) throw new VtsKeysError(`${path} holds no key.`);
  return keys;
}

function privateKey(value: unknown): KeyObject | undefined {
  try {
    return typeof value === 'string'
      ? createPrivateKey(value)
      : createPrivateKey({ key: value as JsonWebKey, format: 'jwk' });
  } catch {
    return undefined;
  }
}

/** A private key would do as a public one; that it stands here means that it is where it should not be. */
function publicKey(value: unknown): KeyObject | undefined {
  if (typeof value === 'string' ? value.includes('PRIVATE KEY') : Object.hasOwn(Object(value), 'd')) return undefined;
  try {
    return typeof value === 'string'
      ? createPublicKey(value)
      : createPublicKey({ key: value as JsonWebKey, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function object(value: unknown, path: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new VtsKeysError(`${path} is not an object.`);
}
