/**
 * Facts by the ten thousand, as the normalizer would write them: three lives that go round, six facts a token on average. Approved at once (3);
 * stepped up, then held down and let go by its wallet (7); held down by two parties, let go by both, deleted (8).
 */
import type { Codec } from '@tokenline/contracts';
import type { TokenFact } from '@tokenline/domain';
import { eventHeaders } from '@tokenline/streams';
import type { RawRecord } from './raw/release.js';

/** A fact but for what all of them have. */
export type Said = Pick<TokenFact, 'kind'> & Partial<TokenFact>;

export const created: Said = { kind: 'TOKEN_CREATED', reportedStatus: 'ACTIVE' };
export const onDevice: Said = { kind: 'DEVICE_PROVISIONED', reportedStatus: 'ACTIVE' };
export const approved: Said = { kind: 'PROVISIONING_REQUESTED', decision: 'APPROVED' };
const suspended = (actor: TokenFact['actor']): Said => ({ kind: 'TOKEN_SUSPENDED', actor });
const resumed = (actor: TokenFact['actor']): Said => ({ kind: 'TOKEN_RESUMED', actor });

const lives: readonly (readonly Said[])[] = [
  [approved, created, onDevice],
  [
    { kind: 'PROVISIONING_REQUESTED', decision: 'AUTHENTICATE' },
    { kind: 'TOKEN_CREATED', reportedStatus: 'INACTIVE' },
    { kind: 'ACTIVATION_CODE_ISSUED', reportedStatus: 'INACTIVE' },
    { kind: 'DEVICE_PROVISIONED', reportedStatus: 'INACTIVE' },
    { kind: 'AUTHENTICATION_SUCCEEDED', reportedStatus: 'ACTIVE' },
    suspended('TOKEN_REQUESTOR'),
    resumed('TOKEN_REQUESTOR'),
  ],
  [
    approved,
    created,
    onDevice,
    suspended('ISSUER'),
    suspended('TOKEN_REQUESTOR'),
    resumed('ISSUER'),
    resumed('TOKEN_REQUESTOR'),
    { kind: 'TOKEN_DELETED' },
  ],
];

/** Facts of a token, on average. */
export const factsPerToken = lives.reduce((sum, life) => sum + life.length, 0) / lives.length;

export const partitions = 6;

export function partitionOf(token: number): number {
  return token % partitions;
}

export function benchTokenId(token: number): string {
  return `00000000-0000-5000-8000-${String(token).padStart(12, '0')}`;
}

/** The facts of one token in their order; `start` is when its life begins, epoch ms. */
export function factsOf(token: number, start: number): readonly TokenFact[] {
  const life = lives[token % lives.length] as readonly Said[];
  return life.map((said, step) => benchFact(token, step, start + step * 1_000, said));
}

export function benchFact(token: number, step: number, at: number, said: Said): TokenFact {
  const requested = said.kind === 'PROVISIONING_REQUESTED';
  return {
    factId: `thredd-ehi:${9_000_000_000 + token * 100 + step}`,
    tokenId: benchTokenId(token),
    network: 'VTS',
    occurredAt: at,
    occurredAtSource: 'SOURCE',
    receivedAt: at + 200,
    source: 'thredd-ehi',
    sourceMessageId: String(9_000_000_000 + token * 100 + step),
    actor: 'NETWORK',
    tokenType: 'SECURE_ELEMENT',
    wallet: 'APPLE',
    device: { id: `04${String(token).padStart(46, 'F')}`, name: 'Test iPhone', type: 'M' },
    card: { ref: `threddPublicToken:${100_000_000 + (token % 1_000)}` },
    ...(!requested && { tokenExpiry: '2033-01-31' }),
    aliases: [
      ...(requested ? [] : [{ kind: 'tokenReferenceId', value: `DNITHE${String(token).padStart(18, '0')}` }]),
      { kind: 'threddPaymentTokenId', value: String(70_000_000 + token) },
      { kind: 'lifecycleTraceId', value: `VIS1-20300115-${String(token).padStart(15, '0')}` },
    ],
    ...said,
  };
}

/** Facts of the lives of that many tokens, side by side. */
export function benchFacts(
  first: number,
  tokens: number,
  start: number,
  window?: number,
): Generator<[number, TokenFact]> {
  return sideBySide(first, tokens, (token) => factsOf(token, start), window);
}

/** The facts `of` each of that many tokens; each token's in order, tokens side by side in windows as traffic brings them. */
export function* sideBySide(
  first: number,
  tokens: number,
  of: (token: number) => readonly TokenFact[],
  window = 500,
): Generator<[number, TokenFact]> {
  for (let from = first; from < first + tokens; from += window) {
    const to = Math.min(from + window, first + tokens);
    const windowed = Array.from({ length: to - from }, (_, n) => of(from + n));
    for (let step = 0; step < Math.max(...windowed.map(({ length }) => length)); step++)
      for (const [n, facts] of windowed.entries()) {
        const fact = facts[step];
        if (fact !== undefined) yield [from + n, fact];
      }
  }
}

/** A fact as a record of token.facts, in the partition of its token. */
export function factRecord(codec: Pick<Codec, 'encode'>, token: number, fact: TokenFact): RawRecord {
  const type = 'tokenline.facts.TokenFact';
  return {
    partition: partitionOf(token),
    key: fact.tokenId,
    value: codec.encode(type, fact),
    headers: eventHeaders({ id: fact.factId, type, source: 'ingest', time: fact.occurredAt, subject: fact.tokenId }),
  };
}
