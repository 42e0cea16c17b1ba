/**
 * The five services as processes of ours.
 *
 *   started ──▶ ready (its /readyz says so) ──ended──▶ waiting (1 s, doubling to 30 s) ──▶ started
 *                                               ├──refused its configuration──▶ given up
 *                                               └──fifth quick death in a row──▶ given up
 *
 * A quick death is an end within 30 s of the start. Giving one service up ends the whole of `up`: a line with a gap helps nobody.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ManagedProcess, ProcessGroup } from '@tokenline/local';
import { niceness, nodeFlags, type ServiceName, serviceNames } from '@tokenline/runtime';
import { type Door, openDoor } from '../door.js';
import { CliError } from '../errors.js';

export interface ServicesOptions {
  readonly processes: ProcessGroup;
  /** The whole environment of the services. */
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** A service is given up. */
  readonly onGivenUp: (error: CliError) => void;
}

export interface Services {
  /** Resolves when every service is ready. Throws CliError when one is not within two minutes. */
  readonly ready: () => Promise<void>;
  /** Ends them all; resolves when they are gone. */
  readonly stop: () => Promise<void>;
}

const quickDeathMs = 30_000;
const mostQuickDeaths = 5;
const longestPauseMs = 30_000;
const readyWithinMs = 120_000;
const remarkEveryMs = 2_500;
/** Above the 15 s a service allows itself (libs/runtime). */
const stopWithinMs = 17_000;
/** EX_CONFIG of sysexits.h: what a service ends with when it refuses its configuration. */
const refusedConfiguration = 78;

const servicesFolder = resolve(fileURLToPath(import.meta.url), '../../../..');

/** Starts every service and keeps it running until `signal` aborts. */
export function startServices(options: ServicesOptions): Services {
  const running = new Map<ServiceName, ManagedProcess>();
  const lives = serviceNames.map((name) =>
    keepAlive(name, options, (process) => running.set(name, process)).catch(options.onGivenUp),
  );
  return {
    ready: () => untilReady(options),
    stop: async () => {
      await Promise.all([...running.values()].map((process) => process.stop()));
      await Promise.all(lives);
    },
  };
}

async function keepAlive(
  name: ServiceName,
  { processes, env, home, say, signal }: ServicesOptions,
  onStart: (process: ManagedProcess) => void,
): Promise<void> {
  const main = join(servicesFolder, name, 'dist/main.js');
  if (!existsSync(main)) throw new CliError(`The ${name} service is not built: run \`npm run build\`.`);
  const logFile = join(home, 'logs', `${name}.log`);
  for (let quickDeaths = 0; !signal.aborted; ) {
    const startedAt = performance.now();
    const args = [...nodeFlags[name], main];
    const child = processes.spawn({
      name,
      command: process.execPath,
      args,
      env,
      logFile,
      stopWithinMs,
      niceness: niceness[name],
    });
    onStart(child);
    const { code, signal: by } = await child.exited;
    if (signal.aborted || child.stopping) return;
    const how = by === null ? `with code ${code}` : `on ${by}`;
    const words = complaintIn(child.lastWords());
    const said = `The ${name} service ended ${how}${words === undefined ? '' : ` (${words})`}`;
    if (code === refusedConfiguration) throw new CliError(`${said}; see ${logFile}.`);
    quickDeaths = performance.now() - startedAt < quickDeathMs ? quickDeaths + 1 : 0;
    if (quickDeaths === mostQuickDeaths) throw new CliError(`${said}, ${quickDeaths} times in a row; see ${logFile}.`);
    const pause = Math.min(1_000 * 2 ** Math.max(quickDeaths - 1, 0), longestPauseMs);
    say(`${said}; starting it again in ${pause / 1_000} s. Its log: ${logFile}`);
    await delay(pause, undefined, { signal }).catch(() => undefined);
  }
}

async function untilReady({ env, say, signal }: ServicesOptions): Promise<void> {
  const startedAt = performance.now();
  let remarkAt = startedAt + remarkEveryMs;
  const waiting = new Map(serviceNames.map((name) => [name, openDoor(name, env)]));
  while (!signal.aborted) {
    const problems: string[] = [];
    for (const [name, door] of waiting) {
      const problem = await problemOf(door);
      if (problem === undefined) waiting.delete(name);
      else problems.push(`${name} (${problem})`);
    }
    if (waiting.size === 0) return;
    const now = performance.now();
    if (now - startedAt > readyWithinMs) throw new CliError(`Not ready after two minutes: ${problems.join(', ')}.`);
    if (now > remarkAt) {
      remarkAt = now + remarkEveryMs;
      say(`Still waiting for ${problems.join(', ')}, ${Math.round((now - startedAt) / 1000)} s so far …`);
    }
    await delay(150, undefined, { signal }).catch(() => undefined);
  }
}

/** Undefined when the service is ready, else what it says is missing. */
async function problemOf(door: Door): Promise<string | undefined> {
  try {
    const answer = await door.send('/readyz', { timeoutMs: 3_000 });
    if (answer.ok) return undefined;
    const { problems = {} } = JSON.parse(answer.text) as { problems?: Record<string, string> };
    return Object.values(problems).join('; ');
  } catch {
    return 'starting';
  }
}

/** What a service's last telling log line complains of: an error's message, or plain text. A line that reports no error explains nothing. */
function complaintIn(line: string | undefined): string | undefined {
  if (line === undefined || !line.startsWith('{')) return line;
  try {
    const { level, msg, err } = JSON.parse(line) as { level?: string; msg?: string; err?: { message?: string } };
    return level === 'error' || level === 'fatal' ? (err?.message ?? msg) : undefined;
  } catch {
    return undefined;
  }
}
