import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { localErrors } from './errors.js';
import type { Home } from './home.js';
import { brokerAnswers } from './kafka-probe.js';
import { loopback } from './ports.js';
import { runTool } from './run-tool.js';
import type { Server } from './server.js';

export interface KafkaPlace {
  readonly home: Home;
  readonly package: string;
  readonly java: string;
  readonly env: NodeJS.ProcessEnv;
  readonly port: number;
  readonly controllerPort: number;
}

// The jars bring log4j but no configuration for it.
const log4jConfiguration = fileURLToPath(new URL('../kafka-log4j2.properties', import.meta.url));

/** One broker that is its own controller (KRaft combined mode). */
export function kafkaServer(place: KafkaPlace): Server {
  const { home, port, controllerPort } = place;
  const configuration = join(home.run, 'kafka.properties');
  const dataFolder = home.dataOf('kafka');
  const logFile = home.logOf('kafka');

  const javaCommand = (flags: readonly string[], mainClass: string, ...args: readonly string[]) => ({
    command: place.java,
    args: [
      ...flags,
      '-Djava.awt.headless=true',
      `-Dlog4j2.configurationFile=${log4jConfiguration}`,
      '-cp',
      join(place.package, 'libs', '*'),
      mainClass,
      ...args,
    ],
    env: place.env,
    // log.dirs is relative to it: a comma or a space in the home's path would otherwise have to survive
    // a properties file and a list.
    cwd: home.path,
  });

  return {
    part: 'kafka',
    where: `${loopback}:${port}`,
    logFile,
    // Under the 60 s after which a registry that waits for Kafka gives up.
    readyWithinMs: 55_000,
    stopWithinMs: 20_000,

    async prepare(spawner) {
      await writeFile(configuration, kafkaProperties({ port, controllerPort, data: relative(home.path, dataFolder) }));
      // The last file formatting writes; a format that was interrupted is done again, over nothing of value.
      if (existsSync(join(dataFolder, 'meta.properties'))) return;
      const format = javaCommand(
        ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m'],
        'kafka.tools.StorageTool',
        ...['format', '-t', newClusterId(), '-c', configuration],
      );
      const run = await runTool(spawner, { ...format, name: 'format kafka', logFile });
      if (!run.ok) throw localErrors.partFailed('kafka', `could not format its data folder (${run.reason})`, logFile);
    },

    // The full compiler, unlike the registry: the broker carries the load, and C2 costs it about 1 s of start.
    launch: () => javaCommand(['-Xmx512m', '-XX:+UseSerialGC'], 'kafka.Kafka', configuration),

    isReady: () => brokerAnswers(loopback, port),
  };
}

export function kafkaProperties(at: { port: number; controllerPort: number; data: string }): string {
  const settings: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${loopback}:${at.controllerPort}`,
    listeners: `PLAINTEXT://${loopback}:${at.port},CONTROLLER://${loopback}:${at.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${loopback}:${at.port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': at.data,

    // A topic exists because somebody declared it.
    'auto.create.topics.enable': 'false',

    // One broker: one copy of everything, and few partitions to open at start.
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 8,

    // After a crash the controller takes the old broker for alive until its session ends, and only then lets the new one
    // in. 9 s by default; with 6 s the new one's sixth attempt, after 6.3 s, succeeds. With less a machine that stands still
    // for some seconds takes every partition's leader away.
    'broker.heartbeat.interval.ms': 500,
    'broker.session.timeout.ms': 6_000,

    // Nobody else is about to join, and a consumer that was killed is to be missed soon.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1_000,

    // A home left alone for weeks continues where it stopped: the log is the truth, and so are positions in it.
    'log.retention.ms': -1,
    'offsets.retention.minutes': 5_256_000,

    // The standard 128 MB is a quarter of this heap; 16 MB are enough for half a million keys at a time.
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
  };
  return `${Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}

/** A Kafka Uuid: 16 bytes in URL-safe base64, not starting with a dash (it would look like an option). */
function newClusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? newClusterId() : id;
}
