import { assembleServers } from './assemble.js';
import { localErrors } from './errors.js';
import { homeAt, prepareHome } from './home.js';
import { lockHome, recordProcesses } from './home-lock.js';
import type { ManagedProcess } from './managed-process.js';
import { mongodbUri } from './mongodb.js';
import { listed, partFacts, type StackPart } from './parts.js';
import { choosePorts, loopback, type Ports, requirePortsFree } from './ports.js';
import { createProcessGroup, type ProcessGroup } from './process-group.js';
import { createProcessScope } from './process-scope.js';
import { whileReporting } from './progress.js';
import { registryUrl } from './registry.js';
import { type RunContext, type Server, startServer } from './server.js';
import { type ConfiguredParts, readConfiguredParts } from './settings.js';
import { throwIfAborted } from './wait.js';

/** Where the three servers are, whether started here or configured. */
export interface StackAddresses {
  readonly kafkaBrokers: readonly string[];
  /** Ends in `/apis/ccompat/v7` when started here. */
  readonly schemaRegistryUrl: string;
  readonly mongodbUri: string;
}

/** A server that ended although nobody asked it to. */
export interface PartExit {
  readonly part: StackPart;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly logFile: string;
}

export interface StackOptions {
  /** TOKENLINE_HOME: data, logs and the lock lie below it. */
  readonly home: string;
  /** The process's own when left out. */
  readonly env?: NodeJS.ProcessEnv;
  /** Any ports that are free instead of 7411 to 7414; a port variable that is set still counts. */
  readonly freePorts?: boolean;
  /** Deletes `<home>/data` first, once it is certain that nothing uses it. */
  readonly fresh?: boolean;
  /** Gets sentences for people. */
  readonly onProgress?: (line: string) => void;
  readonly onExit?: (exit: PartExit) => void;
  /** A group to start the servers in; the stack makes and ends its own when left out. */
  readonly processes?: ProcessGroup;
  /** Interrupts the start, fetching included; the start then rejects with code ABORTED and leaves nothing running. */
  readonly signal?: AbortSignal;
}

export interface Stack {
  readonly addresses: StackAddresses;
  /** The parts started here; the others were configured. */
  readonly started: readonly StackPart[];
  /** The pids of those that run now. */
  readonly pids: Partial<Record<StackPart, number>>;
  /** Stops what was started here (registry, Kafka, MongoDB) and gives the home free. */
  stop(): Promise<void>;
  /** Stops one part and leaves the rest alone; `SIGKILL` makes it a crash. */
  stopPart(part: StackPart, signal?: NodeJS.Signals): Promise<void>;
  /** Starts a stopped part again on the same data and port. */
  startPart(part: StackPart): Promise<void>;
}

/** Starts what isn't configured and resolves when all of it is ready; throws `LocalStackError`. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const env = options.env ?? process.env;
  const report = options.onProgress ?? (() => {});
  const configured = readConfiguredParts(env);
  const ports = await choosePorts(env, options.freePorts ?? false);
  const addresses = addressesOf(configured, ports);
  const home = homeAt(options.home);
  const lock = await lockHome(home, report, options.signal);

  const processes = options.processes ?? createProcessGroup();
  const scope = createProcessScope(processes);
  const stopRecording = recordProcesses(lock, processes);
  const running = new Map<StackPart, ManagedProcess>();

  async function start(servers: readonly Server[]): Promise<void> {
    const context: RunContext = {
      processes: scope,
      report,
      signal: options.signal,
      onExit: (part, status) => options.onExit?.({ part, ...status, logFile: home.logOf(part) }),
    };
    const pending = new Set(servers.map(({ part }) => partFacts[part].title));
    const startOne = async (server: Server) => {
      running.set(server.part, await startServer(server, context));
      pending.delete(partFacts[server.part].title);
    };
    // The registry starts beside Kafka and waits for it: most of its start is spent on itself.
    const startEach = () => Promise.all(servers.map(startOne));
    await whileReporting(report, () => `starting ${listed([...pending])}`, startEach);
  }

  async function end(): Promise<void> {
    await scope.stop();
    if (options.processes === undefined) await processes.stopAll();
    stopRecording();
    await lock.release();
  }

  async function bringUp(): Promise<readonly Server[]> {
    const interrupt = () => void scope.stop();
    options.signal?.addEventListener('abort', interrupt, { once: true });
    try {
      throwIfAborted(options.signal);
      await prepareHome(home, options.fresh ?? false);
      await requirePortsFree(ports, configured.toStart);
      const servers = await assembleServers({
        parts: configured.toStart,
        env,
        home,
        ports,
        kafkaBrokers: addresses.kafkaBrokers,
        processes: scope,
        report,
        signal: options.signal,
      });
      await start(servers);
      return servers;
    } catch (error) {
      await end();
      throw options.signal?.aborted === true ? localErrors.aborted() : error;
    } finally {
      options.signal?.removeEventListener('abort', interrupt);
    }
  }

  const servers = await bringUp();
  const serverOf = (part: StackPart): Server => {
    const server = servers.find((candidate) => candidate.part === part);
    if (server === undefined) throw new Error(`${partFacts[part].title} was not started here`);
    return server;
  };
  let ended: Promise<void> | undefined;

  return {
    addresses,
    started: configured.toStart,
    get pids() {
      const alive = [...running].filter(([, process]) => process.running);
      return Object.fromEntries(alive.map(([part, process]) => [part, process.pid]));
    },
    stop() {
      ended ??= end();
      return ended;
    },
    async stopPart(part, signal) {
      serverOf(part);
      await running.get(part)?.stop(signal === undefined ? {} : { signal });
    },
    async startPart(part) {
      if (running.get(part)?.running !== true) await start([serverOf(part)]);
    },
  };
}

function addressesOf(configured: ConfiguredParts, ports: Ports): StackAddresses {
  return {
    kafkaBrokers: configured.kafkaBrokers ?? [`${loopback}:${ports.kafka}`],
    schemaRegistryUrl: configured.schemaRegistryUrl ?? registryUrl(ports.registry),
    mongodbUri: configured.mongodbUri ?? mongodbUri(ports.mongodb),
  };
}
