/** What MongoDB holds, read once for each look and compared with the view on the way, so that no document need be kept. */
import { isStrong, type TokenState } from '@tokenline/domain';
import type { Collections, NoticeDoc, TokenDoc } from '@tokenline/store';
import type { Place } from './log/place.js';
import { type View, valueFrom } from './log/view.js';
import type { Tallies } from './report.js';
import { differingFields } from './rules/changes.js';
import { inClear } from './rules/secrets.js';

/** The collections verification reads; those of a projection under construction can stand in for the live ones. */
export type ReadCollections = Pick<
  Collections,
  'tokens' | 'timeline' | 'deadLetters' | 'notices' | 'aliases' | 'identities' | 'cardholders' | 'activationCodes'
>;

export interface TokenFound {
  readonly version: number;
  readonly mergedInto: string | undefined;
  /** Fields that are not as published, when the version is. */
  readonly differs: readonly string[];
}

export interface LetterFound {
  readonly state: string;
  /** `partition:offset` of each occurrence. */
  readonly occurrences: ReadonlySet<string>;
  readonly failedAt: number;
}

/** An entry of the ledger; times are epoch milliseconds. */
export interface LedgerEntry {
  readonly noticeId: string;
  readonly tokenId: string;
  readonly kind: string;
  readonly causeEventId: string;
  readonly dueAt: number;
  readonly deadlineAt: number | undefined;
  readonly sentAt: number | undefined;
  readonly createdAt: number;
  readonly state: NoticeDoc['state'];
  readonly outcome: NoticeDoc['outcome'];
  /** Why it was called off or failed, and when the last was tried. */
  readonly reason: string | undefined;
  readonly endedAt: number | undefined;
  /** The policy it was made under; entries of before have no terms. */
  readonly policy: string | undefined;
  readonly terms: NoticeDoc['terms'];
  readonly published: boolean;
  readonly owesReceipt: boolean;
}

export interface Index {
  /** Strong names, each with the token it was given to. */
  readonly strong: ReadonlyMap<string, string>;
  /** Tokens that some name leads to. */
  readonly tokens: ReadonlySet<string>;
  readonly merged: ReadonlyMap<string, { readonly into: string; readonly announced: boolean }>;
}

export interface EntryFound {
  readonly eventId: string;
  readonly tokenId: string;
  /** Type of the event, without its namespace. */
  readonly event: string;
  readonly partition: number;
  readonly offset: number;
}

export interface DocumentsFound {
  readonly tokens: ReadonlyMap<string, TokenFound>;
  /** Timeline entries of events that had not been read by then: the log tells later whether they are any event's. */
  readonly unknownEntries: readonly EntryFound[];
  /** Timeline entries that are not as their event is. */
  readonly strayEntries: readonly { readonly tokenId: string; readonly what: string }[];
  readonly letters: ReadonlyMap<string, LetterFound>;
  readonly ledger: readonly LedgerEntry[];
  readonly index: Index;
  /** Documents read, by collection. */
  readonly counts: Readonly<Record<string, number>>;
}

const emptyIndex: Index = { strong: new Map(), tokens: new Set(), merged: new Map() };
const batchSize = 1_000;

