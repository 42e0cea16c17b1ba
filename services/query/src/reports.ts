/** Reports: how far provisionings come, and whether completion notices go out in time. */
import { type Static, Type } from '@sinclair/typebox';
import type { Collections, Registry } from '@tokenline/store';
import type { FastifyInstance } from 'fastify';
import type { Collection, Document } from 'mongodb';
import { breakDown, dayOf, dimensionsOf, type Expression, type Row } from './breakdown.js';
import { instant, range } from './instant.js';
import { answers, query } from './schemas.js';

/** A condition that is counted, and what the count means. */
interface Count {
  readonly when: Expression;
  readonly means: string;
}

/** One report: which documents, what is counted and timed, and what it may be broken down by. */
interface Report {
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  /** The time a document belongs to. */
  readonly time: string;
  /** Past participle for that time: requested, made. */
  readonly happened: string;
  readonly match: Document;
  readonly dimensions: Readonly<Record<string, Expression>>;
  readonly counts: Readonly<Record<string, Count>>;
  /** Name of the durations in the answer. */
  readonly timed: string;
  /** Milliseconds from the first to the second time; null when either is missing. */
  readonly between: readonly [from: string, to: string];
  readonly percentile: 95 | 99;
  /** Address of the list in which a row's documents stand one by one. */
  readonly entries?: string;
}

const present = (path: string) => ({ $ne: [{ $type: path }, 'missing'] });
const is = (path: string, ...values: readonly string[]) => ({ $in: [path, values] });

const funnel: Report = {
  path: '/v1/reports/funnel',
  operationId: 'reportFunnel',
  summary: 'How far the provisionings requested in a time came',
  description:
    'Tokens without a known request are not in it. Time to complete runs from the request to the completion.',
  time: 'provisioning.requestedAt',
  happened: 'Requested',
  match: { mergedInto: { $exists: false } },
  dimensions: {
    network: '$network',
    wallet: '$wallet',
    path: '$provisioning.path',
    day: dayOf('$provisioning.requestedAt'),
  },
  counts: {
    requested: { when: { $literal: true }, means: 'Tokens asked for in the time given.' },
    approved: { when: is('$provisioning.path', 'GREEN'), means: 'Of these: approved at once (green).' },
    stepUp: {
      when: is('$provisioning.path', 'YELLOW', 'ORANGE'),
      means: 'Of these: cardholder to be authenticated (yellow, orange).',
    },
    declined: {
      when: { $or: [is('$provisioning.path', 'RED'), is('$provisioning.outcome', 'DECLINED')] },
      means: 'Of these: declined (red).',
    },
    onDevice: { when: present('$provisioning.onDeviceAt'), means: 'Of these: reached the device.' },
    completed: { when: present('$provisioning.completedAt'), means: 'Of these: provisioned and active.' },
    failed: {
      when: is('$provisioning.outcome', 'FAILED'),
      means: 'Of these: failed, for example at the authentication.',
    },
    abandoned: { when: is('$provisioning.outcome', 'ABANDONED'), means: 'Of these: left unfinished.' },
  },
  timed: 'timeToComplete',
  between: ['$provisioning.requestedAt', '$provisioning.completedAt'],
  percentile: 95,
};

const completionNotices: Report = {
  path: '/v1/reports/completion-notices',
  operationId: 'reportCompletionNotices',
  summary: 'Whether the completion notices made in a time went out by their deadline',
  description: 'Time to notify runs from the completion (when the notice was due) to when it went out.',
  time: 'createdAt',
  happened: 'Made',
  match: { kind: 'PROVISIONING_COMPLETED' },
  dimensions: { wallet: '$subject.wallet', network: '$subject.network', day: dayOf('$createdAt') },
  counts: {
    met: { when: is('$outcome', 'MET'), means: 'Went out by their deadline.' },
    breached: { when: is('$outcome', 'BREACHED'), means: 'Did not.' },
    pending: {
      when: { $and: [{ $eq: [{ $ifNull: ['$outcome', null] }, null] }, { $ne: ['$state', 'CANCELLED'] }] },
      means: 'Undecided.',
    },
    cancelled: { when: is('$state', 'CANCELLED'), means: 'Called off as old news; breached as well.' },
  },
  timed: 'timeToNotify',
  between: ['$dueAt', '$sentAt'],
  percentile: 99,
  entries: '/v1/notices?kind=PROVISIONING_COMPLETED',
};

