/** The connection to MongoDB: majority writes, so that what was written survives a lost primary. */
import { type Db, MongoClient } from 'mongodb';
import { ensureIndexes } from './collections.js';

export interface Store {
  readonly client: MongoClient;
  readonly db: Db;
  /** Undefined when the server answers, else what is wrong. */
  readonly problem: () => Promise<string | undefined>;
  readonly close: () => Promise<void>;
}

/** Connects to the database `name` at `uri`. Throws when no server answers within 15 s. */
export async function connectStore(uri: string, name: string): Promise<Store> {
  const client = new MongoClient(uri, {
    writeConcern: { w: 'majority' },
    readConcern: { level: 'majority' },
    serverSelectionTimeoutMS: 15_000,
    ignoreUndefined: true,
  });
  await client.connect();
  const db = client.db(name);
  return {
    client,
    db,
    problem: () =>
      db.command({ ping: 1 }, { timeoutMS: 2_000 }).then(
        () => undefined,
        (error: Error) => `MongoDB does not answer: ${error.message}`,
      ),
    close: () => client.close(),
  };
}

/** Deploy step: creates every index. Repeating it changes nothing. */
export async function deployStore(store: Store): Promise<void> {
  await ensureIndexes(store.db);
}
