import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { processIdentity } from '../process-identity.js';
import { waitUntil } from '../wait.js';

const workspace = fileURLToPath(new URL('../..', import.meta.url));
const built = new URL('../../dist/index.js', import.meta.url).href;

/** A process of its own that runs `script` (the package is there as `local`), so that a test can kill it. */
export interface Supervisor {
  readonly pid: number;
  /** The next line it prints, parsed. */
  nextMessage<T>(): Promise<T>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export function startSupervisor(
  script: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = process.env,
): Supervisor {
  buildOnce();
  const program = `import * as local from ${JSON.stringify(built)};\nconst say = (m) => console.log(JSON.stringify(m));\n${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    async nextMessage<T>() {
      const { value, done } = await lines.next();
      if (done === true) throw new Error('The supervisor ended before it said anything more');
      return JSON.parse(value) as T;
    },
    async kill(signal) {
      const exited = hasExited(child);
      child.kill(signal);
      await exited;
    },
  };
}

/** True once none of these processes runs, within the deadline. */
export function allGone(pids: readonly number[], deadlineMs: number): Promise<boolean> {
  return waitUntil(() => pids.every((pid) => processIdentity(pid) === undefined), { deadlineMs });
}

function hasExited(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

let isBuilt = false;

/** A process of its own runs what is in dist; nothing happens when that is up to date. */
function buildOnce(): void {
  if (isBuilt) return;
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-b', workspace], { stdio: 'inherit' });
  isBuilt = true;
}