/** Reads every collection, or the read models only. `look` marks the events found in the timeline. Throws when MongoDB stops answering. */
export async function readDocuments(
  collections: ReadCollections,
  view: View,
  look: number,
  tallies: Tallies,
  readModelsOnly: boolean,
): Promise<DocumentsFound> {
  const counts: Record<string, number> = {};
  const count = (name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  const clean = (name: string, doc: { readonly _id: string }): void => {
    const tally = tallies.of('NOTHING_SENSITIVE');
    tally.check();
    const paths = inClear(doc);
    if (paths.length > 0) tally.fail({ what: `a document of ${name} has something in clear at ${paths.join(', ')}` });
  };

  const tokens = new Map<string, TokenFound>();
  for await (const doc of collections.tokens.find({}, { batchSize })) {
    count('tokens');
    tokens.set(doc._id, await compared(doc, view));
  }
  const unknownEntries: EntryFound[] = [];
  const strayEntries: { tokenId: string; what: string }[] = [];
  const projection = { event: 1, tokenId: 1, offset: 1, 'cause.partition': 1 } as const;
  for await (const entry of collections.timeline.find({}, { projection, batchSize })) {
    count('timeline');
    const { _id: eventId, tokenId, event, offset, cause } = entry;
    const found = { eventId, tokenId, event, partition: cause.partition, offset };
    if (!view.events.has(eventId)) unknownEntries.push(found);
    else if (!isAsItsEvent(view, found, look))
      strayEntries.push({ tokenId, what: `the entry ${eventId} is not as its event` });
  }
  const letters = new Map<string, LetterFound>();
  const letterFields = { state: 1, occurrences: 1, failedAt: 1 } as const;
  for await (const doc of collections.deadLetters.find({}, { projection: letterFields, batchSize })) {
    count('deadLetters');
    const { state, occurrences, failedAt } = doc;
    letters.set(doc._id, { state, occurrences: new Set(occurrences), failedAt: failedAt.getTime() });
  }
  const readModels = { tokens, unknownEntries, strayEntries, letters, counts };
  if (readModelsOnly) return { ...readModels, ledger: [], index: emptyIndex };
  const ledger: LedgerEntry[] = [];
  for await (const doc of collections.notices.find({}, { batchSize })) {
    count('notices');
    clean('notices', doc);
    ledger.push(entryOf(doc));
  }
  for await (const doc of collections.cardholders.find({}, { batchSize })) {
    count('cardholders');
    clean('cardholders', doc);
  }
  for await (const doc of collections.activationCodes.find({}, { batchSize })) {
    count('activationCodes');
    clean('activationCodes', doc);
  }
  return { ...readModels, ledger, index: await readIndex(collections, count) };
}

/** Marks the event of an entry as shown in this look; whether the entry is as its event, which must have been read. */
export function isAsItsEvent(view: View, { eventId, event, partition, offset }: EntryFound, look: number): boolean {
  const known = view.events.get(eventId);
  if (known === undefined) return false;
  known.shownIn = look;
  return known.type === event && known.offset === offset && known.partition === partition;
}

async function readIndex({ aliases, identities }: ReadCollections, count: (name: string) => void): Promise<Index> {
  const strong = new Map<string, string>();
  const tokens = new Set<string>();
  for await (const { _id, tokenId } of aliases.find({}, { batchSize })) {
    count('aliases');
    tokens.add(tokenId);
    if (isStrong(_id.slice(0, _id.indexOf(':')))) strong.set(_id, tokenId);
  }
  const merged = new Map<string, { into: string; announced: boolean }>();
  for await (const { _id, mergedInto, mergeAnnounced } of identities.find({}, { batchSize })) {
    count('identities');
    if (mergedInto !== undefined) merged.set(_id, { into: mergedInto, announced: mergeAnnounced === true });
  }
  return { strong, tokens, merged };
}

async function compared(doc: TokenDoc, view: View): Promise<TokenFound> {
  const found = { version: doc.version, mergedInto: doc.mergedInto };
  const published = view.tokens.get(doc._id)?.state;
  if (published === undefined) return { ...found, differs: [] };
  const state = await valueFrom(view.codec, 'tokenline.state.TokenState', published.bytes);
  if (state.version !== doc.version) return { ...found, differs: [] };
  const shown = stateOf(doc);
  const { mergedInto: _mergedInto, ...expected } = withoutUnknowns(state);
  return { ...found, differs: differingFields(expected, shown) };
}

/** A document in the form of a state: times as epoch milliseconds, the merge left aside. */
function stateOf({ _id, mergedInto: _mergedInto, ...doc }: TokenDoc): TokenState {
  const plain = (value: unknown): unknown => {
    if (value instanceof Date) return value.getTime();
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
  };
  return { tokenId: _id, ...(plain(doc) as Omit<TokenState, 'tokenId'>) };
}

/** Symbols of a later release arrive as UNKNOWN; readers are shown nothing instead, except for the status. */
function withoutUnknowns({ network, tokenType, provisioning, ...state }: TokenState): TokenState {
  const known = <T extends string>(symbol: T | undefined): T | undefined => (symbol === 'UNKNOWN' ? undefined : symbol);
  const { outcome, path } = provisioning;
  return {
    ...state,
    network: known(network),
    tokenType: known(tokenType),
    provisioning: { ...provisioning, outcome: known(outcome), path: known(path) },
  };
}

function entryOf(doc: NoticeDoc): LedgerEntry {
  const { _id, tokenId, kind, causeEventId, dueAt, deadlineAt, sentAt, createdAt, receiptsOwed } = doc;
  const { state, outcome, reason, policy, terms, published } = doc;
  return {
    noticeId: _id,
    tokenId,
    kind,
    causeEventId,
    dueAt: dueAt.getTime(),
    deadlineAt: deadlineAt?.getTime(),
    sentAt: sentAt?.getTime(),
    createdAt: createdAt.getTime(),
    state,
    outcome,
    reason,
    endedAt: doc.attempts.at(-1)?.at.getTime(),
    policy,
    terms,
    published,
    owesReceipt: receiptsOwed !== undefined,
  };
}

/** Where an occurrence of a dead letter lies, as its document writes it. */
export function occurrenceText({ partition, offset }: Place): string {
  return `${partition}:${offset}`;
}
