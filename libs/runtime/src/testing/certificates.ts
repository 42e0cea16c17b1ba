/**
 * X.509 certificates for tests, made on the spot: Node reads certificates and writes none. As much of DER (ITU-T X.690) and of RFC 5280 as TLS
 * between a test and a door asks for: version 3, keys on P-256, ECDSA with SHA-256.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export interface MadeCertificate {
  /** PEM. */
  readonly cert: string;
  /** PEM, PKCS#8. */
  readonly key: string;
}

export interface Wanted {
  /** Attributes of the subject in order; only a common name when it is a text. */
  readonly subject: string | readonly (readonly [attribute: keyof typeof attributes, value: string])[];
  /** Alternative names. */
  readonly dns?: readonly string[];
  readonly ips?: readonly (readonly [number, number, number, number])[];
  /** Epoch ms UTC; a day around now by default. */
  readonly notBefore?: number;
  readonly notAfter?: number;
}

export interface Authority extends MadeCertificate {
  readonly issue: (wanted: Wanted) => MadeCertificate;
}

const attributes = { CN: '2.5.4.3', C: '2.5.4.6', O: '2.5.4.10', OU: '2.5.4.11' } as const;
const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));
const dayMs = 86_400_000;

/** A certification authority of its own, and what it issues. */
export function createAuthority(name = 'Test Authority'): Authority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const own: Wanted = { subject: name };
  return {
    cert: certificate(own, publicKey, own, privateKey, [extension('2.5.29.19', sequence(boolean(true)), true)]),
    key: pemOf(privateKey),
    issue: (wanted) => {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const names = [
        ...(wanted.dns ?? []).map((text) => der(0x82, Buffer.from(text, 'latin1'))),
        ...(wanted.ips ?? []).map((bytes) => der(0x87, Buffer.from(bytes))),
      ];
      const extensions = names.length === 0 ? [] : [extension('2.5.29.17', sequence(...names), false)];
      return { cert: certificate(wanted, pair.publicKey, own, privateKey, extensions), key: pemOf(pair.privateKey) };
    },
  };
}

function certificate(
  wanted: Wanted,
  publicKey: KeyObject,
  issuer: Wanted,
  issuerKey: KeyObject,
  extensions: readonly Buffer[],
): string {
  const { notBefore = Date.now() - dayMs, notAfter = Date.now() + dayMs } = wanted;
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    nameOf(issuer),
    sequence(time(notBefore), time(notAfter)),
    nameOf(wanted),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : []),
  );
  const whole = sequence(body, ecdsaWithSha256, bitString(sign('sha256', body, issuerKey)));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function nameOf({ subject }: Wanted): Buffer {
  const parts = typeof subject === 'string' ? [['CN', subject] as const] : subject;
  return sequence(
    ...parts.map(([attribute, value]) =>
      der(0x31, sequence(oid(attributes[attribute]), der(0x0c, Buffer.from(value, 'utf8')))),
    ),
  );
}

function extension(id: string, value: Buffer, critical: boolean): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), der(0x04, value));
}

/** UTCTime, which ends with 2049. */
function time(epochMs: number): Buffer {
  const digits = new Date(epochMs).toISOString().replace(/\D/g, '');
  return der(0x17, Buffer.from(`${digits.slice(2, 14)}Z`));
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** Seven bits a byte, the highest bit set in all but the last. */
function base128(value: number): number[] {
  const low = value % 128;
  return value < 128 ? [low] : [...base128(Math.floor(value / 128)).map((byte) => byte | 128), low];
}

function boolean(value: boolean): Buffer {
  return der(0x01, Buffer.from([value ? 255 : 0]));
}

/** Positive: the first byte is below 128. */
function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes);
}

function bitString(bytes: Buffer): Buffer {
  return der(0x03, Buffer.from([0]), bytes);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}

/** Tag, length, content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }) as string;
}
