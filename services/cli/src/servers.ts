/** Kafka, the registry and MongoDB for verbs that work on them without going through a door. */
import { type Codec, createCodec } from '@tokenline/contracts';
import type { Config } from '@tokenline/runtime';
import { connectStore, createRegistry, type Registry, type Store } from '@tokenline/store';
import { createLog, type Log } from '@tokenline/streams';
import { CliError } from './errors.js';
import type { Io } from './io.js';
import { quietLog } from './quiet-log.js';
import { toolConfig } from './settings.js';

export interface LogServers {
  readonly config: Config;
  readonly log: Log;
  readonly codec: Codec;
}

export interface Servers extends LogServers {
  readonly store: Store;
  readonly registry: Registry;
}

/** The log and its schemas. Throws CliError when the registry does not answer or lacks our schemas. */
export async function reachLog(io: Io, clientId: string): Promise<LogServers> {
  const config = toolConfig(io.env);
  const codec = await createCodec(config.schemaRegistryUrl, config.prefix).catch((error: Error) => {
    throw new CliError(error.message);
  });
  return { config, codec, log: createLog(config.kafka, config.prefix, quietLog(io.env), clientId) };
}

/** Runs `work` with a connection to each of them, and closes what is open afterwards. */
export async function withServers<T>(io: Io, clientId: string, work: (servers: Servers) => Promise<T>): Promise<T> {
  const servers = await reachLog(io, clientId);
  const store = await connectStore(servers.config.mongodbUri, servers.config.databaseName);
  try {
    return await work({ ...servers, store, registry: createRegistry(store.db) });
  } finally {
    await store.close();
  }
}
