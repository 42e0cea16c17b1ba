/**
 * The memory of the fold and the published states, made anew from token.facts alone: every fact in the order of its partition through the same
 * decision the lifecycle service takes, which needs nothing else. Facts of merged tokens were written to the log by the service itself, so they
 * come from there and are not forwarded again.
 */
import type { Codec } from '@tokenline/contracts';
import { decide, recall, type StoredToken, type TokenMemory, type TokenState } from '@tokenline/domain';
import type { InRecord } from '@tokenline/streams';

/** A token as its facts make it, in wire bytes. */
export interface Recomputed {
  readonly partition: number;
  readonly stored: Buffer;
  /** Null when the token has merged, absent when nothing was ever published. */
  readonly state?: Buffer | null;
}

export interface Recomputing {
  /** Takes the next record of its partition. */
  readonly take: (record: InRecord) => Promise<void>;
  readonly tokens: ReadonlyMap<string, Recomputed>;
  /** Facts taken, and records set aside as the service sets them aside. */
  readonly counts: () => { readonly facts: number; readonly aside: number };
}

export const storedType = 'tokenline.lifecyclestore.StoredToken';
export const stateType = 'tokenline.state.TokenState';

export function createRecomputing(codec: Codec): Recomputing {
  const tokens = new Map<string, Recomputed>();
  let facts = 0;
  let aside = 0;

  const remembered = async (known: Recomputed | undefined): Promise<TokenMemory | undefined> =>
    known === undefined ? undefined : recall((await decodedValue<StoredToken>(codec, known.stored)) as StoredToken);

  return {
    tokens,
    counts: () => ({ facts, aside }),
    take: async ({ topic, partition, offset, key, value }) => {
      const decoded = value === null ? undefined : await codec.decode(value);
      if (!decoded?.ok || decoded.type !== 'tokenline.facts.TokenFact' || decoded.value.tokenId !== key) {
        aside += 1;
        return;
      }
      const known = tokens.get(key);
      try {
        const { memory, published } = decide(await remembered(known), decoded.value, { topic, partition, offset });
        const state =
          published === undefined ? known?.state : published && Buffer.from(codec.encode(stateType, published));
        const stored = Buffer.from(codec.encode(storedType, memory.stored));
        tokens.set(key, { partition, stored, ...(state !== undefined && { state }) });
        facts += 1;
      } catch {
        aside += 1;
      }
    },
  };
}

/** The value of wire bytes; undefined when there are none or they cannot be read. */
export async function decodedValue<T extends StoredToken | TokenState>(
  codec: Codec,
  bytes: Buffer | null | undefined,
): Promise<T | undefined> {
  if (bytes === null || bytes === undefined) return undefined;
  const decoded = await codec.decode(bytes);
  return decoded.ok ? (decoded.value as T) : undefined;
}
