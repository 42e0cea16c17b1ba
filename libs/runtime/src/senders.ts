/**
 * Who may come in: the senders and tools that are known, what proves each, and what narrows each.
 *
 * Text form (TOKENLINE_SENDERS), by the sender's name:
 *
 *   {"visa": {"apiKey"?: "<16 characters or more>", "apiKeySha256"?: "<hex>",
 *             "certificates"?: [{"fingerprint256"?: "<hex>", "subject"?: "O=…, CN=…", "san"?: "<DNS name>"}],
 *             "addresses"?: ["203.0.113.0/24"], "doors"?: ["vts"]}}
 *
 * `apiKey` and `apiKeySha256` may be lists, so that an old and a new key work side by side. Any one key and any one of the certificates proves
 * the sender; who states both has to show both. `addresses` and `doors` only take away. TOKENLINE_API_KEYS is the short form: `name=key`,
 * comma-separated, every door, from anywhere.
 */
import { createHash } from 'node:crypto';
import { type AddressList, readAddresses } from './addresses.js';

/** What there is to come in by, in the words of the configuration. */
export const doorNames = ['thredd/ehi', 'mdes', 'vts', 'facts', 'cardholders', 'dead-letters', 'query'] as const;
export type DoorName = (typeof doorNames)[number];

/** What a client certificate has to be: everything stated has to hold. */
export interface CertificateRule {
  /** SHA-256 of the certificate, lower case hex. */
  readonly fingerprint256?: string;
  /** The whole subject, as Node writes it, on one line: `C=GB, O=Example, CN=client`. */
  readonly subject?: string;
  /** A DNS name among its alternative names; a wildcard there counts as none. */
  readonly san?: string;
}

export interface Sender {
  readonly name: string;
  /** SHA-256 of each of its API keys. Empty: it has none, and needs none. */
  readonly keyDigests: readonly Buffer[];
  /** Empty: it needs none. */
  readonly certificates: readonly CertificateRule[];
  /** Absent: from anywhere. */
  readonly addresses?: AddressList;
  /** Absent: all. */
  readonly doors?: readonly DoorName[];
}

const variable = 'TOKENLINE_SENDERS';
const shortForm = 'TOKENLINE_API_KEYS';
const fields = ['apiKey', 'apiKeySha256', 'certificates', 'addresses', 'doors'];
const namePattern = /^[\w.:@-]{1,64}$/;
const nameRule = '1 to 64 letters, digits or . : @ - _';
const dnsName = /^(?=.{1,253}$)[a-z\d_](?:[a-z\d_-]{0,62})(?:\.[a-z\d_-]{1,63})*$/i;

type Fail = (problem: string) => undefined;
type Json = Readonly<Record<string, unknown>>;

/** The digest an API key is known by. */
export function keyDigest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** Reads both forms. What is wrong goes to `problems`, a sentence each, with the sender and the field, never with a key. */
export function readSenders(
  { senders, apiKeys }: { readonly senders?: string | undefined; readonly apiKeys?: string | undefined },
  problems: string[],
): readonly Sender[] {
  const fail: Fail = (problem) => void problems.push(problem);
  const read = [...readLongForm(senders, fail), ...readShortForm(apiKeys, fail)];
  for (const [name] of repeated(read.map((sender) => [sender.name, sender.name] as const))) {
    fail(`${name} is a sender both of ${variable} and of ${shortForm}: it belongs into one of them.`);
  }
  const keys = read.flatMap((s) => s.keyDigests.map((digest) => [digest.toString('hex'), s.name] as const));
  for (const [, names] of repeated(keys)) fail(`The API keys of ${names} are the same: a key proves one sender.`);
  // A certificate beside a key may well be shared: a gateway's.
  const alone = read.filter((sender) => sender.keyDigests.length === 0);
  const rules = alone.flatMap((s) => s.certificates.map((rule) => [JSON.stringify(rule), s.name] as const));
  for (const [, names] of repeated(rules)) {
    fail(`The certificates of ${names} are the same: a certificate proves one sender, unless a key stands beside it.`);
  }
  return read;
}

/** Things that occur more than once, with everybody they belong to. */
function repeated(pairs: readonly (readonly [thing: string, owner: string])[]): readonly (readonly [string, string])[] {
  const owners = new Map<string, string[]>();
  for (const [thing, owner] of pairs) owners.set(thing, [...(owners.get(thing) ?? []), owner]);
  return [...owners].flatMap(([thing, all]) =>
    all.length > 1 ? [[thing, [...new Set(all)].join(' and ')] as const] : [],
  );
}

/** A name given twice has two keys. */
function readShortForm(text: string | undefined, fail: Fail): readonly Sender[] {
  const keys = new Map<string, Buffer[]>();
  for (const pair of (text ?? '').split(',').filter((p) => p.trim() !== '')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, Math.max(at, 0)).trim();
    const key = pair.slice(at + 1).trim();
    if (!namePattern.test(name) || !isKey(key)) {
      fail(`${shortForm} must hold name=key pairs: a name of ${nameRule}, a key of 16 characters or more.`);
    } else keys.set(name, [...(keys.get(name) ?? []), keyDigest(key)]);
  }
  return [...keys].map(([name, keyDigests]) => ({ name, keyDigests, certificates: [] }));
}

