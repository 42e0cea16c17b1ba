/**
 * What must be the same after every order: the final picture of a world.
 *
 * Left out, because it tells of the way and not of the end: tokenId (where tokens merge, which id survives depends on the order; a token is
 * known by its names), version (how many states were published), and in the history everything but which facts it tells of.
 * Announcements are judged by themselves (promises.ts): they say what was known when they were made.
 */
import type { TokenState } from '../generated/records.js';
import { aliasKey } from '../identity/alias.js';
import type { World } from './world.js';

export interface FinalToken {
  readonly names: readonly string[];
  /** As read models show it. */
  readonly state: Omit<TokenState, 'tokenId' | 'version'>;
  /** Facts known about the token, by factId. */
  readonly facts: readonly string[];
  /** Those that are not legal where they stand, with why. */
  readonly refused: readonly (readonly [factId: string, why: string])[];
  /** Facts the history tells of, by factId. */
  readonly history: readonly string[];
  /** Whether the completion was announced, for a token that is complete at the end. */
  readonly announced?: boolean;
  /** The same for its notice, where all messages agree on the type of token, which decides whether one is due. */
  readonly noticed?: boolean;
}

export interface FinalPicture {
  /** In the order of their names. */
  readonly tokens: readonly FinalToken[];
  /** Messages their mapper refused, by place. */
  readonly rejected: readonly number[];
}

/** The token a token turned out to be; itself when it did not merge. */
export function survivorOf(world: Pick<World, 'memories'>, tokenId: string): string {
  const next = world.memories.get(tokenId)?.stored.mergedInto;
  return next === undefined ? tokenId : survivorOf(world, next);
}

export function finalPicture(world: World): FinalPicture {
  const history = new Map<string, Set<string>>();
  for (const { value } of world.events) {
    if (value.factKind === 'TOKENS_MERGED' || value.factKind === 'FACTS_ABSORBED') continue;
    const survivor = survivorOf(world, value.tokenId);
    const told = history.get(survivor);
    if (told === undefined) history.set(survivor, new Set([value.factId]));
    else told.add(value.factId);
  }
  const announced = new Set<string>();
  const noticed = new Set<string>();
  for (const { event, notice } of world.announcements) {
    const survivor = survivorOf(world, event.tokenId);
    announced.add(survivor);
    if (notice.decided === 'notice') noticed.add(survivor);
  }
  const tokens = [...world.published].map(([tokenId, published]): [key: string, FinalToken] => {
    const { tokenId: _tokenId, version: _version, ...state } = published;
    const memory = world.memories.get(tokenId);
    const facts = memory?.stored.facts.filter((fact) => fact.kind !== 'FACTS_ABSORBED') ?? [];
    const complete = state.provisioning.completedAt !== undefined;
    const names = state.aliases.map(aliasKey);
    const token: FinalToken = {
      names,
      state,
      facts: facts.map((fact) => fact.factId).sort(),
      refused: [...(memory?.folded.refused ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)),
      history: [...(history.get(tokenId) ?? [])].sort(),
      ...(complete && { announced: announced.has(tokenId) }),
      ...(complete && facts.every((fact) => fact.tokenType === state.tokenType) && { noticed: noticed.has(tokenId) }),
    };
    return [[...names, ...token.facts].join(' '), token];
  });
  return {
    tokens: tokens.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, token]) => token),
    rejected: [...world.rejected].sort((a, b) => a - b),
  };
}

/** Where two pictures differ, as lines to read: the token, the field, and both values. Empty when they are the same. */
export function pictureDifferences(one: FinalPicture, other: FinalPicture): readonly string[] {
  const unpaired = new Set(other.tokens);
  const lines: string[] = [];
  for (const token of one.tokens) {
    const pair = [...unpaired].find((candidate) => candidate.facts.some((factId) => token.facts.includes(factId)));
    if (pair !== undefined) unpaired.delete(pair);
    lines.push(...tokenDifferences(token, pair));
  }
  for (const token of unpaired) lines.push(...tokenDifferences(undefined, token));
  if (one.rejected.join() !== other.rejected.join()) lines.push('different messages are refused by their mapper');
  return lines;
}

function tokenDifferences(one: FinalToken | undefined, other: FinalToken | undefined): readonly string[] {
  const [a, b] = [leaves(one), leaves(other)];
  const name = (one ?? other)?.names.join(' ') || 'a token without a name';
  if (one === undefined) return [`${name}: is no token of its own | is one, of ${other?.facts.length} facts`];
  if (other === undefined) return [`${name}: is a token, of ${one.facts.length} facts | is no token of its own`];
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((field) => a.get(field) !== b.get(field))
    .map((field) => `${name}: ${field} ${a.get(field) ?? 'absent'} | ${b.get(field) ?? 'absent'}`);
}

/** The values at the ends of a tree by dotted name; a list is one value. */
function leaves(tree: unknown, path = '', into = new Map<string, string>()): ReadonlyMap<string, string> {
  if (Array.isArray(tree) || typeof tree !== 'object' || tree === null) {
    if (tree !== undefined) into.set(path, typeof tree === 'string' ? tree : JSON.stringify(tree));
  } else {
    for (const [name, value] of Object.entries(tree)) leaves(value, path === '' ? name : `${path}.${name}`, into);
  }
  return into;
}
