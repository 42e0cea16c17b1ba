import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

/** The supervisor's end of the guard (see bin/guard.js, which holds the protocol). */
export interface GuardLink {
  readonly pid: number | undefined;
  /** Resolves when the guard will clear this process group up, whatever becomes of us. */
  watch(pid: number, phase: number): Promise<void>;
  forget(pid: number): void;
  /** Lets the guard go and waits until it has. */
  close(): Promise<void>;
}

const guardScript = fileURLToPath(new URL('../bin/guard.js', import.meta.url));
const mostReplacements = 5;

export function createGuardLink(graceMs: number): GuardLink {
  const watched = new Map<number, number>();
  let replacements = 0;
  let closing = false;
  let guard = start();

  function start(): ChildProcess {
    const child = spawn(process.execPath, [guardScript, String(graceMs)], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
      // Without NODE_OPTIONS: whatever it preloads into the supervisor has no place in the guard.
      env: {},
    });
    // A write may meet a guard that has just been killed; its replacement is told everything again.
    child.stdin?.on('error', () => {});
    child.on('error', () => {});
    child.on('exit', () => {
      if (closing || replacements === mostReplacements) return;
      replacements += 1;
      guard = start();
      for (const [pid, phase] of watched) void send(`+ ${pid} ${phase};\n`);
    });
    // The guard must not keep a supervisor alive that has nothing else to do.
    child.unref();
    (child.stdin as Socket).unref();
    return child;
  }

  function send(line: string): Promise<void> {
    return new Promise((resolve) => {
      guard.stdin?.write(line, () => resolve());
    });
  }

  return {
    get pid() {
      return guard.pid;
    },
    watch(pid, phase) {
      watched.set(pid, phase);
      return send(`+ ${pid} ${phase};\n`);
    },
    forget(pid) {
      watched.delete(pid);
      void send(`- ${pid};\n`);
    },
    close() {
      closing = true;
      if (guard.exitCode !== null || guard.signalCode !== null) return Promise.resolve();
      return new Promise((resolve) => {
        guard.ref();
        guard.once('exit', () => resolve());
        guard.stdin?.end();
      });
    },
  };
}
