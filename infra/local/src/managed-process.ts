/*
 * A process that can't be orphaned.
 *
 *   spawned ──guard told──▶ released ──▶ running ──exit──▶ ended
 *
 * spawned   A shell that waits at a gate (file descriptor 3) before it becomes the real command. Were the supervisor
 *           killed right now, the gate would close and the shell end by itself.
 * released  The guard knows the pid; only then does the supervisor open the gate. From here on the guard ends the
 *           process if the supervisor can't.
 * running   Own session and process group: Ctrl-C in the terminal reaches the supervisor alone, which decides in what
 *           order things stop. Signals go to the whole group, so children of children are included.
 * ended     What is left of the group is killed, the guard forgets the pid, `exited` resolves.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { GuardLink } from './guard-link.js';
import { openLog, tellingLine } from './log-file.js';
import { stopPhases } from './parts.js';
import { standBack } from './stand-back.js';

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface SpawnSpec {
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  /** The whole environment; the supervisor's own when left out. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Standard output and error are appended here (rotated above 10 MB) and survive the supervisor … */
  readonly logFile?: string;
  /** … or are handed over line by line. With neither they are dropped. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  readonly onExit?: (status: ExitStatus) => void;
  /** See `stopPhases`; services by default. */
  readonly stopPhase?: number;
  /** How long it may take to stop before it gets SIGKILL, unless `stop` says otherwise; 10 s by default. */
  readonly stopWithinMs?: number;
  /** How far it stands back where processors are short, as `nice` counts: 0 (by default) to 19. */
  readonly niceness?: number;
}

export interface StopOptions {
  readonly signal?: NodeJS.Signals;
  /** After this the process group gets SIGKILL; the process's own `stopWithinMs` when left out. */
  readonly deadlineMs?: number;
}

export interface ManagedProcess {
  readonly name: string;
  readonly pid: number;
  readonly running: boolean;
  /** True once somebody asked for the end, so an exit that follows is no accident. */
  readonly stopping: boolean;
  readonly stopPhase: number;
  /** Never rejects. */
  readonly exited: Promise<ExitStatus>;
  stop(options?: StopOptions): Promise<ExitStatus>;
  /** The log line that tells most about why it ended; only with `logFile`. */
  lastWords(): string | undefined;
}

const posix = process.platform !== 'win32';
// `read` fails when the gate closes without a word, and then nothing is executed.
const waitAtGate = 'read -r _ <&3 && exec "$@" 3<&-';

/** Starts a process in its own process group, known to the guard before it runs. `onEnd` comes before `spec.onExit`. */
export function startManagedProcess(spec: SpawnSpec, guard: GuardLink, onEnd: () => void): ManagedProcess {
  const stopPhase = spec.stopPhase ?? stopPhases.service;
  const stopWithinMs = spec.stopWithinMs ?? 10_000;
  const log = spec.logFile === undefined ? undefined : openLog(spec.logFile, spec.name);
  const child = spawnAtGate(spec, log?.descriptor);
  if (log !== undefined) closeSync(log.descriptor);
  if (child.pid === undefined) throw new Error(`${spec.name} could not be started (${spec.command})`);
  const pid = child.pid;
  let running = true;
  let stopping = false;

  if (spec.niceness !== undefined) standBack(pid, spec.niceness);
  void guard.watch(pid, stopPhase).then(() => openGate(child));
  passLines(child, spec.onLine);

  child.once('exit', () => {
    signalGroup(pid, 'SIGKILL');
    // Somebody who left the group may still hold the output open; nobody waits for them.
    setTimeout(() => closeOutput(child), 1_000).unref();
  });
  const exited = new Promise<ExitStatus>((resolve) => {
    // 'close' comes after 'exit' and after the last line of output.
    child.once('close', (code, signal) => {
      running = false;
      guard.forget(pid);
      onEnd();
      resolve({ code, signal });
      spec.onExit?.({ code, signal });
    });
  });

  return {
    name: spec.name,
    pid,
    stopPhase,
    exited,
    get running() {
      return running;
    },
    get stopping() {
      return stopping;
    },
    async stop(options = {}) {
      stopping = true;
      if (!running) return await exited;
      signalGroup(pid, options.signal ?? 'SIGTERM');
      const deadline = setTimeout(() => signalGroup(pid, 'SIGKILL'), options.deadlineMs ?? stopWithinMs);
      try {
        return await exited;
      } finally {
        clearTimeout(deadline);
      }
    },
    lastWords: () =>
      spec.logFile === undefined || log === undefined ? undefined : tellingLine(spec.logFile, log.startsAt),
  };
}

function spawnAtGate(spec: SpawnSpec, logDescriptor: number | undefined): ChildProcess {
  const output = logDescriptor ?? (spec.onLine === undefined ? 'ignore' : 'pipe');
  const args = spec.args ?? [];
  const child = spawn(
    posix ? '/bin/sh' : spec.command,
    posix ? ['-c', waitAtGate, spec.name, spec.command, ...args] : args,
    {
      detached: posix,
      stdio: ['ignore', output, output, posix ? 'pipe' : 'ignore'],
      env: spec.env ?? process.env,
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
    },
  );
  child.on('error', () => {});
  return child;
}

function openGate(child: ChildProcess): void {
  const gate = child.stdio[3] as Writable | null | undefined;
  gate?.on('error', () => {});
  gate?.end('go\n', () => gate.destroy());
}

function passLines(child: ChildProcess, onLine: SpawnSpec['onLine']): void {
  if (onLine === undefined) return;
  for (const stream of ['stdout', 'stderr'] as const) {
    const readable: Readable | null = child[stream];
    if (readable !== null) createInterface({ input: readable }).on('line', (line) => onLine(line, stream));
  }
}

function closeOutput(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(posix ? -pid : pid, signal);
  } catch {
    // Already gone.
  }
}
