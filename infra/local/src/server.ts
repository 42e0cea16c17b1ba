import { localErrors } from './errors.js';
import type { ExitStatus, ManagedProcess, SpawnSpec } from './managed-process.js';
import { capitalised, partFacts, type StackPart, stopPhases } from './parts.js';
import type { Spawner } from './process-group.js';
import { type Report, seconds } from './progress.js';
import { waitUntil } from './wait.js';

/** One of the three servers: how it is started, and how it shows that it can do its work. */
export interface Server {
  readonly part: StackPart;
  /** `host:port`, for people. */
  readonly where: string;
  readonly logFile: string;
  readonly readyWithinMs: number;
  readonly stopWithinMs: number;
  /** Work before every start: configuration files, formatting a new data folder. */
  prepare(spawner: Spawner): Promise<void>;
  launch(): Pick<SpawnSpec, 'command' | 'args' | 'env' | 'cwd' | 'niceness'>;
  /** May fail or answer false for as long as the server comes up. */
  isReady(): Promise<boolean>;
}

export interface RunContext {
  readonly processes: Spawner;
  readonly report: Report;
  readonly signal?: AbortSignal | undefined;
  readonly onExit: (part: StackPart, status: ExitStatus) => void;
}

/** Starts a server and resolves once it is ready; a server that can't get there is stopped and described. */
export async function startServer(server: Server, context: RunContext): Promise<ManagedProcess> {
  const { part, logFile } = server;
  const startedAt = performance.now();
  await server.prepare(context.processes);
  let ready = false;
  const running = context.processes.spawn({
    ...server.launch(),
    name: part,
    logFile,
    stopPhase: stopPhases[part],
    stopWithinMs: server.stopWithinMs,
    onExit: (status) => {
      if (ready && !running.stopping) context.onExit(part, status);
    },
  });
  try {
    const isReadyOrGone = async () => !running.running || (await server.isReady().catch(() => false));
    const settled = await waitUntil(isReadyOrGone, { deadlineMs: server.readyWithinMs, signal: context.signal });
    if (!running.running) throw localErrors.partFailed(part, await describeEnd(running), logFile);
    if (!settled) throw localErrors.partFailed(part, `was not ready after ${seconds(server.readyWithinMs)}`, logFile);
  } catch (error) {
    await running.stop();
    throw error;
  }
  ready = true;
  const took = seconds(performance.now() - startedAt);
  context.report(`${capitalised(partFacts[part].title)} ready on ${server.where} in ${took}`);
  return running;
}

async function describeEnd(ended: ManagedProcess): Promise<string> {
  const { code, signal } = await ended.exited;
  const words = ended.lastWords();
  const how = signal === null ? `with code ${code}` : `on ${signal}`;
  return `ended during its start ${how}${words === undefined ? '' : ` (${words})`}`;
}
