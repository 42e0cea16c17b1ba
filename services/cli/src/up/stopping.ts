/**
 * When `up` has to end:
 *
 *   running ──SIGINT, SIGTERM, SIGHUP, or the npm that started us is gone──▶ stopping ──▶ exit 0
 *                                                                              └──another signal, a second or more later──▶ forced
 *
 * A second passes first because one Ctrl-C can arrive twice: from the terminal, and passed on by npm.
 */
import { readFileSync } from 'node:fs';

export interface Stopping {
  /** Aborts when it is time to end; the reason is a few words for people. */
  readonly signal: AbortSignal;
  /** Ends the watch; signals then do what they usually do. */
  readonly release: () => void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const forceAfterMs = 1_000;
const lookForParentEveryMs = 1_000;

/** Starts watching. `force` is called when a person insists; it must not return. */
export function watchForEnd(env: NodeJS.ProcessEnv, force: () => void): Stopping {
  const controller = new AbortController();
  let endingSince: number | undefined;
  const end = (why: string): void => {
    endingSince ??= performance.now();
    controller.abort(why);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (endingSince !== undefined && performance.now() - endingSince > forceAfterMs) force();
    end(signal === 'SIGINT' ? 'Ctrl-C' : signal);
  };
  for (const signal of signals) process.on(signal, onSignal);

  const ancestors = startedByNpm(env) ? ancestry() : undefined;
  const timer = setInterval(() => {
    if (ancestors !== undefined && ancestry() !== ancestors) end('the npm that started it is gone');
  }, lookForParentEveryMs);
  timer.unref();
  return {
    signal: controller.signal,
    release: () => {
      clearInterval(timer);
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

/** Under npm or npx a process has no life of its own; started otherwise it may outlive its shell on purpose (nohup). */
function startedByNpm(env: NodeJS.ProcessEnv): boolean {
  return env.npm_lifecycle_event !== undefined || env.npm_command !== undefined;
}

/**
 * Our parent and, when that is the shell npm runs scripts in, its parent: npm dies and the shell lives on, adopted.
 * Compared as text; it changes when either is replaced.
 */
function ancestry(): string {
  const parent = process.ppid;
  return isShell(parent) ? `${parent} ${parentOf(parent) ?? ''}` : `${parent}`;
}

function isShell(pid: number): boolean {
  try {
    return /^(ba|da|z|k)?sh$/.test(readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
  } catch {
    return false; // No /proc here: the parent alone has to do.
  }
}

function parentOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  } catch {
    return undefined;
  }
}
