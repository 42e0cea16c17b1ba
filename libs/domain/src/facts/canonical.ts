/**
 * Canonical facts from outside: the JSON form of TokenFact. Times are ISO 8601 with a zone or epoch milliseconds, absent values are left out or null.
 * What is missing and has a default is completed; everything wrong is reported at once, each with its JSON path.
 */
import {
  type Activation,
  type Alias,
  type Card,
  type Device,
  decisionSymbols,
  factKindSymbols,
  networkSymbols,
  partySymbols,
  timeSourceSymbols,
  tokenStatusSymbols,
  tokenTypeSymbols,
} from '../generated/records.js';
import { byStrength, canonicalAlias, isStrong } from '../identity/alias.js';
import { type Fault, rejectionOf } from '../reasons.js';
import { parseDate } from '../time.js';
import type { FactDraft, Mapping } from './draft.js';
import { type JsonReader, readObject } from './json.js';

/** Name of the interface where a fact names none. */
export const canonicalSource = 'canonical';

/** Facts only Tokenline states: about its own identities and deadlines. */
const ownKinds: readonly string[] = ['UNKNOWN', 'TOKENS_MERGED', 'FACTS_ABSORBED', 'DEADLINE_PASSED'];
const kinds = factKindSymbols.filter((kind) => !ownKinds.includes(kind));
const networks = networkSymbols.filter((network) => network !== 'UNKNOWN');
const statuses = tokenStatusSymbols.filter((status) => status !== 'UNKNOWN');
const decisions = decisionSymbols.filter((decision) => decision !== 'UNKNOWN');
const tokenTypes = tokenTypeSymbols.filter((type) => type !== 'UNKNOWN');
const timeSources = timeSourceSymbols.filter((source) => source !== 'UNKNOWN');

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const aliasKind = /^[A-Za-z][A-Za-z0-9]{0,39}$/;

/**
 * Reads one canonical fact; `receivedAt` (epoch ms) is used where it states none. Needs factId, kind, network, occurredAt,
 * and a tokenId or one name at least. Sensitive values must be sealed already.
 */
export function readCanonicalFact(input: unknown, receivedAt: number): Mapping {
  const faults: Fault[] = [];
  const read = readObject(input, '', faults);
  const fact = read && factFrom(read, receivedAt);
  read?.done();
  const [first, ...rest] = faults;
  if (first !== undefined) return { ok: false, rejection: rejectionOf([first, ...rest]) };
  return { ok: true, facts: [fact as FactDraft] };
}

/** The fact; where there are faults it lacks what is required, and nobody looks at it. */
function factFrom(read: JsonReader, receivedAt: number): Partial<FactDraft> {
  const factId = read.requiredText('factId');
  const network = read.word('network', networks) ?? missing(read, 'network');
  const kind = read.word('kind', kinds) ?? missing(read, 'kind');
  const occurredAt = read.instant('occurredAt') ?? missing(read, 'occurredAt');
  const tokenId = read.text('tokenId')?.toLowerCase();
  if (tokenId !== undefined && !uuid.test(tokenId)) read.fault('FIELD_INVALID', 'tokenId', 'is not a UUID');
  const aliases = aliasesFrom(read);
  if (tokenId === undefined && aliases.length === 0) {
    read.fault('NO_TOKEN_NAME', 'aliases', 'holds no name, and no tokenId is given');
  }
  const tokenExpiry = dateFrom(read, 'tokenExpiry');
  return {
    factId,
    tokenId,
    network,
    kind,
    occurredAt,
    occurredAtSource: read.word('occurredAtSource', timeSources) ?? 'SOURCE',
    receivedAt: read.instant('receivedAt') ?? receivedAt,
    source: read.text('source') ?? canonicalSource,
    sourceMessageId: read.text('sourceMessageId') ?? factId,
    actor: read.word('actor', partySymbols) ?? 'UNKNOWN',
    reportedStatus: read.word('reportedStatus', statuses),
    suspenders: read.words('suspenders', partySymbols),
    decision: read.word('decision', decisions),
    responseCode: read.text('responseCode'),
    reasonCode: read.text('reasonCode'),
    tokenType: read.word('tokenType', tokenTypes),
    wallet: read.text('wallet')?.toUpperCase(),
    tokenRequestorId: read.text('tokenRequestorId'),
    device: deviceFrom(read.object('device')),
    bindingId: read.text('bindingId'),
    removedFromWallet: read.flag('removedFromWallet'),
    card: cardFrom(read.object('card')),
    tokenExpiry,
    aliases,
    activation: activationFrom(read.object('activation')),
    tokenPanSealed: read.sealed('tokenPanSealed'),
  } as Partial<FactDraft>;
}

function missing(read: JsonReader, name: string): undefined {
  return read.has(name) ? undefined : read.fault('FIELD_MISSING', name, 'is missing');
}

function dateFrom(read: JsonReader, name: string): string | undefined {
  const text = read.text(name);
  if (text === undefined) return undefined;
  return parseDate(text) ?? read.fault('IMPOSSIBLE_DATE', name, 'is not a date that exists, written YYYY-MM-DD');
}

function aliasesFrom(read: JsonReader): readonly Alias[] {
  const aliases: Alias[] = [];
  for (const item of read.objects('aliases')) {
    const kind = item.requiredText('kind');
    const value = item.text('value') ?? '';
    item.done();
    if (kind === undefined) continue;
    if (!aliasKind.test(kind)) item.fault('FIELD_INVALID', 'kind', 'is not a word of 1 to 40 letters and digits');
    const alias = canonicalAlias(kind, value);
    if (alias !== undefined) aliases.push(alias);
  }
  const names = byStrength(aliases);
  const repeated = names.find((name, i) => isStrong(name.kind) && names[i + 1]?.kind === name.kind);
  if (repeated !== undefined) {
    read.fault('FIELD_INVALID', 'aliases', `holds two names of the kind ${repeated.kind}, of which a token has one`);
  }
  return names;
}

function deviceFrom(read: JsonReader | undefined): Device | undefined {
  if (read === undefined) return undefined;
  const device = { id: read.text('id'), name: read.text('name'), type: read.text('type') };
  read.done();
  return Object.values(device).some((part) => part !== undefined) ? device : undefined;
}

function cardFrom(read: JsonReader | undefined): Card | undefined {
  if (read === undefined) return undefined;
  const ref = read.requiredText('ref');
  const last4 = read.text('last4');
  read.done();
  if (last4 !== undefined && !/^\d{4}$/.test(last4)) read.fault('FIELD_INVALID', 'last4', 'is not four digits');
  if (ref !== undefined && !/^[A-Za-z]+:\S+$/.test(ref))
    read.fault('FIELD_INVALID', 'ref', 'is not written <kind>:<value>');
  return { ref, last4 } as Card;
}

function activationFrom(read: JsonReader | undefined): Activation | undefined {
  if (read === undefined) return undefined;
  const activation = {
    method: read.text('method')?.toUpperCase(),
    codeSealed: read.sealed('codeSealed'),
    contactSealed: read.sealed('contactSealed'),
    expiresAt: read.instant('expiresAt'),
  };
  read.done();
  return activation;
}
