import type { Codec, Decoded } from '@tokenline/contracts';
import {
  absorptionFact,
  decide,
  mergeFact,
  type TokenFact,
  type TokenMemory,
  type TokenState,
} from '@tokenline/domain';
import type { InRecord } from '@tokenline/streams';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecomputing, decodedValue } from './recompute.js';

const codec = {
  encode: (type: string, value: unknown) => Buffer.from(JSON.stringify({ type, value })),
  decode: async (bytes: Buffer): Promise<Decoded> => ({ ok: true, ...JSON.parse(bytes.toString()) }) as Decoded,
} as Codec;

const tokenIds = ['t0', 't1', 't2'] as const;
const noon = Date.UTC(2030, 0, 15, 12);

function fact(n: number, tokenId: string, kind: TokenFact['kind'], seconds: number): TokenFact {
  const occurredAt = noon + seconds * 1_000;
  return {
    factId: `f${n}`,
    tokenId,
    network: 'VTS',
    kind,
    occurredAt,
    occurredAtSource: 'SOURCE',
    receivedAt: occurredAt,
    source: 'test',
    sourceMessageId: `m${n}`,
    actor: kind === 'TOKEN_SUSPENDED' ? 'ISSUER' : 'NETWORK',
    tokenType: 'HCE',
    aliases: [],
    ...(kind === 'TOKEN_CREATED' && { reportedStatus: 'ACTIVE' }),
  };
}

/** Facts of three tokens, each a partition of its own; now and then two turn out to be one. */
const anyFacts = fc
  .array(
    fc.record({
      token: fc.nat(2),
      kind: fc.constantFrom('TOKEN_CREATED', 'DEVICE_PROVISIONED', 'TOKEN_SUSPENDED', 'TOKEN_DELETED', 'merge'),
      seconds: fc.nat(20),
      repeatOf: fc.option(fc.nat(10), { freq: 4 }),
    }),
    { maxLength: 20 },
  )
  .map((steps) =>
    steps.flatMap(({ token, kind, seconds, repeatOf }, n) => {
      const tokenId = tokenIds[token] as string;
      if (kind !== 'merge') return [fact(repeatOf ?? n, tokenId, kind as TokenFact['kind'], seconds)];
      // Always into an earlier one: identity never lets two tokens point at each other.
      if (token === 0) return [];
      const merge = { younger: tokenId, survivor: tokenIds[token - 1] as string };
      const about = fact(n, tokenId, 'NOTED', seconds);
      return [absorptionFact(merge, about), mergeFact(merge, about)];
    }),
  );

/** What the service does: each fact in its turn, what it forwards at the end of the log. */
function served(facts: readonly TokenFact[]) {
  const log: InRecord[] = [];
  const waiting = [...facts];
  const memories = new Map<string, TokenMemory>();
  const states = new Map<string, TokenState | null>();
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { tokenId } = next;
    const partition = tokenIds.indexOf(tokenId as (typeof tokenIds)[number]);
    const offset = log.length;
    log.push({
      topic: 'token.facts',
      partition,
      offset,
      key: tokenId,
      value: codec.encode('tokenline.facts.TokenFact', next),
      headers: {},
      timestamp: 0,
    });
    const found = decide(memories.get(tokenId), next, { topic: 'token.facts', partition, offset });
    memories.set(tokenId, found.memory);
    if (found.published !== undefined) states.set(tokenId, found.published);
    waiting.push(...found.forwarded);
  }
  return { log, memories, states };
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

describe('a token made anew from the facts', () => {
  it('is remembered and published as the service left it, whatever came in whatever order, merges included', async () => {
    await fc.assert(
      fc.asyncProperty(anyFacts, async (facts) => {
        const { log, memories, states } = served(facts);
        const recomputing = createRecomputing(codec);
        // Partition by partition, as no service ever saw them.
        for (const record of log.toSorted((a, b) => a.partition - b.partition)) await recomputing.take(record);
        expect([...recomputing.tokens.keys()].sort()).toEqual([...memories.keys()].sort());
        for (const [tokenId, { stored, state }] of recomputing.tokens) {
          expect(await decodedValue(codec, stored)).toEqual(plain(memories.get(tokenId)?.stored));
          expect(plain(await decodedValue(codec, state))).toEqual(plain(states.get(tokenId)));
        }
        expect(recomputing.counts()).toEqual({ facts: log.length, aside: 0 });
      }),
    );
  });

  it('leaves aside what the service puts aside, and goes on', async () => {
    const recomputing = createRecomputing(codec);
    const record = { topic: 'token.facts', partition: 0, headers: {}, timestamp: 0 } as const;
    const good = fact(1, 't0', 'TOKEN_CREATED', 0);
    const value = codec.encode('tokenline.facts.TokenFact', good);
    await recomputing.take({ ...record, offset: 0, key: 't0', value: null });
    await recomputing.take({ ...record, offset: 1, key: 'another', value });
    await recomputing.take({
      ...record,
      offset: 2,
      key: 't0',
      value: codec.encode('tokenline.state.TokenState', {} as never),
    });
    await recomputing.take({ ...record, offset: 3, key: 't0', value });
    expect(recomputing.counts()).toEqual({ facts: 1, aside: 3 });
    expect(recomputing.tokens.size).toBe(1);
  });
});
