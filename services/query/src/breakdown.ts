/**
 * Reports: counts and durations over a set of documents, as a whole and broken down by some of their fields.
 *
 * Durations are exact: MongoDB numbers each group's documents in order of duration and hands back only those at the wanted ranks
 * (MongoDB 6.0 has no $percentile; $push of all durations would meet the 16 MB limit of a document).
 * The median of an even number is the mean of the two in the middle; a percentile is the nearest rank: the smallest duration that at least that share reaches.
 */
import type { Collection, Document } from 'mongodb';
import { badParameters } from './refusal.js';

/** An aggregation expression. */
export type Expression = string | number | Document;

export interface Measure {
  /** Which documents count. */
  readonly match: Document;
  /** What each dimension is read from. */
  readonly dimensions: Readonly<Record<string, Expression>>;
  /** Conditions, each counted. */
  readonly counts: Readonly<Record<string, Expression>>;
  /** Milliseconds; documents where it is null are not timed. */
  readonly duration: Expression;
  /** Whole per cent. */
  readonly percentile: number;
}

export interface Row {
  /** Values of the dimensions asked for; absent where the documents have none. */
  readonly key: Readonly<Record<string, string>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly durations?: { readonly medianMs: number; readonly percentileMs: number };
}

/** The day of a time, UTC. */
export function dayOf(path: string): Expression {
  return { $dateToString: { format: '%Y-%m-%d', date: path } };
}

/** The dimensions a comma list names. Throws Refused on one that is not among `known`, or named twice. */
export function dimensionsOf(by: string | undefined, known: readonly string[]): readonly string[] {
  const names = by === undefined ? [] : by.split(',').map((name) => name.trim());
  if (names.every((name) => known.includes(name)) && new Set(names).size === names.length) return names;
  throw badParameters([{ path: 'by', message: `must name some of ${known.join(', ')}, each once, comma-separated` }]);
}

/** The whole as one row, and a row for each combination of `by` that occurs, in order of its values. */
export async function breakDown(
  collection: Collection<Document>,
  measure: Measure,
  by: readonly string[],
): Promise<{ readonly total: Row; readonly items: readonly Row[] }> {
  const [total] = await rows(collection, measure, []);
  const items = by.length === 0 ? [] : await rows(collection, measure, by);
  const zero = Object.fromEntries(Object.keys(measure.counts).map((name) => [name, 0]));
  return { total: total ?? { key: {}, counts: zero }, items };
}

interface Group {
  readonly _id: Readonly<Record<string, string | null>>;
}

interface Counted extends Group {
  readonly counts: Readonly<Record<string, number>>;
}

interface Timed extends Group {
  readonly median: number;
  readonly percentile: number;
}

async function rows(
  collection: Collection<Document>,
  measure: Measure,
  by: readonly string[],
): Promise<readonly Row[]> {
  const key =
    by.length === 0 ? { $literal: {} } : Object.fromEntries(by.map((name) => [name, measure.dimensions[name]]));
  const options = { allowDiskUse: true, maxTimeMS: 30_000 };
  const [counted, timed] = await Promise.all([
    collection.aggregate<Counted>(counting(measure, key), options).toArray(),
    collection.aggregate<Timed>(timing(measure, key), options).toArray(),
  ]);
  const durations = new Map(timed.map((group) => [keyText(group, by), group]));
  return counted
    .sort((a, b) => (keyText(a, by) < keyText(b, by) ? -1 : 1))
    .map((group) => {
      const found = durations.get(keyText(group, by));
      return {
        key: Object.fromEntries(by.flatMap((name) => (group._id[name] == null ? [] : [[name, group._id[name]]]))),
        counts: group.counts,
        ...(found && { durations: { medianMs: found.median, percentileMs: found.percentile } }),
      };
    });
}

function keyText(group: Group, by: readonly string[]): string {
  return JSON.stringify(by.map((name) => group._id[name] ?? ''));
}

function counting({ match, counts }: Measure, key: Expression): Document[] {
  const sums = Object.entries(counts).map(([name, when]) => [name, { $sum: { $cond: [when, 1, 0] } }]);
  const names = Object.fromEntries(Object.keys(counts).map((name) => [name, `$${name}`]));
  return [{ $match: match }, { $group: { _id: key, ...Object.fromEntries(sums) } }, { $project: { counts: names } }];
}

function timing({ match, duration, percentile }: Measure, key: Expression): Document[] {
  const rankOfShare = { $ceil: { $divide: [{ $multiply: [percentile, '$n'] }, 100] } };
  const half = { $divide: [{ $add: ['$n', 1] }, 2] };
  const middle = [{ $floor: half }, { $ceil: half }];
  return [
    { $match: match },
    { $project: { _id: 0, key, ms: duration } },
    { $match: { ms: { $ne: null } } },
    {
      $setWindowFields: {
        partitionBy: '$key',
        sortBy: { ms: 1 },
        output: { rank: { $documentNumber: {} }, n: { $count: {}, window: { documents: ['unbounded', 'unbounded'] } } },
      },
    },
    { $match: { $expr: { $in: ['$rank', [...middle, rankOfShare]] } } },
    {
      $group: {
        _id: '$key',
        median: { $avg: { $cond: [{ $in: ['$rank', middle] }, '$ms', null] } },
        percentile: { $max: { $cond: [{ $eq: ['$rank', rankOfShare] }, '$ms', null] } },
      },
    },
  ];
}
