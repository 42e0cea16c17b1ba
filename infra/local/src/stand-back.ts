/*
 * Priority of a process that does not run yet: what it starts, threads included, inherits it.
 *
 * Linux shares processors among sessions first and only then among the threads of each (sched_autogroup(7)), and each of our processes has a session
 * of its own: without the second number the first would change nothing.
 */
import { writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** Without privileges Linux takes such a number once in 100 ms, from everybody together. */
const [retryMs, mostTries] = [120, 20];

/** Gives a process and its session the niceness, 0 to 19. Where the system has no such thing, or not for us, things stay as they are. */
export function standBack(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
  } catch {
    return;
  }
  void setSession(pid, niceness);
}

async function setSession(pid: number, niceness: number): Promise<void> {
  for (let tries = 0; tries < mostTries; tries++) {
    try {
      return await writeFile(`/proc/${pid}/autogroup`, String(niceness), { flag: 'r+' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      await delay(retryMs, undefined, { ref: false });
    }
  }
}
