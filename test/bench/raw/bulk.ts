/** Process: the least that writes the read models: the documents that stand there, once more, into fresh collections with the same indexes. */
import { connectStore, ensureIndexesOf, type TimelineDoc, type TokenDoc } from '@tokenline/store';
import { childArgs, tellParent } from '../child.js';
import { now } from '../clock.js';

export interface BulkArgs {
  readonly mongodbUri: string;
  readonly databaseName: string;
}
/** Told which tokens, by the range of their ids (the last one excluded), it reads their documents and answers `Prepared`. */
export interface Prepare {
  readonly prepare: { readonly from: string; readonly to: string };
}
export interface Write {
  readonly write: true;
}
export type BulkSays = { readonly prepared: number } | { readonly events: number; readonly seconds: number };

const portion = 500;
const partitionsAtOnce = 3;

const { mongodbUri, databaseName } = childArgs<BulkArgs>();
const { db } = await connectStore(mongodbUri, databaseName);
let tokens = new Map<string, TokenDoc>();
let partitions: readonly (readonly TimelineDoc[])[] = [];
let turn = 0;

async function prepare({ from, to }: Prepare['prepare']): Promise<void> {
  const found = await db
    .collection<TokenDoc>('tokens')
    .find({ _id: { $gte: from, $lt: to } })
    .toArray();
  tokens = new Map(found.map((doc) => [doc._id, doc]));
  const entries = await db
    .collection<TimelineDoc>('timeline')
    .find({ tokenId: { $gte: from, $lt: to } })
    .toArray();
  entries.sort((a, b) => a.offset - b.offset);
  const numbers = [...new Set(entries.map(({ cause }) => cause.partition))];
  partitions = numbers.map((number) => entries.filter(({ cause }) => cause.partition === number));
  turn += 1;
  await ensureIndexesOf(db, 'tokens', `raw.tokens.${turn}`);
  await ensureIndexesOf(db, 'timeline', `raw.timeline.${turn}`);
  tellParent({ prepared: entries.length });
}

async function write(): Promise<void> {
  const started = now();
  const waiting = [...partitions];
  const worker = async (): Promise<void> => {
    for (let list = waiting.shift(); list !== undefined; list = waiting.shift())
      for (let at = 0; at < list.length; at += portion) await writePortion(list.slice(at, at + portion));
  };
  await Promise.all(Array.from({ length: partitionsAtOnce }, worker));
  const events = partitions.reduce((sum, { length }) => sum + length, 0);
  tellParent({ events, seconds: (now() - started) / 1_000 });
}

async function writePortion(entries: readonly TimelineDoc[]): Promise<void> {
  const changed = new Set(entries.filter(({ event }) => event === 'TokenChanged').map(({ tokenId }) => tokenId));
  const replace = [...changed].map((_id) => ({
    replaceOne: { filter: { _id }, replacement: tokens.get(_id) as TokenDoc, upsert: true },
  }));
  await Promise.all([
    db.collection<TokenDoc>(`raw.tokens.${turn}`).bulkWrite(replace, { ordered: false }),
    db.collection<TimelineDoc>(`raw.timeline.${turn}`).bulkWrite(
      entries.map((document) => ({ insertOne: { document } })),
      { ordered: false },
    ),
  ]);
}

process.on('message', (message: Prepare | Write) => {
  const work = 'prepare' in message ? prepare(message.prepare) : write();
  work.catch((error: unknown) => {
    process.stderr.write(`${(error as Error).stack}\n`);
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit());
