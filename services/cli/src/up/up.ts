/**
 * `tokenline up`: everything on this machine, from servers to summary, until it is asked to end.
 *
 *   ports checked ─▶ servers ─▶ deploy ─▶ services ready ─▶ sample day ─▶ summary, live ─▶ … ─▶ services stopped ─▶ servers stopped
 *
 * Whatever happens on the way, what was started is stopped in reverse order; should this process be killed, the guard of infra/local does it.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createProcessGroup, type ProcessGroup, type Stack, startStack } from '@tokenline/local';
import { type Config, serviceNames } from '@tokenline/runtime';
import { deployAll } from '../deploy.js';
import { CliError } from '../errors.js';
import { quietLog } from '../quiet-log.js';
import { homeOf, readRunFile, removeRunFile, writeRunFile } from '../run-file.js';
import { createTicker } from '../ticker.js';
import { counted } from '../words.js';
import { configOf, withAddresses } from './environment.js';
import { localSealingKeys } from './keys.js';
import { keepPartsAlive } from './parts.js';
import { playAndSettle } from './play.js';
import { requireServicePorts } from './ports.js';
import { createScreen, type Screen } from './screen.js';
import { type Services, startServices } from './services.js';
import { shownPath, showUntil } from './show.js';
import { watchForEnd } from './stopping.js';

export interface UpOptions {
  /** Play the sample day once everything is ready. */
  readonly sample: boolean;
  /** Begin with empty data directories. */
  readonly fresh: boolean;
}

export interface UpContext {
  readonly env: NodeJS.ProcessEnv;
  readonly write: (text: string) => void;
  readonly isTty: boolean;
}

/** Resolves when everything has been stopped again. Throws CliError or LocalStackError when it could not start, or lost a part for good. */
export async function up({ env: given, write, isTty }: UpContext, { sample, fresh }: UpOptions): Promise<void> {
  const home = homeOf(given);
  const screen = createScreen(write, isTty);
  const processes = createProcessGroup();
  const stopping = watchForEnd(given, () => forceEnd(processes, home));
  const lost = new AbortController();
  const signal = AbortSignal.any([stopping.signal, lost.signal]);
  const lose = (error: Error): void => lost.abort(error);
  let stack: Stack | undefined;
  let services: Services | undefined;
  try {
    screen.say(`Tokenline keeps its data in ${shownPath(home)}`);
    const sealingKeys = localSealingKeys(home, given);
    const env = { ...given, TOKENLINE_MODE: 'local', TOKENLINE_HOME: home, TOKENLINE_SEALING_KEYS: sealingKeys };
    await requireServicePorts(configOf(env, 'not started yet')).catch((error: CliError) => {
      throw alreadyRunning(home) ?? error;
    });
    const parts = keepPartsAlive(screen.say, signal, lose);
    stack = await startStack({ home, env, fresh, processes, signal, onProgress: screen.say, onExit: parts.onExit });
    parts.watch(stack);
    // Not before the stack has locked the home: until then it could be somebody else's.
    if (fresh) wipe(home);
    const serviceEnv = withAddresses(env, stack);
    const config = configOf(serviceEnv);
    await deploy(config, serviceEnv, screen);

    services = startServices({ processes, env: serviceEnv, home, say: screen.say, signal, onGivenUp: lose });
    await services.ready();
    if (!signal.aborted) {
      announce(config, home, stack, screen);
      if (sample) await playAndSettle({ config, env: serviceEnv, screen, signal });
      await showUntil({ config, env: serviceEnv, screen, signal });
    }
  } catch (error) {
    if (!stopping.signal.aborted) throw lost.signal.aborted ? lost.signal.reason : error;
  } finally {
    await stopAll({ why: stopping.signal.reason as string | undefined, services, stack, processes, screen });
    removeRunFile(home);
    stopping.release();
  }
  if (lost.signal.aborted && !stopping.signal.aborted) throw lost.signal.reason;
}

/** A taken port means most often that we run already. */
function alreadyRunning(home: string): CliError | undefined {
  const run = readRunFile(home);
  return (
    run &&
    new CliError(
      `Tokenline is running already in ${home}, process ${run.pid}: stop that one first, or set TOKENLINE_HOME and the ports for another.`,
    )
  );
}

/** What of the data is ours beside the servers' own folders. */
function wipe(home: string): void {
  for (const name of ['outbox', 'sample-day.json']) rmSync(join(home, name), { recursive: true, force: true });
}

async function deploy(config: Config, env: NodeJS.ProcessEnv, screen: Screen): Promise<void> {
  const startedAt = performance.now();
  const ticker = createTicker(screen.say, () => 'Still deploying schemas, topics and indexes');
  try {
    const { subjects, topicsCreated, mismatches } = await deployAll(config, quietLog(env));
    if (mismatches.length > 0)
      throw new CliError(`${mismatches.join(' ')} Nothing was changed: set these topics right, or use --fresh.`);
    const took = ((performance.now() - startedAt) / 1000).toFixed(1);
    screen.say(
      `${counted(subjects, 'schema')}, ${counted(topicsCreated.length, 'new topic')} and the indexes deployed in ${took} s`,
    );
  } finally {
    ticker.stop();
  }
}

function announce(config: Config, home: string, stack: Stack, { say }: Screen): void {
  writeRunFile(home, {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    host: config.host,
    ports: config.ports,
    kafkaBrokers: config.kafka.brokers.join(','),
    schemaRegistryUrl: stack.addresses.schemaRegistryUrl,
    mongodbUri: stack.addresses.mongodbUri,
    prefix: config.prefix,
  });
  say(`Services ready: ${serviceNames.map((name) => `${name} ${config.ports[name]}`).join(', ')}`);
}

interface Ending {
  readonly why: string | undefined;
  readonly services: Services | undefined;
  readonly stack: Stack | undefined;
  readonly processes: ProcessGroup;
  readonly screen: Screen;
}

/** Services, then registry, Kafka and MongoDB. */
async function stopAll({ why, services, stack, processes, screen }: Ending): Promise<void> {
  const anything = processes.processes.length > 0;
  screen.settle();
  if (anything)
    screen.say(`${why === undefined ? 'Stopping' : `${why}: stopping`} everything (again to stop at once) …`);
  const ticker = createTicker(
    screen.say,
    () => `Still stopping ${processes.processes.map((each) => each.name).join(', ')}`,
  );
  try {
    await services?.stop();
    await stack?.stop();
    await processes.stopAll();
  } finally {
    ticker.stop();
  }
  if (anything || why !== undefined) screen.say('Stopped. The data stays; `npm start` goes on from here.');
}

/** A person insists: kill what runs, whatever it is doing. What the servers had acknowledged is on disk. */
function forceEnd(processes: ProcessGroup, home: string): never {
  for (const member of processes.processes) void member.stop({ signal: 'SIGKILL' });
  removeRunFile(home);
  process.exit(130);
}
