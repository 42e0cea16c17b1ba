/**
 * A whole Tokenline for one test file: the five service processes as they ship (dist/main.js) on free ports, on the run's stack, under a topic prefix
 * of its own. A test posts to its doors, asks them, and may kill and restart any service.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { deployAll, type Page, type Token } from '@tokenline/cli';
import { createProcessGroup, type ManagedProcess } from '@tokenline/local';
import {
  type Config,
  createLogger,
  loadConfig,
  portVariable,
  type ServiceName,
  serviceNames,
} from '@tokenline/runtime';
import { until } from './wait.js';

export type { DeadLetter, Notice, Page, Token } from '@tokenline/cli';

const root = resolve(import.meta.dirname, '..');

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export interface SystemOptions {
  /** More environment for every service. */
  readonly env?: NodeJS.ProcessEnv;
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
  /** Everything the services have written, by file name. */
  readonly logs: () => ReadonlyMap<string, string>;
  readonly stop: () => Promise<void>;
}

/** Deploys under a fresh prefix, starts all services and resolves when each is ready. */
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
  const running = new Map<ServiceName, ManagedProcess>();
  const urls = Object.fromEntries(
    serviceNames.map((service) => [service, `http://127.0.0.1:${config.ports[service]}`]),
  ) as Record<ServiceName, string>;

  const spawn = (service: ServiceName, more: NodeJS.ProcessEnv = {}): ManagedProcess => {
    const child = processes.spawn({
      name: service,
      command: process.execPath,
      args: [join(root, 'services', service, 'dist/main.js')],
      env: { ...env, ...more },
      logFile: join(home, 'logs', `${service}.log`),
      // Above the 15 s a service allows itself (libs/runtime).
      stopWithinMs: 17_000,
    });
    running.set(service, child);
    return child;
  };
  const ready = async (service: ServiceName): Promise<void> => {
    const child = running.get(service);
    let last: unknown;
    const probe = async (): Promise<boolean> => {
      if (child?.running !== true) throw new Error(`${service} ended: ${child?.lastWords() ?? 'it left no word'}`);
      const answer = await send('GET', `${urls[service]}/readyz`).catch(() => undefined);
      last = answer?.text;
      return answer?.status === 200;
    };
    await until(`${service} is ready`, probe, 90_000, () => last);
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
    start: async (service, more) => {
      spawn(service, more);
      await ready(service);
    },
    kill: async (service, signal = 'SIGKILL') => {
      await running.get(service)?.stop({ signal });
    },
    logs: () => {
      const folder = join(home, 'logs');
      return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
    },
    stop: () => processes.stopAll(),
  };
  try {
    for (const service of serviceNames) spawn(service);
    await Promise.all(serviceNames.map(ready));
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

/** Logs of a run stay for whoever wants to read them; those of yesterday go. */
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