export function reportRoutes(app: FastifyInstance, live: Registry['live']): void {
  const of = (pick: (read: Collections) => unknown) => async () => pick(await live()) as Collection<Document>;
  reportRoute(
    app,
    funnel,
    of(({ tokens }) => tokens),
  );
  reportRoute(
    app,
    completionNotices,
    of(({ notices }) => notices),
  );
}

function reportRoute(app: FastifyInstance, report: Report, collection: () => Promise<Collection<Document>>): void {
  const names = Object.keys(report.dimensions);
  const querystring = query({
    from: Type.Optional(Type.String({ description: `${report.happened} at this time or later (ISO 8601).` })),
    to: Type.Optional(Type.String({ description: `${report.happened} before this time (ISO 8601).` })),
    by: Type.Optional(Type.String({ description: `Comma list of ${names.join(', ')}.` })),
  });
  const counts = Object.fromEntries(Object.entries(report.counts).map(([name, { when }]) => [name, when]));
  const duration = { $subtract: [...report.between].reverse() };
  app.get<{ Querystring: Static<typeof querystring> }>(
    report.path,
    {
      schema: {
        operationId: report.operationId,
        tags: ['reports'],
        summary: report.summary,
        description: report.description,
        querystring,
        response: answers('Counts, as a whole and by the dimensions asked for.', answerSchema(report), 400),
      },
    },
    async ({ query: asked }) => {
      const by = dimensionsOf(asked.by, names);
      const time = range(['from', asked.from], ['to', asked.to]) ?? { $exists: true };
      const { dimensions, percentile } = report;
      const match = { ...report.match, [report.time]: time };
      const { total, items } = await breakDown(
        await collection(),
        { match, dimensions, counts, duration, percentile },
        by,
      );
      const json = (row: Row, dimensions: readonly string[]) => ({
        ...rowJson(report, row),
        ...entriesOf(report, row, dimensions, asked),
      });
      return { by, total: json(total, []), items: items.map((row) => json(row, by)) };
    },
  );
}

/** A row: the values of its dimensions, its counts, and its durations in milliseconds. */
function answerSchema({ dimensions, counts, timed, percentile, entries }: Report) {
  const row = Type.Object({
    ...Object.fromEntries(Object.keys(dimensions).map((name) => [name, Type.Optional(Type.String())])),
    ...Object.fromEntries(
      Object.entries(counts).map(([name, { means }]) => [name, Type.Integer({ description: means })]),
    ),
    ...(entries !== undefined && {
      entries: Type.String({ description: 'Where what is counted here stands one by one, page by page.' }),
    }),
    [timed]: Type.Optional(
      Type.Object(
        { medianMs: Type.Number(), [`p${percentile}Ms`]: Type.Number() },
        { description: 'Milliseconds, exact. Absent when nothing was timed.' },
      ),
    ),
  });
  return Type.Object({ by: Type.Array(Type.String()), total: row, items: Type.Array(row) });
}

function rowJson({ timed, percentile }: Report, { key, counts, durations }: Row): Record<string, unknown> {
  return {
    ...key,
    ...counts,
    ...(durations && { [timed]: { medianMs: durations.medianMs, [`p${percentile}Ms`]: durations.percentileMs } }),
  };
}

/** The address of what a row counts. A day is a time, from its first moment to the next one's, within the time asked for. */
function entriesOf(
  { entries }: Report,
  { key }: Row,
  by: readonly string[],
  { from, to }: { readonly from?: string; readonly to?: string },
): { readonly entries?: string } {
  if (entries === undefined) return {};
  const { day } = key;
  const [begin, end] = day === undefined ? [undefined, undefined] : [Date.parse(day), Date.parse(day) + 86_400_000];
  const [asked, until] = [instant('from', from)?.getTime(), instant('to', to)?.getTime()];
  const first = begin === undefined ? asked : Math.max(begin, asked ?? begin);
  const last = end === undefined ? until : Math.min(end, until ?? end);
  const parameters = new URLSearchParams();
  for (const name of by) if (name !== 'day') parameters.set(name, key[name] ?? '');
  if (first !== undefined) parameters.set('from', new Date(first).toISOString());
  if (last !== undefined) parameters.set('to', new Date(last).toISOString());
  const more = parameters.toString();
  return { entries: more === '' ? entries : `${entries}&${more}` };
}
