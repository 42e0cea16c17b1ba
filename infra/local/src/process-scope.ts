import type { ManagedProcess } from './managed-process.js';
import { type Spawner, stopInPhases } from './process-group.js';

/** What one owner started inside a group: stopped together, without touching the rest of the group. */
export interface ProcessScope extends Spawner {
  /** Stops what was started through the scope; it starts nothing more. */
  stop(): Promise<void>;
}

export function createProcessScope(group: Spawner): ProcessScope {
  const members = new Set<ManagedProcess>();
  let ended = false;
  return {
    spawn(spec) {
      if (ended) throw new Error(`${spec.name} was not started, its owner is being stopped`);
      const member = group.spawn(spec);
      members.add(member);
      void member.exited.then(() => members.delete(member));
      return member;
    },
    async stop() {
      ended = true;
      await stopInPhases(members);
    },
  };
}
