/**
 * Identity: a strong name belongs to one token. Two tokens that share one and could be one (of no kind of strong name do they have two) were split:
 * a message went to the wrong one. Two that could not be one are a contradiction of the sources, which identity keeps apart on purpose.
 */
import { type Alias, aliasKey, isStrong, strongAliasKinds } from '@tokenline/domain';
import type { Index } from '../documents.js';
import { unpack } from '../log/packed.js';
import { seen } from '../log/places.js';
import { valueFrom } from '../log/view.js';
import type { Look } from './look.js';

/** Strong names, by the tokens whose states carry them. */
export interface Names {
  readonly add: (tokenId: string, aliases: readonly Alias[]) => void;
  readonly holders: ReadonlyMap<string, readonly string[]>;
  /** Whether tokens, taken together, have two names of some kind. */
  readonly contradict: (...tokenIds: readonly string[]) => boolean;
}

/** Names as they are found, token by token. */
export function createNames(): Names {
  const holders = new Map<string, readonly string[]>();
  const held = new Map<string, readonly Alias[]>();
  return {
    holders,
    add: (tokenId, aliases) => {
      const strong = aliases.filter(({ kind }) => isStrong(kind));
      held.set(tokenId, strong);
      for (const name of strong) {
        const key = aliasKey(name);
        holders.set(key, [...(holders.get(key) ?? []), tokenId]);
      }
    },
    contradict: (...tokenIds) => {
      const names = tokenIds.flatMap((tokenId) => held.get(tokenId) ?? []);
      return strongAliasKinds.some(
        (kind) => new Set(names.flatMap((name) => (name.kind === kind ? [name.value] : []))).size > 1,
      );
    },
  };
}

/** Tokens that share a strong name, and are not about to be merged. */
export async function judgeSplits(look: Look, names: Names): Promise<void> {
  const tally = look.tallies.of('NAMES_UNSPLIT');
  tally.check(names.holders.size);
  let contradictions = 0;
  for (const [key, [first, ...others]] of names.holders) {
    for (const other of others) {
      if (first === undefined || names.contradict(first, other)) contradictions += 1;
      else if (!(await mayMerge(look, first)) && !(await mayMerge(look, other)))
        tally.fail({ tokenId: other, what: `has the same ${kindOf(key)} as ${first}, and was not merged with it` });
    }
  }
  if (contradictions > 0)
    tally.note(
      `${contradictions} names are claimed for tokens that cannot be one; their sources contradict each other.`,
    );
}

/** Whether a token has moved while we looked, or its merge lies in the log and waits to be worked through. */
async function mayMerge({ view, reading }: Look, tokenId: string): Promise<boolean> {
  const token = view.tokens.get(tokenId);
  if (token === undefined || token.newestIn > reading) return true;
  for (const { partition, offset, bytes } of unpack(token.facts)) {
    const isHandled =
      (view.places.flags(partition, offset) & seen.traced) !== 0 ||
      view.letters.has('token.facts', { partition, offset }, 'LIFECYCLE');
    if (isHandled) continue;
    const { kind } = await valueFrom(view.codec, 'tokenline.facts.TokenFact', bytes);
    if (kind === 'TOKENS_MERGED') return true;
  }
  return false;
}

/** The alias index against the names in facts and states; only when the system is at rest, since the index is written before the facts. */
export function judgeIndex(look: Look, names: Names, index: Index): void {
  const tally = look.tallies.of('NAMES_INDEXED');
  if (!look.atRest || look.behind('normalizer', 'lifecycle') > 0) {
    tally.skip('not checked (messages are on their way, and the index is ahead of the facts)');
    return;
  }
  const survivorOf = (tokenId: string): string => {
    const passed = new Set<string>();
    let at = tokenId;
    for (let next = index.merged.get(at); next !== undefined && !passed.has(at); next = index.merged.get(at)) {
      passed.add(at);
      at = next.into;
    }
    return at;
  };
  const indexed = new Set([...index.tokens].map(survivorOf));
  let foreign = 0;
  for (const [key, holders] of names.holders) {
    const [holder] = holders;
    if (holder === undefined || holders.length > 1 || names.contradict(holder)) continue;
    tally.check();
    const given = index.strong.get(key);
    if (given === undefined && !indexed.has(holder)) foreign += 1;
    else if (given === undefined) tally.fail({ tokenId: holder, what: `the index does not know its ${kindOf(key)}` });
    else if (survivorOf(given) !== holder)
      tally.fail({ tokenId: holder, what: `the index leads its ${kindOf(key)} to ${survivorOf(given)}` });
  }
  for (const [key, tokenId] of index.strong) {
    if (look.view.strongNames.has(key)) continue;
    tally.check();
    tally.fail({ tokenId, what: `the index gives it a ${kindOf(key)} that no fact carries` });
  }
  for (const [tokenId, { into, announced }] of index.merged) {
    if (!announced) continue;
    tally.check();
    const told = look.view.tokens.get(tokenId)?.merged?.into;
    if (told !== into)
      tally.fail({ tokenId, what: `is merged into ${into} in the index, ${told ?? 'not at all'} in the log` });
  }
  if (foreign > 0)
    tally.note(`${foreign} names belong to tokens the index never had: their facts did not come through ingest.`);
}

function kindOf(key: string): string {
  return key.slice(0, key.indexOf(':'));
}
