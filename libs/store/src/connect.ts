/** The connection to MongoDB: majority writes, so that what was written survives a lost primary. */
import { type Db, MongoClient } from 'mongodb';
import { ensureIndexes } from './collections.js';
import { patchMongodb } from './patches.js';
import { ensureProjections } from './projections.js';

patchMongodb();

export interface Store {
  readonly client: MongoClient;
  readonly db: Db;
  /** Undefined when the server answers, else what is wrong. */
  readonly problem: () => Promise<string | undefined>;
  readonly close: () => Promise<void>;
}

/** Connects to the database `name` at `uri`. Throws when no server answers within 15 s. */
export async function connectStore(uri: string, name: string): Promise<Store> {
  const client = createClient(uri);
  await client.connect();
  return storeOf(client, name);
}

/**
 * The same without waiting for a server, for a service that can do part of its work without one. It keeps trying to connect until it is closed:
 * a client whose first connection failed does not recover by itself, its operations throw MongoTopologyClosedError for ever.
 */
export function openStore(uri: string, name: string): Store {
  const client = createClient(uri);
  let closed = false;
  const connect = (): void => {
    client.connect().catch(() => {
      if (!closed) setTimeout(connect, 1_000).unref();
    });
  };
  connect();
  return storeOf(client, name, () => {
    closed = true;
  });
}

function createClient(uri: string): MongoClient {
  return new MongoClient(uri, {
    writeConcern: { w: 'majority' },
    readConcern: { level: 'majority' },
    serverSelectionTimeoutMS: 15_000,
    ignoreUndefined: true,
  });
}

function storeOf(client: MongoClient, name: string, onClose: () => void = () => undefined): Store {
  const db = client.db(name);
  return {
    client,
    db,
    problem: () =>
      db.command({ ping: 1 }, { timeoutMS: 2_000 }).then(
        () => undefined,
        (error: Error) => `MongoDB does not answer: ${error.message}`,
      ),
    close: () => {
      onClose();
      return client.close();
    },
  };
}

/** Deploy step: creates collections, indexes and the registry of projections. Repeating it changes nothing. */
export async function deployStore(store: Store): Promise<void> {
  await ensureIndexes(store.db);
  await ensureProjections(store.db);
}
