/** Notices to cardholders: what was due, what became of it. */
import { type Static, Type } from '@sinclair/typebox';
import { noticeKinds, noticeStates } from '@tokenline/domain';
import type { NoticeDoc, Registry } from '@tokenline/store';
import type { FastifyInstance } from 'fastify';
import type { Filter } from 'mongodb';
import { range } from './instant.js';
import { noticeJson } from './json.js';
import { family } from './merged.js';
import { after, type Order, pageOf, placeOf, sortOf } from './paging.js';
import { answers, cursor, limit, Notice, oneOf, page, query } from './schemas.js';
import { patience } from './tokens.js';

const NoticesQuery = query({
  tokenId: Type.Optional(Type.String({ minLength: 1, description: 'Of this token and of those that merged into it.' })),
  kind: Type.Optional(oneOf(noticeKinds)),
  state: Type.Optional(oneOf(noticeStates)),
  outcome: Type.Optional(oneOf(['MET', 'BREACHED'] as const)),
  network: Type.Optional(
    Type.String({ description: 'Of tokens of this network; empty: of those whose network is not known.' }),
  ),
  wallet: Type.Optional(
    Type.String({ description: 'Of tokens in this wallet; empty: of those whose wallet is not known.' }),
  ),
  from: Type.Optional(Type.String({ description: 'Made at this time or later (ISO 8601).' })),
  to: Type.Optional(Type.String({ description: 'Made before this time (ISO 8601).' })),
  limit,
  cursor,
});

const order: Order = { name: 'notices -dueAt', field: 'dueAt', ascending: false };

export function noticeRoutes(app: FastifyInstance, live: Registry['live']): void {
  app.get<{ Querystring: Static<typeof NoticesQuery> }>(
    '/v1/notices',
    {
      schema: {
        operationId: 'listNotices',
        tags: ['notices'],
        summary: 'Notices to cardholders, latest due first, page by page',
        querystring: NoticesQuery,
        response: answers('A page of notices.', page(Notice), 400),
      },
    },
    async ({ query: asked }) => {
      const read = await live();
      const conditions: Filter<NoticeDoc>[] = [];
      if (asked.tokenId !== undefined) conditions.push({ tokenId: { $in: [...(await family(read, asked.tokenId))] } });
      if (asked.kind !== undefined) conditions.push({ kind: asked.kind });
      if (asked.state !== undefined) conditions.push({ state: asked.state });
      if (asked.outcome !== undefined) conditions.push({ outcome: asked.outcome });
      if (asked.network !== undefined) conditions.push({ 'subject.network': named(asked.network) });
      if (asked.wallet !== undefined) conditions.push({ 'subject.wallet': named(asked.wallet) });
      const made = range(['from', asked.from], ['to', asked.to]);
      if (made !== undefined) conditions.push({ createdAt: made });
      if (asked.cursor !== undefined) conditions.push(after(order, placeOf(order, asked.cursor)));
      const docs = await read.notices
        .find(conditions.length === 0 ? {} : { $and: conditions }, patience)
        .sort(sortOf(order))
        .limit(asked.limit + 1)
        .toArray();
      return pageOf(docs, asked.limit, order, (doc) => ({ key: doc.dueAt, id: doc._id }), noticeJson);
    },
  );
}

/** A value, or none where the text is empty. */
function named(text: string): string | { readonly $exists: false } {
  return text === '' ? { $exists: false } : text;
}
