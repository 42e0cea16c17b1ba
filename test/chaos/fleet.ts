/**
 * The service processes of a run, looked after as an operator's supervisor would: what ends without being told to is started again at once.
 * Whether it may have ended is for the round to judge: each such end is kept, and those at an armed point are told apart.
 *
 *   running ── told to stop ──▶ gone until spawned
 *      ▲  └── dies at its point, or ends by itself ──▶ noted ──┐
 *      └───────────────────────────────────────────────────────┘
 */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ServiceName, serviceNames } from '@tokenline/runtime';
import type { Instance, System } from '../system.js';
import type { Point } from './points.js';

/** A process that ended although nobody killed it. */
export interface OwnEnd {
  readonly name: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly words: string | undefined;
}

export interface Fleet {
  /** The process reached at the service's usual address. */
  readonly main: (service: ServiceName) => Instance;
  /** Starts the service again after it was killed, unless it runs; not waited for. */
  readonly spawn: (service: ServiceName, env?: NodeJS.ProcessEnv) => Instance;
  readonly kill: (service: ServiceName, signal?: NodeJS.Signals) => Promise<void>;
  readonly join: (service: ServiceName, n: number) => Promise<Instance>;
  readonly leave: (instance: Instance, signal: NodeJS.Signals) => Promise<void>;
  /** Stops its clock (SIGSTOP). */
  readonly pause: (instance: Instance) => void;
  readonly resume: (instance: Instance) => void;
  /** Has the process die the n-th time it is at the point from now on. */
  readonly arm: (instance: Instance, point: Point, n: number) => void;
  /** Whether that process died at its point. */
  readonly diedAtPoint: (instance: Instance) => boolean;
  /** Addresses of every ingest door. */
  readonly doors: () => readonly string[];
  /** Resolves when the main instance of each of these services, of all when none is named, can do its work. */
  readonly ready: (...services: ServiceName[]) => Promise<void>;
  /** Ends since the last call. */
  readonly ownEnds: () => readonly OwnEnd[];
  readonly stop: () => Promise<void>;
}

/** `folder` is where crash-points.js of these processes looks. */
export function createFleet(system: System, folder: string): Fleet {
  mkdirSync(folder, { recursive: true });
  const further = new Set<Instance>();
  const paused = new Set<Instance>();
  let ends: OwnEnd[] = [];
  let stopping = false;

  const reachedFile = (instance: Instance): string => join(folder, `${instance.process.pid}.reached`);
  const armFile = (instance: Instance): string => join(folder, `${instance.process.pid}.arm`);

  const lookAfter = (instance: Instance): Instance => {
    // Another process may have had this pid before.
    for (const file of [armFile(instance), reachedFile(instance)]) rmSync(file, { force: true });
    void instance.process.exited.then(async ({ code, signal }) => {
      if (instance.process.stopping || stopping) return;
      if (!existsSync(reachedFile(instance)))
        ends.push({ name: instance.name, code, signal, words: instance.process.lastWords() });
      if (further.delete(instance)) return;
      // What cannot start because a server is away would otherwise be started without end.
      if (code !== null) await delay(500);
      if (!stopping && system.instance(instance.service) === instance) lookAfter(system.spawn(instance.service));
    });
    return instance;
  };
  for (const service of serviceNames) lookAfter(system.instance(service));

  return {
    main: system.instance,
    spawn: (service, env) => {
      const now = system.instance(service);
      // It may have ended by itself just before it was to be killed, and been started again.
      return now.process.running ? now : lookAfter(system.spawn(service, env));
    },
    kill: (service, signal) => system.kill(service, signal),
    join: async (service, n) => {
      const instance = lookAfter(await system.join(service, n));
      further.add(instance);
      return instance;
    },
    leave: async (instance, signal) => {
      further.delete(instance);
      await instance.stop(signal);
    },
    pause: (instance) => {
      paused.add(instance);
      instance.signal('SIGSTOP');
    },
    resume: (instance) => {
      paused.delete(instance);
      instance.signal('SIGCONT');
    },
    arm: (instance, point, n) => {
      const file = armFile(instance);
      writeFileSync(`${file}.new`, `${point} ${n}`);
      renameSync(`${file}.new`, file);
    },
    diedAtPoint: (instance) => existsSync(reachedFile(instance)),
    doors: () => [
      system.urls.ingest,
      ...[...further].filter(({ service }) => service === 'ingest').map(({ url }) => url),
    ],
    ready: async (...services) => {
      for (const service of services.length > 0 ? services : serviceNames) {
        for (let attempt = 1; ; attempt++) {
          try {
            await system.instance(service).ready();
            break;
          } catch (error) {
            // It ended while a server was away; its successor is on its way.
            if (attempt === 20 || stopping) throw error;
            await delay(600);
          }
        }
      }
    },
    ownEnds: () => {
      const all = ends;
      ends = [];
      return all;
    },
    stop: async () => {
      stopping = true;
      for (const instance of paused) instance.signal('SIGCONT');
      await system.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
