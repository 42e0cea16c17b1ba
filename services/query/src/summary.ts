/** How things stand, in counts. */
import { Type } from '@sinclair/typebox';
import type { DeadLetterDoc, Registry } from '@tokenline/store';
import type { FastifyInstance } from 'fastify';
import type { Collection, Document } from 'mongodb';
import { answers, query } from './schemas.js';
import { patience } from './tokens.js';

const hasDeadline = { $ne: [{ $type: '$deadlineAt' }, 'missing'] };
const counts = (description: string) => Type.Record(Type.String(), Type.Integer(), { description });
const total = Type.Integer();

const Summary = Type.Object({
  tokens: Type.Object({ total, byStatus: counts('By status; merged tokens count once.') }),
  notices: Type.Object({
    total,
    byState: counts('By state.'),
    byOutcome: counts('MET, BREACHED, UNDECIDED while the deadline is open, NONE where there is no deadline.'),
  }),
  deadLetters: Type.Object({
    total,
    open: Type.Integer({ description: 'Not sent through again yet.' }),
    bySource: Type.Array(
      Type.Object({
        source: Type.String({ description: 'Interface or topic they came by.' }),
        stage: Type.String({ description: 'Where they failed.' }),
        reasonCode: Type.String(),
        open: total,
        redriven: total,
      }),
      { description: 'Counts for each source, stage and reason, in that order.' },
    ),
  }),
});

export function summaryRoutes(app: FastifyInstance, live: Registry['live']): void {
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
      const read = await live();
      const [byStatus, byState, byOutcome, letters] = await Promise.all([
        countBy(read.tokens, '$status', { mergedInto: { $exists: false } }),
        countBy(read.notices, '$state'),
        countBy(read.notices, { $ifNull: ['$outcome', { $cond: [hasDeadline, 'UNDECIDED', 'NONE'] }] }),
        lettersBySource(read.deadLetters),
      ]);
      return {
        tokens: { total: sum(byStatus), byStatus },
        notices: { total: sum(byState), byState, byOutcome },
        deadLetters: {
          total: letters.reduce((n, { open, redriven }) => n + open + redriven, 0),
          open: letters.reduce((n, { open }) => n + open, 0),
          bySource: letters,
        },
      };
    },
  );
}

interface LetterCount {
  readonly source: string;
  readonly stage: string;
  readonly reasonCode: string;
  readonly open: number;
  readonly redriven: number;
}

async function lettersBySource(deadLetters: Collection<DeadLetterDoc>): Promise<readonly LetterCount[]> {
  const countOf = (state: DeadLetterDoc['state']) => ({ $sum: { $cond: [{ $eq: ['$state', state] }, 1, 0] } });
  const key = { source: '$source', stage: '$stage', reasonCode: '$reasonCode' };
  return await deadLetters
    .aggregate<LetterCount>(
      [
        { $group: { _id: key, open: countOf('OPEN'), redriven: countOf('REDRIVEN') } },
        { $sort: { _id: 1 } },
        { $replaceRoot: { newRoot: { $mergeObjects: ['$_id', { open: '$open', redriven: '$redriven' }] } } },
      ],
      patience,
    )
    .toArray();
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
