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
  /** Ids of the facts known about the token, in the order they are folded. */
  readonly facts: readonly string[];
  /** Those that are not legal where they stand, with why. */
  readonly refused: readonly (readonly [factId: string, why: string])[];
  /** Ids of the facts the history tells of, sorted. */
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
  const tokens = [...world.memories].flatMap(
    ([tokenId, { stored, folded }]): (readonly [text: string, FinalToken])[] => {
      const published = world.published.get(tokenId);
      if (published === undefined) return [];
      const { tokenId: _tokenId, version: _version, ...state } = published;
      const facts = stored.facts.filter((fact) => fact.kind !== 'FACTS_ABSORBED');
      const complete = state.provisioning.completedAt !== undefined;
      const token: FinalToken = {
        names: state.aliases.map(aliasKey),
        state,
        facts: facts.map((fact) => fact.factId),
        refused: [...folded.refused],
        history: [...(history.get(tokenId) ?? [])].sort(),
        ...(complete && { announced: announced.has(tokenId) }),
        ...(complete && facts.every((fact) => fact.tokenType === state.tokenType) && { noticed: noticed.has(tokenId) }),
      };
      // The text begins with the names.
      return [[JSON.stringify(token), token]];
    },
  );
  return {
    tokens: tokens.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, token]) => token),
    rejected: [...world.rejected].sort((a, b) => a - b),
  };
}

/** Where two pictures differ, as lines to read: the token, the field, and both values. Empty when they are the same. */
export function pictureDifferences(one: FinalPicture, other: FinalPicture): readonly string[] {
  let unpaired = other.tokens;
  const lines = one.tokens.flatMap((token) => {
    const pair = unpaired.find(({ facts }) => facts.some((factId) => token.facts.includes(factId)));
    if (pair === undefined)
      return [`${nameOf(token)}: is a token, of ${token.facts.length} facts | is no token of its own`];
    unpaired = unpaired.filter((candidate) => candidate !== pair);
    return tokenDifferences(token, pair);
  });
  for (const token of unpaired) {
    lines.push(`${nameOf(token)}: is no token of its own | is one, of ${token.facts.length} facts`);
  }
  if (one.rejected.join() !== other.rejected.join()) lines.push('different messages are refused by their mapper');
  return lines;
}

function tokenDifferences(one: FinalToken, other: FinalToken): readonly string[] {
  const [a, b] = [new Map(leaves(one)), new Map(leaves(other))];
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((field) => a.get(field) !== b.get(field))
    .map((field) => `${nameOf(one)}: ${field} ${a.get(field) ?? 'absent'} | ${b.get(field) ?? 'absent'}`);
}

function nameOf({ names }: FinalToken): string {
  return names.join(' ') || 'a token without a name';
}

/** The values at the ends of a tree by dotted name; a list is one value, what is undefined is absent. */
function leaves(tree: object, path = ''): readonly (readonly [name: string, value: string])[] {
  return Object.entries(tree).flatMap(([name, value]: [string, unknown]) => {
    if (value instanceof Object && !Array.isArray(value)) return leaves(value, `${path}${name}.`);
    return [[path + name, typeof value === 'string' ? value : JSON.stringify(value)] as const];
  });
}
