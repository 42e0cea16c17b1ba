/*
 * One mongod that is a replica set of its own, for transactions and change streams need a set.
 *
 *   no configuration ──replSetInitiate──▶ elected
 *   configured for another port ──replSetReconfig, forced──▶ elected
 *   configured for this port ──▶ elected
 *
 * A set of one elects itself within milliseconds; ready means it takes writes.
 */
import { mkdir } from 'node:fs/promises';
import type { ReadDocument } from './bson.js';
import type { Home } from './home.js';
import { mongoCommand } from './mongo-command.js';
import { loopback } from './ports.js';
import type { Server } from './server.js';

export interface MongodbPlace {
  readonly home: Home;
  readonly mongod: string;
  readonly env: NodeJS.ProcessEnv;
  readonly port: number;
}

const setName = 'rs0';
/** Per cent of the cache: changed pages, and what their changes take, from which WiredTiger writes in the background, and from which writers help. */
const dirtyPages =
  'eviction_dirty_target=20,eviction_dirty_trigger=40,eviction_updates_target=15,eviction_updates_trigger=30';
// https://github.com/mongodb/mongo/blob/v6.0/src/mongo/base/error_codes.yml
const notYetInitialized = 94;

export function mongodbServer(place: MongodbPlace): Server {
  const { home, port } = place;
  return {
    part: 'mongodb',
    where: `${loopback}:${port}`,
    logFile: home.logOf('mongodb'),
    readyWithinMs: 60_000,
    stopWithinMs: 20_000,

    async prepare() {
      await mkdir(home.dataOf('mongodb'), { recursive: true });
    },

    launch: () => ({
      command: place.mongod,
      args: [
        ...['--replSet', setName, '--bind_ip', loopback, '--port', String(port), '--dbpath', home.dataOf('mongodb')],
        ...['--wiredTigerCacheSizeGB', '1', '--oplogSize', '512'],
        // No socket file in the temporary folder, no line per connection, no sampling of itself every second.
        ...['--nounixsocket', '--quiet', '--setParameter', 'diagnosticDataCollectionEnabled=false'],
        // What a killed process left open keeps others from the same documents for so long; 60 s by default, ours take milliseconds.
        ...['--setParameter', 'transactionLifetimeLimitSeconds=10'],
        // Nobody reads the past: without this every version a document had within five minutes is written to a history table.
        ...['--setParameter', 'minSnapshotHistoryWindowInSeconds=0'],
        // What was changed may wait in a fifth of the cache for the checkpoint each minute. With the usual twentieth of so small a cache four
        // threads wrote the same pages again and again, a sixth of all mongod did at 500 messages a second, for tens of milliseconds at a stretch.
        ...['--wiredTigerEngineConfigString', dirtyPages],
      ],
      env: place.env,
      cwd: home.path,
      // What waits for an acknowledgement, Kafka's record and the doors, goes first.
      niceness: 5,
    }),

    async isReady() {
      const hello = await mongoCommand(port, { hello: 1 });
      if (hello.isWritablePrimary === true) return true;
      // Said by a server that is no member of any set it knows of.
      if (hello.isreplicaset === true) await configureSet(port);
      return false;
    },
  };
}

export function mongodbUri(port: number): string {
  return `mongodb://${loopback}:${port}/?replicaSet=${setName}`;
}

async function configureSet(port: number): Promise<void> {
  const members = [{ _id: 0, host: `${loopback}:${port}` }];
  const current = await mongoCommand(port, { replSetGetConfig: 1 });
  if (current.code === notYetInitialized) {
    // Refused while the server still reads its configuration; the next round asks again.
    await mongoCommand(port, { replSetInitiate: { _id: setName, members } });
    return;
  }
  const version = (current.config as ReadDocument | undefined)?.version;
  if (typeof version !== 'number') return;
  // Still the port of an earlier start, or we would be a member by now.
  await mongoCommand(port, {
    replSetReconfig: { _id: setName, version: version + 1, protocolVersion: 1, members },
    force: true,
  });
}
