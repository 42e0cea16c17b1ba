/**
 * A whole Tokenline for one test file: the five service processes as they ship (dist/main.js) on free ports, on the run's stack, under a topic prefix
 * of its own. A test posts to its doors, asks them, and may kill and restart any service.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { deployAll, type Page, type Token } from '@tokenline/cli';
import { createProcessGroup, type ManagedProcess } from '@tokenline/local';
import {
  type Config,
  createLogger,
  loadConfig,
  niceness,
  nodeFlags,
  portVariable,
  type ServiceName,
  serviceNames,
} from '@tokenline/runtime';
import { root } from './root.js';
import { until } from './wait.js';

export type { DeadLetter, Notice, Page, Token } from '@tokenline/cli';

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export interface SystemOptions {
  /** Services do not stand back behind one another as under `npm start`: for comparing one with a process beside it. */
  readonly equalPriorities?: boolean;
  /** More environment for every service. */
  readonly env?: NodeJS.ProcessEnv;
  /** Which services to start; all when left out. The others can be started later. */
  readonly services?: readonly ServiceName[];
}

/** One process of a service. */
export interface Instance {
  readonly service: ServiceName;
  /** `lifecycle`, and further ones `lifecycle-2`, `lifecycle-3` …; its log is `<name>.log`. */
  readonly name: string;
  readonly url: string;
  readonly stateDirectory: string;
  readonly process: ManagedProcess;
  /** Resolves when it can do its work; throws when it ends or takes longer than 90 s. */
  readonly ready: () => Promise<void>;
  /** For SIGSTOP and SIGCONT; `stop` is for signals that end it. */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Ends it and waits; SIGKILL unless told otherwise. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
}

export interface System {
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly urls: Readonly<Record<ServiceName, string>>;
  /** Posts an EHI message; an object is sent as JSON, text as it is. */
  readonly postEhi: (message: object | string, contentType?: string) => Promise<Answer>;
  readonly send: (method: string, url: string, body?: string, contentType?: string) => Promise<Answer>;
  /** The JSON of a GET on the query door. */
  readonly ask: <T>(path: string) => Promise<T>;
  /** Every item of a list, page by page. */
  readonly askAll: <T>(path: string) => Promise<T[]>;
  /** The token of that alias (`kind:value`), when there is one already. */
  readonly token: (alias: string) => Promise<Token | undefined>;
  /** Starts a service again; resolves when it is ready. */
  readonly start: (service: ServiceName, env?: NodeJS.ProcessEnv) => Promise<void>;
  /** Ends a service; SIGKILL unless told otherwise. */
  readonly kill: (service: ServiceName, signal?: NodeJS.Signals) => Promise<void>;
  /** The process of a service that is reached at its usual address. */
  readonly instance: (service: ServiceName) => Instance;
  /** The same as `start`, without waiting until it is ready. */
  readonly spawn: (service: ServiceName, env?: NodeJS.ProcessEnv) => Instance;
  /** Starts the n-th instance (2, 3, …) of a service beside the others, on a port and with a state directory of its own. */
  readonly join: (service: ServiceName, n: number, env?: NodeJS.ProcessEnv) => Promise<Instance>;
  /** Everything the services have written, by file name. */
  readonly logs: () => ReadonlyMap<string, string>;
  readonly stop: () => Promise<void>;
}

