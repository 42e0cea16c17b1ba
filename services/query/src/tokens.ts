/** Tokens: by id (now or as of a time), by name, by filter; and what happened to one. */
import { type Static, Type } from '@sinclair/typebox';
import type { Collections, Registry, TimelineDoc, TokenDoc } from '@tokenline/store';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Filter } from 'mongodb';
import { instant } from './instant.js';
import { timelineJson, tokenJson } from './json.js';
import { family, survivor } from './merged.js';
import { after, pageOf, placeOf, sortOf } from './paging.js';
import { notFound } from './refusal.js';
import { answers, page, query, ref, TimelineEntry, Token } from './schemas.js';
import { namesFor, orderOf, TokensQuery, tokenFilter } from './token-filter.js';

export const patience = { maxTimeMS: 10_000 } as const;

const TokenId = Type.Object({ tokenId: Type.String({ description: "Tokenline's id of the token." }) });
type TokenId = Static<typeof TokenId>;

const AsOf = query({
  asOf: Type.Optional(
    Type.String({ description: 'ISO 8601. The state after the last change whose cause had been recorded by then.' }),
  ),
});

export function tokenRoutes(app: FastifyInstance, live: Registry['live']): void {
  app.get<{ Params: TokenId; Querystring: Static<typeof AsOf> }>(
    '/v1/tokens/:tokenId',
    {
      schema: {
        operationId: 'getToken',
        tags: ['tokens'],
        summary: 'A token as it stands, or as it was known to stand at a time',
        description:
          'A token that merged into another is answered with the surviving one; Content-Location names it. ' +
          'asOf goes by what had been recorded by then: facts that arrived later are left out, whenever they happened.',
        params: TokenId,
        querystring: AsOf,
        response: answers('The token.', ref(Token), 400, 404),
      },
    },
    async (request, reply) => {
      const { tokenId } = request.params;
      const asOf = instant('asOf', request.query.asOf);
      const read = await live();
      const doc = asOf === undefined ? await survivor(read, tokenId) : await standingAt(read, tokenId, asOf);
      if (doc === null) throw notFound('token', asOf && 'No state of it had been recorded by then.');
      locate(reply, tokenId, doc._id, '');
      return tokenJson(doc);
    },
  );

  app.get<{ Querystring: TokensQuery }>(
    '/v1/tokens',
    {
      schema: {
        operationId: 'listTokens',
        tags: ['tokens'],
        summary: 'Tokens by name or by filter, page by page',
        querystring: TokensQuery,
        response: answers('A page of tokens.', page(Token), 400),
      },
    },
    async ({ query: asked }) => {
      const order = orderOf(asked.sort);
      const read = await live();
      const conditions: Filter<TokenDoc>[] = [tokenFilter(asked)];
      if (asked.cursor !== undefined) conditions.push(after(order, placeOf(order, asked.cursor)));
      if (asked.alias !== undefined) {
        const ids = await idsNamed(read, asked.alias);
        if (ids.size === 0) return { items: [] };
        conditions.push({ _id: { $in: [...ids] } });
      }
      const docs = await read.tokens
        .find({ $and: conditions }, patience)
        .sort(sortOf(order))
        .limit(asked.limit + 1)
        .toArray();
      return pageOf(docs, asked.limit, order, (doc) => placeIn(doc, order.field), tokenJson);
    },
  );

  app.get<{ Params: TokenId; Querystring: Record<string, never> }>(
    '/v1/tokens/:tokenId/timeline',
    {
      schema: {
        operationId: 'getTimeline',
        tags: ['tokens'],
        summary: 'What happened to a token, oldest first, ignored and late facts included',
        description:
          'Ordered by when it happened at the network. Includes what was recorded for tokens that merged into it.',
        params: TokenId,
        querystring: query({}),
        response: answers('The timeline.', Type.Object({ items: Type.Array(ref(TimelineEntry)) }), 400, 404),
      },
    },
    async ({ params: { tokenId } }, reply) => {
      const read = await live();
      const ids = await family(read, tokenId);
      const entries = await read.timeline
        .find({ tokenId: { $in: [...ids] } }, { ...patience, projection: { state: 0 } })
        .sort({ at: 1, 'cause.offset': 1, offset: 1, _id: 1 })
        .allowDiskUse()
        .toArray();
      if (entries.length === 0 && (await read.tokens.findOne({ _id: tokenId })) === null) throw notFound('token');
      locate(reply, tokenId, ids[0] as string, '/timeline');
      return { items: entries.map(timelineJson) };
    },
  );
}

/** Names the surviving token's address when the answer is about another token than the one asked for. */
function locate(reply: FastifyReply, asked: string, answered: string, tail: string): void {
  if (asked !== answered) void reply.header('content-location', `/v1/tokens/${encodeURIComponent(answered)}${tail}`);
}

function placeIn(doc: TokenDoc, field: string): { readonly key: Date | null; readonly id: string } {
  const key = field === 'updatedAt' ? doc.updatedAt : (doc.provisioning.requestedAt ?? null);
  return { key, id: doc._id };
}

/** Ids of the tokens that answer to a name, each replaced by its survivor. */
async function idsNamed(read: Collections, alias: string): Promise<ReadonlySet<string>> {
  const names = namesFor(alias);
  if (names.length === 0) return new Set();
  const found = await read.tokens
    .find({ $or: names.map(({ kind, value }) => ({ aliases: { $elemMatch: { kind, value } } })) }, patience)
    .project<{ _id: string; mergedInto?: string }>({ _id: 1, mergedInto: 1 })
    .toArray();
  const ids = await Promise.all(
    found.map(async (doc) =>
      doc.mergedInto === undefined ? doc._id : ((await survivor(read, doc._id))?._id ?? doc._id),
    ),
  );
  return new Set(ids);
}

/** The token's state after the last change recorded at or before `asOf`; null when there was none. Follows a merge recorded by then. */
async function standingAt(read: Collections, tokenId: string, asOf: Date): Promise<TokenDoc | null> {
  const last = (id: string, event: string): Promise<TimelineDoc | null> =>
    read.timeline.findOne(
      { tokenId: id, event, recordedAt: { $lte: asOf } },
      { ...patience, sort: { version: -1, offset: -1 } },
    );
  const seen = new Set<string>();
  for (let id = tokenId; ; ) {
    seen.add(id);
    const [changed, merged] = await Promise.all([last(id, 'TokenChanged'), last(id, 'TokenMerged')]);
    const into = merged?.intoTokenId;
    const survivorThen = into === undefined ? null : await last(into, 'TokenChanged');
    if (into === undefined || survivorThen === null || seen.has(into)) return changed?.state ?? null;
    id = into;
  }
}
