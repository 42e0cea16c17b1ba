/** How things stand, in counts. */
import { Type } from '@sinclair/typebox';
import type { Collections } from '@tokenline/store';
import type { FastifyInstance } from 'fastify';
import type { Collection, Document } from 'mongodb';
import { answers, query } from './schemas.js';
import { patience } from './tokens.js';

const counts = (description: string) => Type.Record(Type.String(), Type.Integer(), { description });
const total = Type.Integer();

const Summary = Type.Object({
  tokens: Type.Object({ total, byStatus: counts('By status; merged tokens count once.') }),
  notices: Type.Object({
    total,
    byState: counts('By state.'),
    byOutcome: counts('MET, BREACHED, and UNDECIDED while the deadline is open.'),
  }),
  deadLetters: Type.Object({ total, open: Type.Integer({ description: 'Not sent through again yet.' }) }),
});

export function summaryRoutes(app: FastifyInstance, read: Collections): void {
  app.get(
    '/v1/summary',
    {
      schema: {
        operationId: 'getSummary',
        tags: ['reports'],
        summary: 'Counts of tokens, notices and dead letters',
        querystring: query({}),
        response: answers('The counts.', Summary, 400),
      },
    },
    async () => {
      const [byStatus, byState, byOutcome, letters] = await Promise.all([
        countBy(read.tokens, '$status', { mergedInto: { $exists: false } }),
        countBy(read.notices, '$state'),
        countBy(read.notices, { $ifNull: ['$outcome', 'UNDECIDED'] }),
        countBy(read.deadLetters, '$state'),
      ]);
      return {
        tokens: { total: sum(byStatus), byStatus },
        notices: { total: sum(byState), byState, byOutcome },
        deadLetters: { total: sum(letters), open: letters.OPEN ?? 0 },
      };
    },
  );
}

async function countBy<T extends Document>(
  collection: Collection<T>,
  expression: string | Document,
  match: Document = {},
): Promise<Record<string, number>> {
  const groups = await collection
    .aggregate<{ _id: string; n: number }>(
      [{ $match: match }, { $group: { _id: expression, n: { $sum: 1 } } }, { $sort: { _id: 1 } }],
      patience,
    )
    .toArray();
  return Object.fromEntries(groups.map(({ _id, n }) => [_id, n]));
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((a, b) => a + b, 0);
}