/** Deploys under a fresh prefix, starts the services and resolves when each is ready. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const prefix = `e2e-${randomBytes(4).toString('hex')}-`;
  const home = join(root, '.tokenline/test-systems', prefix.slice(0, -1));
  mkdirSync(home, { recursive: true });
  removeOldHomes(dirname(home));
  const ports = await freePorts(serviceNames.length);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    TOKENLINE_MODE: 'local',
    TOKENLINE_HOME: home,
    TOKENLINE_TOPIC_PREFIX: prefix,
    ...Object.fromEntries(serviceNames.map((service, index) => [portVariable(service), String(ports[index])])),
    ...options.env,
  };
  const config = loadConfig(env);
  const { mismatches } = await deployAll(config, createLogger('test', 'silent'));
  if (mismatches.length > 0) throw new Error(mismatches.join(' '));

  const processes = createProcessGroup();
  const running = new Map<ServiceName, Instance>();
  const urls = Object.fromEntries(
    serviceNames.map((service) => [service, `http://127.0.0.1:${config.ports[service]}`]),
  ) as Record<ServiceName, string>;

  const spawnAs = (service: ServiceName, name: string, port: number, more: NodeJS.ProcessEnv): Instance => {
    const stateDirectory = name === service ? config.stateDirectory : join(home, 'data', name);
    const child = processes.spawn({
      name,
      command: process.execPath,
      args: [...nodeFlags[service], join(root, 'services', service, 'dist/main.js')],
      env: { ...env, [portVariable(service)]: String(port), TOKENLINE_STATE_DIR: stateDirectory, ...more },
      logFile: join(home, 'logs', `${name}.log`),
      // Above the 15 s a service allows itself (libs/runtime).
      stopWithinMs: 17_000,
      ...(options.equalPriorities !== true && { niceness: niceness[service] }),
    });
    const url = `http://127.0.0.1:${port}`;
    return {
      service,
      name,
      url,
      stateDirectory,
      process: child,
      ready: () => ready(child, url),
      signal: (signal) => {
        if (child.running) process.kill(-child.pid, signal);
      },
      stop: async (signal = 'SIGKILL') => {
        await child.stop({ signal });
      },
    };
  };
  const spawn = (service: ServiceName, more: NodeJS.ProcessEnv = {}): Instance => {
    const instance = spawnAs(service, service, config.ports[service], more);
    running.set(service, instance);
    return instance;
  };
  const instance = (service: ServiceName): Instance => {
    const found = running.get(service);
    if (found === undefined) throw new Error(`${service} was never started.`);
    return found;
  };
  const ready = async (child: ManagedProcess, url: string): Promise<void> => {
    let last: unknown;
    const probe = async (): Promise<boolean> => {
      if (!child.running) throw new Error(`${child.name} ended: ${child.lastWords() ?? 'it left no word'}`);
      const answer = await send('GET', `${url}/readyz`).catch(() => undefined);
      last = answer?.text;
      return answer?.status === 200;
    };
    await until(`${child.name} is ready`, probe, 90_000, () => last);
  };

  const system: System = {
    config,
    env,
    home,
    urls,
    send,
    postEhi: (message, contentType = 'application/json') =>
      send(
        'POST',
        `${urls.ingest}/v1/inbound/thredd/ehi`,
        typeof message === 'string' ? message : JSON.stringify(message),
        contentType,
      ),
    ask: async <T>(path: string) => {
      const answer = await send('GET', `${urls.query}${path}`);
      if (answer.status !== 200) throw new Error(`GET ${path} answered ${answer.status}: ${answer.text}`);
      return JSON.parse(answer.text) as T;
    },
    askAll: async <T>(path: string) => {
      const items: T[] = [];
      for (let cursor: string | undefined; ; ) {
        const more =
          cursor === undefined ? '' : `${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;
        const page = await system.ask<Page<T>>(`${path}${more}`);
        items.push(...page.items);
        if (page.nextCursor === undefined) return items;
        cursor = page.nextCursor;
      }
    },
    token: async (alias) => {
      const page = await system.ask<Page<Token>>(`/v1/tokens?alias=${encodeURIComponent(alias)}`);
      return page.items[0];
    },
    start: (service, more) => spawn(service, more).ready(),
    kill: (service, signal) => instance(service).stop(signal),
    instance,
    spawn,
    join: async (service, n, more = {}) => {
      const [port] = await freePorts(1);
      const further = spawnAs(service, `${service}-${n}`, port as number, more);
      await further.ready();
      return further;
    },
    logs: () => {
      const folder = join(home, 'logs');
      return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
    },
    stop: async () => {
      await processes.stopAll();
      for (const name of readdirSync(home))
        if (name !== 'logs') rmSync(join(home, name), { recursive: true, force: true });
    },
  };
  try {
    await Promise.all((options.services ?? serviceNames).map((service) => spawn(service).ready()));
  } catch (error) {
    await system.stop();
    throw error;
  }
  return system;
}

async function send(method: string, url: string, body?: string, contentType = 'application/json'): Promise<Answer> {
  const response = await fetch(url, {
    method,
    ...(body !== undefined && { body, headers: { 'content-type': contentType } }),
    signal: AbortSignal.timeout(20_000),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** Logs of a run stay for whoever wants to read them, and nothing else of it; those of yesterday go. */
function removeOldHomes(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (Date.now() - statSync(path).mtimeMs > 12 * 60 * 60 * 1000) rmSync(path, { recursive: true, force: true });
  }
}

/** Ports nobody listens on now; held all at once, or one could be given twice. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((done, fail) => {
          const server = createServer();
          server.once('error', fail).listen({ port: 0, host: '127.0.0.1' }, () => done(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
