/**
 * Sealing a canonical fact before it goes anywhere: activation code, contact and token number may come in clear or sealed by one of our keys;
 * a card may come by its number. Everything else must not look like any of these.
 */
import { canonicalAlias, type Fault } from '@tokenline/domain';
import { looksSensitive, passesLuhn } from '@tokenline/runtime';
import type { Purpose, Sealer } from '@tokenline/sealing';

export interface SealedFact {
  /** The fact without any sensitive value. */
  readonly fact: unknown;
  /** Sensitive values by their path in the fact, each a JWE. */
  readonly sealed: Readonly<Record<string, string>>;
  readonly faults: readonly Fault[];
}

type Json = Readonly<Record<string, unknown>>;

/** Values taken in clear under one name and kept sealed under another. */
const secrets: readonly {
  readonly within?: string;
  readonly clear: string;
  readonly sealed: string;
  readonly purpose: Purpose;
}[] = [
  { within: 'activation', clear: 'code', sealed: 'codeSealed', purpose: 'activation-code' },
  { within: 'activation', clear: 'contact', sealed: 'contactSealed', purpose: 'contact' },
  { clear: 'tokenPan', sealed: 'tokenPanSealed', purpose: 'token-number' },
];

/** Times in epoch milliseconds have thirteen digits, as short card numbers do. */
const times = ['occurredAt', 'receivedAt', 'activation.expiresAt'];

export async function sealFact(input: unknown, sealer: Sealer): Promise<SealedFact> {
  if (!isObject(input)) return { fact: input, sealed: {}, faults: [] };
  const faults: Fault[] = [];
  const sealed: Record<string, string> = {};
  let fact: Json = input;
  for (const { within, clear, sealed: name, purpose } of secrets) {
    const holder = within === undefined ? fact : fact[within];
    if (!isObject(holder)) continue;
    const { [clear]: open, [name]: closed, ...rest } = holder;
    const path = within === undefined ? name : `${within}.${name}`;
    if (closed !== undefined && closed !== null) {
      if (typeof closed === 'string' && sealer.isSealed(purpose, closed)) sealed[path] = closed;
      else faults.push({ code: 'FIELD_INVALID', path, message: 'is not sealed by a key of this installation' });
    } else if (open !== undefined && open !== null) {
      const text = typeof open === 'number' ? String(open) : open;
      const clearPath = within === undefined ? clear : `${within}.${clear}`;
      if (typeof text === 'string') sealed[path] = await sealer.seal(purpose, text);
      else faults.push({ code: 'FIELD_INVALID', path: clearPath, message: 'is not text' });
    }
    fact = within === undefined ? rest : { ...fact, [within]: rest };
  }
  fact = withCardReference(fact, sealer, faults);
  fact = withoutPersonalDeviceName(fact);
  faults.push(...lookingSensitive(fact));
  return { fact, sealed, faults };
}

/** `card: {pan}` becomes a keyed reference and the last four digits. */
function withCardReference(fact: Json, sealer: Sealer, faults: Fault[]): Json {
  const { card } = fact;
  if (!isObject(card) || card.pan === undefined || card.pan === null) return fact;
  const { pan, ...rest } = card;
  const digits = String(pan);
  if (/^\d{12,19}$/.test(digits) && passesLuhn(digits))
    return { ...fact, card: { ...rest, ...sealer.cardReference(digits) } };
  faults.push({ code: 'FIELD_INVALID', path: 'card.pan', message: 'is not a card number' });
  return { ...fact, card: rest };
}

/** A name that tells who or what the cardholder is, in digits or an address, is dropped: it stays in the sealed original. */
function withoutPersonalDeviceName(fact: Json): Json {
  const { device } = fact;
  if (!isObject(device) || typeof device.name !== 'string' || !looksSensitive(device.name)) return fact;
  const { name: _name, ...rest } = device;
  return { ...fact, device: rest };
}

/** Values that look like a card number, an e-mail address or a phone number where none belongs. */
function lookingSensitive(fact: Json): readonly Fault[] {
  const exempt = new Set(times);
  // EHI's message ids are numbers of up to 16 digits, of which one in ten passes the check that card numbers carry.
  if (typeof fact.factId === 'string' && /^thredd-ehi:\d{1,16}$/.test(fact.factId)) {
    exempt.add('factId');
    if (fact.factId === `thredd-ehi:${String(fact.sourceMessageId)}`) exempt.add('sourceMessageId');
  }
  return [...leaves(fact, '')]
    .filter(({ path, value }) => !exempt.has(path) && looksSensitive(value))
    .map(({ path }) => ({
      code: 'FIELD_INVALID',
      path,
      message: 'looks like a card number, e-mail address or phone number',
    }));
}

/** Every text and number in a value with its path; names that are identifiers beyond doubt are passed over. */
function* leaves(value: unknown, path: string): Generator<{ readonly path: string; readonly value: string }> {
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* leaves(item, `${path}[${i}]`);
  else if (isAlias(value) && isIdentifier(value)) return;
  else if (isObject(value)) {
    for (const [name, field] of Object.entries(value)) yield* leaves(field, path === '' ? name : `${path}.${name}`);
  } else if (typeof value === 'string' || typeof value === 'number') yield { path, value: String(value) };
}

/** Names whose documented shape is a number no card has: a Visa lifecycle id of 15 digits, a Mastercard correlation id of 14. */
function isIdentifier({ kind, value }: { kind: string; value: string | number }): boolean {
  const name = canonicalAlias(kind, String(value))?.value ?? '';
  return (
    (kind === 'lifecycleTraceId' && /^\d{1,15}$/.test(name)) || (kind === 'correlationId' && /^\w{1,14}$/.test(name))
  );
}

function isAlias(value: unknown): value is { kind: string; value: string | number } {
  return isObject(value) && typeof value.kind === 'string' && ['string', 'number'].includes(typeof value.value);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
