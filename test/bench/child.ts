/** A bench's helpers run as processes of their own, so that they don't share an event loop with what is measured. They talk in messages. */
import { fork } from 'node:child_process';
import { join } from 'node:path';

export interface Child<In, Out> {
  readonly pid: number;
  readonly send: (message: In) => void;
  /** The next message; throws when the process ends first. Messages nobody waits for yet are kept. */
  readonly next: () => Promise<Out>;
  readonly stop: () => Promise<void>;
}

/** Starts a module of this folder (compiled, without extension) as a process; `args` as JSON are its first argument. */
export function startChild<In extends object, Out>(module: string, args: object): Child<In, Out> {
  const child = fork(join(import.meta.dirname, `${module}.js`), [JSON.stringify(args)], { serialization: 'advanced' });
  const kept: Out[] = [];
  let wake: (() => void) | undefined;
  let ended: string | undefined;
  child.on('message', (message) => {
    kept.push(message as Out);
    wake?.();
  });
  const exited = new Promise<void>((done) => {
    child.on('exit', (code, signal) => {
      ended = `${module} ended with ${code ?? signal}.`;
      wake?.();
      done();
    });
  });
  return {
    pid: child.pid as number,
    send: (message) => void child.send(message),
    next: async () => {
      while (kept.length === 0) {
        if (ended !== undefined) throw new Error(ended);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return kept.shift() as Out;
    },
    stop: async () => {
      if (ended === undefined) child.kill('SIGTERM');
      await exited;
    },
  };
}

/** In the child: what it was started with. */
export function childArgs<T>(): T {
  return JSON.parse(process.argv[2] as string) as T;
}

/** In the child: tells the parent. */
export function tellParent(message: object): void {
  process.send?.(message);
}
