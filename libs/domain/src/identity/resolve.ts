/**
 * Which token a message is about: the pure part of identity resolution. The shell reads what is known of a batch's names, asks for a plan,
 * and writes the plan in one transaction that fails when anything it read has changed; then it reads and asks again.
 *
 * For one message, its names taken strongest first:
 *
 *   home      the token it was given, else the token of its strongest name; where that name is new, the first token a weaker name leads to
 *             that holds no other strong name of a kind the message names; where there is none, a new token, its id derived from the strongest name
 *   names     new ones go to home; one that leads elsewhere joins that token to home, unless the two, or it and the message, hold different
 *             strong names of one kind: then it stays where it is and the message carries a conflict
 *   merge     of tokens joined, the oldest survives (creation time, then id); the others point to it and keep doing so
 *
 * A name never moves from one token to another, only tokens merge: so whoever resolved a name earlier reaches the same token by following links.
 *
 * What holds for any order, any repeats and any cut into batches, as long as sources are consistent (one token for each name, one strong name
 * of a kind for each token): messages end up together exactly when names connect them, and nothing is reported as a conflict.
 * What does not hold: which id survives, and, when sources contradict themselves, which token a contested weak name ends up with, depend on order.
 */
import type { Alias } from '../generated/records.js';
import { aliasKey, byStrength, isStrong } from './alias.js';

export interface NamedMessage {
  /** Canonical names, in any order. */
  readonly aliases: readonly Alias[];
  /** The token's id, where the source knows it. Without one there must be a name. */
  readonly tokenId?: string | undefined;
  /** When the edge received it, epoch ms; the creation time of a token made for it. */
  readonly at: number;
}

/** Names by kind. */
type Names = Readonly<Record<string, string>>;
export type StrongNames = Names;

export interface Identity {
  readonly tokenId: string;
  readonly createdAt: number;
  /** Strong names it holds, by kind. */
  readonly strong: StrongNames;
  /** The token this one turned out to be. */
  readonly mergedInto?: string | undefined;
  /** Whether the fact of the merge is known to be in the log. */
  readonly mergeAnnounced?: boolean | undefined;
}

export interface IdentityView {
  /** The token a name was given to, by alias key. */
  readonly tokenOf: ReadonlyMap<string, string>;
  readonly identities: ReadonlyMap<string, Identity>;
}

/** Two tokens that are one. */
export interface Merge {
  readonly younger: string;
  readonly survivor: string;
}

/** A name that could not be believed. */
export interface NameConflict {
  readonly alias: Alias;
  /** The token that has this name; absent when nobody has, but home has another of its kind. */
  readonly heldBy?: string;
}

export interface IdentityDecision {
  readonly tokenId: string;
  /** Merges this message must announce: those it shows, and earlier ones whose announcement may have been lost. */
  readonly merges: readonly Merge[];
  readonly conflicts: readonly NameConflict[];
}

export interface IdentityChange {
  /** As the view had it; undefined for a new token. */
  readonly before: Identity | undefined;
  readonly after: Identity;
}