function readLongForm(text: string | undefined, fail: Fail): readonly Sender[] {
  if (text === undefined) return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    fail(`${variable} is not JSON.`);
    return [];
  }
  if (!isObject(parsed)) {
    fail(`${variable} is not an object with the senders by name.`);
    return [];
  }
  const read = Object.entries(parsed).flatMap(([name, value]) => readSender(name, value, fail) ?? []);
  if (Object.keys(parsed).length === 0) fail(`${variable} names no sender.`);
  return read;
}

function readSender(name: string, value: unknown, fail: Fail): Sender | undefined {
  if (!namePattern.test(name)) return fail(`${variable} has a name that is not ${nameRule}.`);
  const at = `${variable}.${name}`;
  if (!isObject(value)) return fail(`${at} is not an object.`);
  for (const field of Object.keys(value).filter((one) => !fields.includes(one))) {
    fail(
      `${at} has a field that is not known${/^\w{1,32}$/.test(field) ? `, ${field}` : ''}: ${fields.join(', ')} are.`,
    );
  }
  const keyDigests = [
    ...texts(value.apiKey, `${at}.apiKey`, isKey, 'is not 16 or more characters without blanks', fail).map(keyDigest),
    ...texts(value.apiKeySha256, `${at}.apiKeySha256`, isSha256, 'is not a SHA-256 in hex', fail).map((hex) =>
      Buffer.from(hex, 'hex'),
    ),
  ];
  const certificates = list(value, 'certificates', at, fail).flatMap(
    (rule, i) => readRule(rule, `${at}.certificates[${i}]`, fail) ?? [],
  );
  if (value.apiKey === undefined && value.apiKeySha256 === undefined && value.certificates === undefined) {
    fail(`${at} states nothing that would prove it: apiKey, apiKeySha256 or certificates.`);
  }
  const addresses = readAddresses(list(value, 'addresses', at, fail));
  if (!addresses.ok) {
    for (const i of addresses.wrong) {
      fail(`${at}.addresses[${i}] is not an address or network such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32.`);
    }
  }
  const doors = list(value, 'doors', at, fail).flatMap((door, i) => {
    const known = doorNames.find((one) => one === door);
    return known ?? fail(`${at}.doors[${i}] is not one of ${doorNames.join(', ')}.`) ?? [];
  });
  return {
    name,
    keyDigests,
    certificates,
    ...(value.addresses !== undefined && addresses.ok && { addresses: addresses.list }),
    ...(value.doors !== undefined && { doors }),
  };
}

function readRule(value: unknown, at: string, fail: Fail): CertificateRule | undefined {
  if (!isObject(value)) return fail(`${at} is not an object.`);
  const { fingerprint256, subject, san, ...unknown } = value;
  const stated = Object.values({ fingerprint256, subject, san }).filter((one) => one !== undefined);
  if (stated.length === 0 || Object.keys(unknown).length > 0) {
    return fail(`${at} must state fingerprint256, subject or san, and nothing else.`);
  }
  const digits = typeof fingerprint256 === 'string' ? fingerprint256.replaceAll(':', '').toLowerCase() : undefined;
  if (fingerprint256 !== undefined && !isSha256(digits)) return fail(`${at}.fingerprint256 is not a SHA-256 in hex.`);
  if (subject !== undefined && !(typeof subject === 'string' && /^[A-Za-z\d.]+=./.test(subject))) {
    return fail(`${at}.subject is not a subject such as CN=client.example.com.`);
  }
  if (san !== undefined && !(typeof san === 'string' && dnsName.test(san))) return fail(`${at}.san is not a DNS name.`);
  return {
    ...(digits !== undefined && { fingerprint256: digits }),
    ...(typeof subject === 'string' && { subject }),
    ...(typeof san === 'string' && { san: san.toLowerCase() }),
  };
}

/** One text or a list of them. */
function texts(
  value: unknown,
  at: string,
  holds: (text: unknown) => boolean,
  fault: string,
  fail: Fail,
): readonly string[] {
  if (value === undefined) return [];
  const all = Array.isArray(value) ? value : [value];
  if (all.length === 0) fail(`${at} is an empty list.`);
  return all.flatMap((one: unknown, i) =>
    holds(one) ? [one as string] : (fail(`${Array.isArray(value) ? `${at}[${i}]` : at} ${fault}.`) ?? []),
  );
}

/** An empty list would let nobody in, where leaving it out lets everybody: it is refused rather than understood. */
function list(value: Json, field: string, at: string, fail: Fail): readonly unknown[] {
  const given = value[field];
  if (given === undefined) return [];
  if (Array.isArray(given) && given.length > 0) return given;
  fail(`${at}.${field} is not a list of one at least.`);
  return [];
}

/** What a header can carry. */
function isKey(value: unknown): boolean {
  return typeof value === 'string' && /^[\x21-\x7e]{16,}$/.test(value);
}

function isSha256(value: unknown): boolean {
  return typeof value === 'string' && /^[\da-f]{64}$/i.test(value);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
