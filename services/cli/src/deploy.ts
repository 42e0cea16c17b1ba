/**
 * Deploying: schemas into the registry, topics into Kafka, indexes into MongoDB. Repeating it changes nothing.
 * A topic that stands otherwise than stated is reported and left alone: changing it could lose data, so a person decides.
 */
import { registerSchemas, SchemaRefused } from '@tokenline/contracts';
import type { Config, Logger } from '@tokenline/runtime';
import { connectStore, deployStore } from '@tokenline/store';
import { createLog } from '@tokenline/streams';
import { CliError, connectionFailure } from './errors.js';

export interface Deployed {
  /** Subjects that hold our schemas. */
  readonly subjects: number;
  readonly topicsCreated: readonly string[];
  /** One sentence for each topic that stands otherwise. */
  readonly mismatches: readonly string[];
  readonly database: string;
}

/** Deploys to the servers of `config`. Throws CliError when one cannot be reached or refuses. */
export async function deployAll(config: Config, log: Logger): Promise<Deployed> {
  const registered = await reaching(`The schema registry at ${config.schemaRegistryUrl}`, () =>
    registerSchemas(config.schemaRegistryUrl, config.prefix),
  );
  const topics = await reaching(`Kafka at ${config.kafka.brokers.join(',')}`, () =>
    createLog(config.kafka, config.prefix, log, 'deploy').ensureTopics(),
  );
  await reaching('MongoDB', async () => {
    const store = await connectStore(config.mongodbUri, config.databaseName);
    try {
      await deployStore(store);
    } finally {
      await store.close();
    }
  });
  return {
    subjects: registered.length,
    topicsCreated: topics.created,
    mismatches: topics.mismatches,
    database: config.databaseName,
  };
}

async function reaching<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SchemaRefused) throw new CliError(error.message);
    const why = connectionFailure(error) ?? lost(error);
    if (why === undefined) throw error;
    throw new CliError(`${what} cannot be used (${why}).`);
  }
}

/** The drivers' own words for a server that is not there. */
function lost(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return /^(KafkaJS|MongoServerSelection|MongoNetwork)/.test(error.name) ? error.message : undefined;
}