export interface IdentityPlan {
  /** One for each message, in order. */
  readonly decisions: readonly IdentityDecision[];
  /** Names to write, each with the token it is given to. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly changes: readonly IdentityChange[];
}

/** Derives a token's id from a name; the same name gives the same id. */
export type TokenIdOf = (aliasKey: string) => string;

/** Every name the batch uses, as alias keys. */
export function namesOf(messages: readonly NamedMessage[]): ReadonlySet<string> {
  return new Set(messages.flatMap((message) => message.aliases.map(aliasKey)));
}

/**
 * Ids of the identities a plan will look at, as far as they can be told from the names known: those names lead to, those messages give,
 * and those new tokens would get. Identities that these are merged into must be in the view too.
 */
export function identitiesOf(
  messages: readonly NamedMessage[],
  tokenOf: ReadonlyMap<string, string>,
  tokenIdOf: TokenIdOf,
): ReadonlySet<string> {
  const ids = new Set(tokenOf.values());
  for (const message of messages) {
    const strongest = byStrength(message.aliases)[0];
    if (message.tokenId !== undefined) ids.add(message.tokenId);
    else if (strongest !== undefined && !tokenOf.has(aliasKey(strongest))) ids.add(tokenIdOf(aliasKey(strongest)));
  }
  return ids;
}

/** Decides for each message of a batch, each seeing what the ones before it led to. Throws when a message has neither id nor name. */
export function planIdentities(
  messages: readonly NamedMessage[],
  view: IdentityView,
  tokenIdOf: TokenIdOf,
): IdentityPlan {
  const draft = createDraft(view);
  const decisions = messages.map((message) => decideIdentity(message, draft, tokenIdOf));
  return { decisions, aliases: draft.aliases, changes: draft.changes() };
}

type Draft = ReturnType<typeof createDraft>;

/** The view with a batch's own effects laid over it. */
function createDraft(view: IdentityView) {
  const aliases = new Map<string, string>();
  const touched = new Map<string, Identity>();
  const announced = new Set<string>();
  const identity = (tokenId: string): Identity | undefined => touched.get(tokenId) ?? view.identities.get(tokenId);
  return {
    aliases,
    identity,
    tokenOf: (key: string): string | undefined => aliases.get(key) ?? view.tokenOf.get(key),
    put: (changed: Identity): void => void touched.set(changed.tokenId, changed),
    /** The token at the end of the links from `tokenId`; links whose merge is not announced are added to `merges`. */
    survivorOf: (tokenId: string, merges: Merge[]): string => {
      let at = tokenId;
      for (let next = identity(at); next?.mergedInto !== undefined; next = identity(at)) {
        if (next.mergeAnnounced !== true && !announced.has(at)) {
          announced.add(at);
          merges.push({ younger: at, survivor: next.mergedInto });
        }
        at = next.mergedInto;
      }
      return at;
    },
    announce: (merge: Merge, merges: Merge[]): void => {
      announced.add(merge.younger);
      merges.push(merge);
    },
    changes: (): readonly IdentityChange[] =>
      [...touched.values()].map((after) => ({ before: view.identities.get(after.tokenId), after })),
  };
}

function decideIdentity(message: NamedMessage, draft: Draft, tokenIdOf: TokenIdOf): IdentityDecision {
  const names = byStrength(message.aliases);
  const claims = Object.fromEntries(names.map(({ kind, value }) => [kind, value]));
  const merges: Merge[] = [];
  const conflicts: NameConflict[] = [];
  const ownerOf = (name: Alias): string | undefined => {
    const tokenId = draft.tokenOf(aliasKey(name));
    return tokenId === undefined ? undefined : draft.survivorOf(tokenId, merges);
  };
  const identityOf = (tokenId: string): Identity =>
    draft.identity(tokenId) ?? { tokenId, createdAt: message.at, strong: {} };

  const homeId = chooseHome(message, names, claims, ownerOf, identityOf, tokenIdOf, (id) =>
    draft.survivorOf(id, merges),
  );
  const home = identityOf(homeId);
  let strong: StrongNames = home.strong;
  const joined = new Map<string, Identity>([[homeId, home]]);
  const fresh: Alias[] = [];
  for (const name of names) {
    const ownerId = ownerOf(name);
    if (ownerId === undefined) {
      if (!agree(strong, { [name.kind]: name.value })) {
        conflicts.push({ alias: name });
        continue;
      }
      fresh.push(name);
      if (isStrong(name.kind)) strong = { ...strong, [name.kind]: name.value };
    } else if (!joined.has(ownerId)) {
      const owner = identityOf(ownerId);
      if (!agree(strong, owner.strong) || !agree(claims, owner.strong)) {
        conflicts.push({ alias: name, heldBy: ownerId });
        continue;
      }
      strong = { ...strong, ...owner.strong };
      joined.set(ownerId, owner);
    }
  }

  const survivor = [...joined.values()].sort(byAge)[0] as Identity;
  for (const name of fresh) draft.aliases.set(aliasKey(name), survivor.tokenId);
  for (const other of joined.values()) {
    if (other === survivor) continue;
    draft.put({ ...other, mergedInto: survivor.tokenId });
    draft.announce({ younger: other.tokenId, survivor: survivor.tokenId }, merges);
  }
  if (draft.identity(survivor.tokenId) === undefined || Object.keys(strong).some((k) => !(k in survivor.strong))) {
    draft.put({ ...survivor, strong });
  }
  return { tokenId: survivor.tokenId, merges, conflicts };
}

function chooseHome(
  message: NamedMessage,
  names: readonly Alias[],
  claims: Names,
  ownerOf: (name: Alias) => string | undefined,
  identityOf: (tokenId: string) => Identity,
  tokenIdOf: TokenIdOf,
  survivorOf: (tokenId: string) => string,
): string {
  if (message.tokenId !== undefined) return survivorOf(message.tokenId);
  const strongest = names[0];
  if (strongest === undefined) throw new Error('A message without a token id and without a name has no identity.');
  const owner = ownerOf(strongest);
  if (owner !== undefined) return owner;
  for (const name of names) {
    const candidate = ownerOf(name);
    if (candidate !== undefined && agree(identityOf(candidate).strong, claims)) return candidate;
  }
  return survivorOf(tokenIdOf(aliasKey(strongest)));
}

/** Whether two sets of names can belong to one token. One of them is of a token, so strong names: weak ones contradict nothing. */
function agree(a: Names, b: Names): boolean {
  return Object.entries(b).every(([kind, value]) => a[kind] === undefined || a[kind] === value);
}

function byAge(a: Identity, b: Identity): number {
  return a.createdAt - b.createdAt || (a.tokenId < b.tokenId ? -1 : 1);
}
