/*
 * Processes that end together: when they are told to, or, by way of the guard, when the supervisor is killed.
 * `stopAll` is final: a group that is stopping refuses to spawn.
 */
import { createGuardLink, type GuardLink } from './guard-link.js';
import { type ManagedProcess, type SpawnSpec, startManagedProcess } from './managed-process.js';

/** All that code needs which only starts processes. */
export interface Spawner {
  spawn(spec: SpawnSpec): ManagedProcess;
}

export interface ProcessGroup extends Spawner {
  /** The processes that run now. */
  readonly processes: readonly ManagedProcess[];
  readonly guardPid: number | undefined;
  /** Called whenever a process came or went; returns the way to stop listening. */
  observe(listener: () => void): () => void;
  /** Stops everything, lowest phase first, and lets the guard go. */
  stopAll(): Promise<void>;
}

const guardGraceMs = 5_000;

export function createProcessGroup(): ProcessGroup {
  const members = new Set<ManagedProcess>();
  const listeners = new Set<() => void>();
  let guard: GuardLink | undefined;
  let ending: Promise<void> | undefined;

  const notify = () => {
    for (const listener of listeners) listener();
  };

  async function endAll(): Promise<void> {
    await stopInPhases(members);
    await guard?.close();
  }

  return {
    spawn(spec) {
      if (ending !== undefined) throw new Error(`${spec.name} was not started, everything is being stopped`);
      guard ??= createGuardLink(guardGraceMs);
      const member = startManagedProcess(spec, guard, () => {
        members.delete(member);
        notify();
      });
      members.add(member);
      notify();
      return member;
    },
    get processes() {
      return [...members];
    },
    get guardPid() {
      return guard?.pid;
    },
    observe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stopAll() {
      ending ??= endAll();
      return ending;
    },
  };
}

/** Stops the lowest phase, waits until it is gone, goes on with the next. */
export async function stopInPhases(members: Iterable<ManagedProcess>): Promise<void> {
  const left = () => [...members].filter((member) => member.running);
  for (let running = left(); running.length > 0; running = left()) {
    const phase = Math.min(...running.map((member) => member.stopPhase));
    await Promise.all(running.filter((member) => member.stopPhase === phase).map((member) => member.stop()));
  }
}
