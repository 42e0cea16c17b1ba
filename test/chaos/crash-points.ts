/**
 * Preloaded into a service (`node --import`): kills the process with SIGKILL at a named point (points.ts), the n-th time it is reached.
 *
 *   unarmed ── `<folder>/<pid>.arm` appears: `<point> <n>` ──▶ armed ── n-th time at the point ──▶ `<folder>/<pid>.reached` written ──▶ dead
 *
 * The services know nothing of it: kafkajs' and the MongoDB driver's public objects are wrapped, and the points are told apart by topic,
 * collection and call. Whether a point was reached is known from the file it leaves.
 */
import { existsSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ClientSession, Collection } from 'mongodb';
import { root } from '../root.js';
import { armedVariable, armVariable, type Point } from './points.js';

/** The parts of kafkajs wrapped here; the library itself stays behind libs/streams. */
type Work<T extends unknown[] = []> = (...given: T) => Promise<unknown>;
interface Batch {
  readonly topicMessages?: readonly { readonly topic: string }[];
}
interface Producer {
  sendBatch: Work<[Batch]>;
  transaction: () => Promise<Transaction>;
}
interface Transaction {
  sendBatch: Work<[Batch]>;
  sendOffsets: Work<[unknown]>;
  commit: Work;
}
interface Kafka {
  producer(this: Kafka, options: unknown): Producer;
  consumer(this: Kafka, options: unknown): { commitOffsets: Work<[readonly { readonly topic: string }[]]> };
}

const folder = process.env[armVariable] ?? '';
const armFile = join(folder, `${process.pid}.arm`);
let armed = parse(process.env[armedVariable] ?? '');

function parse(text: string): { readonly point: string; left: number } | undefined {
  const [point = '', count = '1'] = text.trim().split(' ');
  return point === '' ? undefined : { point, left: Number(count) };
}

function isArmed(point: Point): boolean {
  if (existsSync(armFile)) {
    armed = parse(readFileSync(armFile, 'utf8'));
    unlinkSync(armFile);
  }
  return armed?.point === point;
}

/** The process is at the point: its last time when it is armed for it. */
function at(point: Point): void {
  if (!isArmed(point) || armed === undefined) return;
  armed.left -= 1;
  if (armed.left > 0) return;
  writeFileSync(join(folder, `${process.pid}.reached`), point);
  process.kill(process.pid, 'SIGKILL');
  // The signal is on its way; nothing more may happen until it is here.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const before: Readonly<Record<string, Point>> = {
  'tsp.inbound': 'edge.before-produce',
  'cardholder.messages': 'notifier.before-message',
  'cardholder.receipts': 'notifier.before-receipt',
};
const after: Readonly<Record<string, Point>> = {
  'tsp.inbound': 'edge.before-acknowledgement',
  'cardholder.messages': 'notifier.before-flag',
  'cardholder.receipts': 'notifier.before-receipt-noted',
};
const beforeOffset: Readonly<Record<string, readonly Point[]>> = {
  'tsp.inbound': ['normalizer.before-offset'],
  'token.lifecycle': ['projector.before-offset', 'notifier.before-offset'],
  'token.dead-letters': ['projector.letters-before-offset'],
};

/** What a topic with a prefix is listed under. */
function of<T>(table: Readonly<Record<string, T>>, topic: string): T | undefined {
  return Object.entries(table).find(([name]) => topic.endsWith(name))?.[1];
}

function atAny(table: Readonly<Record<string, Point>>, { topicMessages = [] }: Batch): void {
  for (const { topic } of topicMessages) {
    const point = of(table, topic);
    if (point !== undefined) at(point);
  }
}

// The libraries as the services have them; what they import is theirs, so it is not among our imports. Of kafkajs that is the mended one (kafkajs.ts).
const mended = pathToFileURL(join(root, 'libs/streams/dist/kafkajs.js')).href;
const kafka = ((await import(mended)) as { Kafka: { prototype: Kafka } }).Kafka.prototype;

const makeProducer = kafka.producer;
kafka.producer = function producer(options) {
  const made = makeProducer.call(this, options);
  const { sendBatch, transaction } = made;
  made.sendBatch = async (batch) => {
    atAny(before, batch);
    const result = await sendBatch(batch);
    atAny(after, batch);
    return result;
  };
  made.transaction = async () => watched(await transaction());
  return made;
};

