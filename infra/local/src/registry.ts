import { join } from 'node:path';
import type { Home } from './home.js';
import { loopback } from './ports.js';
import type { Server } from './server.js';

export interface RegistryPlace {
  readonly home: Home;
  readonly package: string;
  readonly version: string;
  readonly java: string;
  readonly env: NodeJS.ProcessEnv;
  readonly port: number;
  readonly kafkaBrokers: readonly string[];
}

/** Apicurio Registry. It keeps everything in Kafka and nothing on disk, so it has no data folder. */
export function registryServer(place: RegistryPlace): Server {
  const { home, port } = place;
  return {
    part: 'registry',
    where: `${loopback}:${port}`,
    logFile: home.logOf('registry'),
    readyWithinMs: 120_000,
    stopWithinMs: 10_000,

    prepare: () => Promise.resolve(),

    launch: () => ({
      command: place.java,
      args: [
        '-Xmx512m',
        // It starts in 7 s instead of 10 s like this on two cores, next to Kafka, and has little work afterwards.
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        '-jar',
        join(place.package, `apicurio-registry-app-${place.version}-runner.jar`),
      ],
      env: { ...place.env, ...registryEnvironment(port, place.kafkaBrokers, place.env.TOKENLINE_TOPIC_PREFIX ?? '') },
      cwd: home.path,
    }),

    async isReady() {
      // Answered from its storage, so only once that has been read from Kafka.
      const response = await fetch(`${registryUrl(port)}/subjects`, { signal: AbortSignal.timeout(5_000) });
      await response.body?.cancel();
      return response.ok;
    },
  };
}

/** The part of its API that speaks Confluent's dialect. */
export function registryUrl(port: number): string {
  return `http://${loopback}:${port}/apis/ccompat/v7`;
}

export function registryEnvironment(port: number, brokers: readonly string[], topicPrefix: string): NodeJS.ProcessEnv {
  return {
    QUARKUS_HTTP_HOST: loopback,
    QUARKUS_HTTP_PORT: String(port),
    QUARKUS_HTTP_ACCESS_LOG_ENABLED: 'false',
    QUARKUS_BANNER_ENABLED: 'false',
    APICURIO_STORAGE_KIND: 'kafkasql',
    APICURIO_KAFKASQL_BOOTSTRAP_SERVERS: brokers.join(','),
    APICURIO_KAFKASQL_TOPIC: `${topicPrefix}schema-registry-journal`,
    APICURIO_KAFKASQL_SNAPSHOTS_TOPIC: `${topicPrefix}schema-registry-snapshots`,
    APICURIO_EVENTS_KAFKA_TOPIC: `${topicPrefix}schema-registry-events`,
    // At start it polls the snapshots once more than there are any, and waits this long for nothing: 5 s by default.
    APICURIO_KAFKASQL_CONSUMER_POLL_TIMEOUT: '1000',
  };
}
