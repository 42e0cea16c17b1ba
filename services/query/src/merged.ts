/** Tokens that turned out to be one: the younger documents stay, and point to the survivor. */
import type { Collections, TokenDoc } from '@tokenline/store';

type Tokens = Pick<Collections, 'tokens'>;

/** A chain longer than this is a loop. */
const longestChain = 20;

/** The document of `tokenId` or, when that has merged, of its survivor. A survivor not projected yet leaves the younger one standing. */
export async function survivor({ tokens }: Tokens, tokenId: string): Promise<TokenDoc | null> {
  let doc = await tokens.findOne({ _id: tokenId });
  for (let hops = 0; doc?.mergedInto !== undefined && hops < longestChain; hops++) {
    const next: TokenDoc | null = await tokens.findOne({ _id: doc.mergedInto });
    if (next === null) return doc;
    doc = next;
  }
  return doc;
}

/** Every id the token has gone by: its own, its survivor's, and those of all that merged into it. */
export async function family(read: Tokens, tokenId: string): Promise<readonly string[]> {
  const head = (await survivor(read, tokenId))?._id ?? tokenId;
  const all = new Set([head, tokenId]);
  let generation = [...all];
  for (let hops = 0; generation.length > 0 && hops < longestChain; hops++) {
    const younger = await read.tokens
      .find({ mergedInto: { $in: generation } })
      .project<{ _id: string }>({ _id: 1 })
      .toArray();
    generation = younger.map((doc) => doc._id).filter((id) => !all.has(id));
    for (const id of generation) all.add(id);
  }
  return [...all];
}
