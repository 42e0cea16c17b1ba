/** Dead letters: what could not be processed and why. Sealed values stay sealed. */
import { type Static, Type } from '@sinclair/typebox';
import type { DeadLetterDoc, Registry } from '@tokenline/store';
import type { FastifyInstance } from 'fastify';
import type { Filter } from 'mongodb';
import { range } from './instant.js';
import { deadLetterDetailJson, deadLetterJson } from './json.js';
import { after, type Order, pageOf, placeOf, sortOf } from './paging.js';
import { notFound } from './refusal.js';
import {
  answers,
  cursor,
  DeadLetter,
  DeadLetterDetail,
  deadLetterStates,
  limit,
  oneOf,
  page,
  query,
  ref,
} from './schemas.js';
import { patience } from './tokens.js';

const DeadLettersQuery = query({
  reasonCode: Type.Optional(Type.String({ minLength: 1 })),
  source: Type.Optional(Type.String({ minLength: 1 })),
  state: Type.Optional(oneOf(deadLetterStates)),
  since: Type.Optional(Type.String({ description: 'Failed at this time or later (ISO 8601).' })),
  until: Type.Optional(Type.String({ description: 'Failed before this time (ISO 8601).' })),
  limit,
  cursor,
});

const DeadLetterId = Type.Object({ deadLetterId: Type.String() });

const order: Order = { name: 'dead-letters -failedAt', field: 'failedAt', ascending: false };

export function deadLetterRoutes(app: FastifyInstance, live: Registry['live']): void {
  app.get<{ Querystring: Static<typeof DeadLettersQuery> }>(
    '/v1/dead-letters',
    {
      schema: {
        operationId: 'listDeadLetters',
        tags: ['dead letters'],
        summary: 'Dead letters, latest failure first, page by page',
        querystring: DeadLettersQuery,
        response: answers('A page of dead letters.', page(DeadLetter), 400),
      },
    },
    async ({ query: asked }) => {
      const failedAt = range(['since', asked.since], ['until', asked.until]);
      const conditions: Filter<DeadLetterDoc>[] = [];
      if (asked.reasonCode !== undefined) conditions.push({ reasonCode: asked.reasonCode });
      if (asked.source !== undefined) conditions.push({ source: asked.source });
      if (asked.state !== undefined) conditions.push({ state: asked.state });
      if (failedAt !== undefined) conditions.push({ failedAt });
      if (asked.cursor !== undefined) conditions.push(after(order, placeOf(order, asked.cursor)));
      const docs = await (await live()).deadLetters
        .find(conditions.length === 0 ? {} : { $and: conditions }, { ...patience, projection: { original: 0 } })
        .sort(sortOf(order))
        .limit(asked.limit + 1)
        .toArray();
      return pageOf(docs, asked.limit, order, (doc) => ({ key: doc.failedAt, id: doc._id }), deadLetterJson);
    },
  );

  app.get<{ Params: Static<typeof DeadLetterId> }>(
    '/v1/dead-letters/:deadLetterId',
    {
      schema: {
        operationId: 'getDeadLetter',
        tags: ['dead letters'],
        summary: 'One dead letter with its sealed original',
        params: DeadLetterId,
        querystring: query({}),
        response: answers('The dead letter.', ref(DeadLetterDetail), 400, 404),
      },
    },
    async ({ params }) => {
      const read = await live();
      const doc = await read.deadLetters.findOne({ _id: params.deadLetterId }, patience);
      if (doc === null) throw notFound('dead letter');
      return deadLetterDetailJson(doc);
    },
  );
}