/** A transaction that fences a partition sends one record and no offsets; every other one has offsets. */
function watched(made: Transaction): Transaction {
  const { sendBatch, sendOffsets, commit } = made;
  let hasOffsets = false;
  made.sendBatch = (batch) => {
    at('lifecycle.before-produce');
    return sendBatch(batch);
  };
  made.sendOffsets = async (offsets) => {
    at('lifecycle.before-offset');
    await sendOffsets(offsets);
    hasOffsets = true;
  };
  made.commit = async () => {
    if (hasOffsets) at('lifecycle.before-commit');
    await commit();
    at(hasOffsets ? 'lifecycle.before-local-store' : 'lifecycle.before-restore');
  };
  return made;
}

const makeConsumer = kafka.consumer;
kafka.consumer = function consumer(options) {
  const made = makeConsumer.call(this, options);
  const { commitOffsets } = made;
  made.commitOffsets = (offsets) => {
    for (const { topic } of offsets) for (const point of of(beforeOffset, topic) ?? []) at(point);
    return commitOffsets(offsets);
  };
  return made;
};

const mongodb = createRequire(join(root, 'libs/store/package.json'))('mongodb') as {
  Collection: { prototype: Collection };
  ClientSession: { prototype: ClientSession };
};
const { prototype: collection } = mongodb.Collection;
const { prototype: session } = mongodb.ClientSession;

const commitTransaction = session.commitTransaction;
session.commitTransaction = async function commit(this: ClientSession, ...rest) {
  at('normalizer.before-identity');
  await commitTransaction.apply(this, rest);
  at('normalizer.before-produce');
};

/** A batch is written to tokens and timeline at once, tokens first; one of the two waits here until the other is done, and never happens. */
const firstOf = { tokens: 'projector.tokens-first', timeline: 'projector.timeline-first' } as const;
const never = new Promise<never>(() => undefined);
/** The timeline of a batch without changes is written alone. */
let tokensUnderWay = false;

const bulkWrite = collection.bulkWrite;
collection.bulkWrite = async function write(this: Collection, ...rest) {
  const { collectionName: name } = this;
  if (name !== 'tokens' && name !== 'timeline') return bulkWrite.apply(this, rest);
  if (name === 'tokens') {
    tokensUnderWay = true;
    queueMicrotask(() => {
      tokensUnderWay = false;
    });
  }
  const other = firstOf[name === 'tokens' ? 'timeline' : 'tokens'];
  if (isArmed(other) && armed?.left === 1 && (name === 'tokens' || tokensUnderWay)) return never;
  const together = tokensUnderWay;
  try {
    return await bulkWrite.apply(this, rest);
  } finally {
    if (together) at(firstOf[name]);
  }
};

const updateMany = collection.updateMany;
collection.updateMany = async function update(this: Collection, ...rest) {
  if (this.collectionName === 'identities') at('normalizer.before-merge-noted');
  // Records go by many, each with fields of its own: the one update that is a pipeline.
  if (this.collectionName === 'notices' && Array.isArray(rest[1])) at('notifier.before-record');
  const result = await updateMany.apply(this, rest);
  if (this.collectionName === 'notices' && result.modifiedCount > 0 && claims(rest[1])) at('notifier.before-channel');
  return result;
};

const insertMany = collection.insertMany;
collection.insertMany = async function insert(this: Collection, ...rest) {
  const result = await insertMany.apply(this, rest);
  if (this.collectionName === 'notices' && rest[0].some((doc) => 'lease' in doc)) at('notifier.before-channel');
  return result;
};

const findOneAndUpdate = collection.findOneAndUpdate;
collection.findOneAndUpdate = function update(this: Collection, ...rest: Parameters<typeof findOneAndUpdate>) {
  if (this.collectionName === 'notices' && '$push' in rest[1]) at('notifier.before-record');
  return findOneAndUpdate.apply(this, rest);
} as typeof findOneAndUpdate;

function claims(update: object): boolean {
  return '$set' in update && 'lease' in (update.$set as object);
}
