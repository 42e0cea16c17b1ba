/** For tests: the MDES door over HTTP, and MDES itself: keys of both sides, requests encrypted as it encrypts them, answers opened. */
import { randomBytes } from 'node:crypto';
import { type FactDraft, type InboundMessage, mapMdes } from '@tokenline/domain';
import {
  fingerprintsOf,
  generateMdesPair,
  type MdesRecipient,
  openMdes,
  parseMdesKeys,
  sealMdes,
} from '@tokenline/envelopes';
import type { CardholderDoc } from '@tokenline/store';
import { configuredPolicy, type Policy, safePolicy } from '../../decision/policy.js';
import { type DoorEdge, directoryOf, startDoor } from '../given.js';
import { createMdesDoor } from '../mdes-door.js';

export const prefix = '/v1/inbound/mdes/';

/** How MDES encrypts; the usual is AES-128 in CBC with a random iv, OAEP with SHA-256, the key named by SHA-1. */
export interface Encryption {
  readonly algorithmCipherMode?: MdesRecipient['cipherMode'];
  readonly oaepHashingAlgorithm?: MdesRecipient['oaepHash'];
  readonly keyBits?: 128 | 256;
  readonly aad?: string;
  readonly fingerprint?: 'SHA1' | 'SHA256';
  /** Fields left out; without an iv it is all zeros. */
  readonly omit?: readonly string[];
  /** A field that arrives changed. */
  readonly damage?: string;
  /** Encrypted for a key that is not ours: one of another name, or one under ours. */
  readonly encryptedFor?: 'stranger' | 'stranger under our name';
}

export interface Mdes {
  /** The text of TOKENLINE_MDES_KEYS on our side. */
  readonly keys: string;
  readonly encrypted: (plain: unknown, how?: Encryption) => Readonly<Record<string, unknown>>;
  /** The body with an envelope around each object of `opened`, at its path: in place of what stands there, or among the fields of an object. */
  readonly withEnvelopes: (body: Json, opened: Readonly<Record<string, unknown>>, how?: Encryption) => Json;
  /** What an envelope of ours hides, with Mastercard's key. */
  readonly decrypted: (envelope: unknown) => unknown;
}

export type Json = Readonly<Record<string, unknown>>;

export function newMdes(): Mdes {
  const [pair, stranger] = [generateMdesPair(), generateMdesPair()];
  const encrypted: Mdes['encrypted'] = (plain, how = {}) => {
    const named = how.encryptedFor === 'stranger' ? stranger : pair;
    const { sha1, sha256 } = fingerprintsOf(named.recipient.publicKey);
    const recipient: MdesRecipient = {
      publicKey: (how.encryptedFor === undefined ? pair : stranger).recipient.publicKey,
      fingerprint: how.fingerprint === 'SHA256' ? sha256 : sha1,
      oaepHash: how.oaepHashingAlgorithm ?? 'SHA256',
      cipherMode: how.algorithmCipherMode ?? 'CBC',
    };
    const omit = how.omit ?? [];
    const envelope = sealMdes(typeof plain === 'string' ? plain : JSON.stringify(plain), recipient, {
      ...(how.keyBits !== undefined && { keyBits: how.keyBits }),
      ...(omit.includes('iv') && { iv: null }),
      ...(how.aad !== undefined && { aad: Buffer.from(how.aad) }),
    });
    const left = Object.entries(envelope).filter(([name]) => !omit.includes(name));
    return Object.fromEntries(
      left.map(([name, value]) => [name, name === how.damage ? damaged(String(value)) : value]),
    );
  };
  return {
    keys: pair.keys,
    encrypted,
    withEnvelopes: (body, opened, how) =>
      Object.entries(opened).reduce((whole, [path, plain]) => placed(whole, path, encrypted(plain, how)), body),
    decrypted: (envelope) => {
      const text = openMdes(envelope, pair.mastercard);
      if (!text.ok) throw new Error(`Our answer does not open: ${text.reason}`);
      return JSON.parse(text.text);
    },
  };
}

export interface MdesEdge extends Omit<DoorEdge, 'post'> {
  readonly mdes: Mdes;
  readonly post: (target: string, body: string) => ReturnType<DoorEdge['post']>;
}

export interface MdesGiven {
  readonly mdes?: Mdes;
  readonly policy?: Policy;
  readonly cardholders?: readonly CardholderDoc[];
  /** The door's clock, epoch ms. */
  readonly now?: () => number;
  readonly configured?: boolean;
}

export function startMdes(given: MdesGiven = {}): MdesEdge {
  const { mdes = newMdes(), policy = safePolicy, cardholders = [], now, configured = true } = given;
  const edge = startDoor(
    `${prefix}*`,
    (parts) =>
      createMdesDoor({
        ...parts,
        keys: configured ? parseMdesKeys(mdes.keys) : undefined,
        decisions: configuredPolicy(policy),
        cardholders: directoryOf(cardholders),
      }),
    { now },
  );
  return { ...edge, mdes, post: (target, body) => edge.post(prefix + target, body) };
}

/** The facts a recorded message means, as the normalizer reads it. Throws when it is refused. */
export function factsOf(message: InboundMessage): readonly FactDraft[] {
  const mapping = mapMdes(message);
  if (!mapping.ok) throw new Error(`A message that was taken is refused: ${mapping.rejection.code}`);
  return mapping.facts;
}

/** Another value of the same length, or no hex at all for an iv. */
function damaged(hex: string): string {
  return hex.length === 32 ? randomBytes(16).toString('hex') : `${hex.slice(1)}?`;
}

/** `whole` with `envelope` at a path such as `tokens[0].fundingAccountInfo.encryptedPayload`. */
function placed(whole: unknown, path: string, envelope: Json): Json {
  const [step = '', ...rest] = path.split('.');
  const [, name = step, index] = /^(\w+)\[(\d+)\]$/.exec(step) ?? [];
  const holder = whole as Json;
  const set = (value: unknown): unknown =>
    rest.length > 0
      ? placed(value, rest.join('.'), envelope)
      : typeof value === 'object' && value !== null
        ? { ...value, ...envelope }
        : envelope;
  if (index === undefined) return { ...holder, [name]: set(holder[name]) };
  const list = [...(holder[name] as readonly unknown[])];
  list[Number(index)] = set(list[Number(index)]);
  return { ...holder, [name]: list };
}
