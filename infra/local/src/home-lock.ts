/*
 * One stack per home.
 *
 * A lock whose holder still runs is an error. One whose holder is gone is taken over, in this order: the holder's guard
 * may still be stopping its servers, so it gets time to finish; what runs after that (the guard was killed as well) is
 * stopped here, group by group, by the identities the lock recorded; then the lock changes hands.
 */
import { localErrors } from './errors.js';
import { type FileLock, type LockRecord, type RecordedProcess, removeStaleLock, tryLock } from './file-lock.js';
import type { Home } from './home.js';
import type { ProcessGroup } from './process-group.js';
import { isSameProcess, processIdentity } from './process-identity.js';
import { type Report, whileReporting } from './progress.js';
import { waitUntil } from './wait.js';

const guardName = 'guard';
const guardDeadlineMs = 30_000;
const leftoverDeadlineMs = 10_000;

export async function lockHome(home: Home, report: Report, signal?: AbortSignal): Promise<FileLock> {
  for (;;) {
    const outcome = await tryLock(home.lockFile);
    if (outcome.taken) return outcome.lock;
    if (outcome.alive) throw localErrors.homeInUse(home.path, outcome.holder.pid);
    await whileReporting(
      report,
      () => 'waiting for the servers of an earlier stack to stop',
      () => clearLeftovers(outcome.holder, signal),
    );
    await removeStaleLock(home.lockFile, outcome.holder);
  }
}

/** Keeps the lock's list of processes in step with the group; returns the way to stop doing so. */
export function recordProcesses(lock: FileLock, processes: ProcessGroup): () => void {
  const identities = new Map<number, string>();
  const identityOf = (pid: number) => {
    const identity = identities.get(pid) ?? processIdentity(pid) ?? '';
    identities.set(pid, identity);
    return identity;
  };
  const record = () => {
    const recorded: RecordedProcess[] = processes.processes.map(({ name, pid, stopPhase }) => {
      return { name, pid, identity: identityOf(pid), stopPhase };
    });
    const guard = processes.guardPid;
    if (guard !== undefined) {
      recorded.push({ name: guardName, pid: guard, identity: identityOf(guard), stopPhase: Number.MAX_SAFE_INTEGER });
    }
    void lock.record(recorded);
  };
  record();
  return processes.observe(record);
}

async function clearLeftovers(holder: LockRecord, signal: AbortSignal | undefined): Promise<void> {
  const guard = holder.processes.find((recorded) => recorded.name === guardName);
  if (guard !== undefined) await waitUntil(() => !runs(guard), { deadlineMs: guardDeadlineMs, signal });
  const servers = holder.processes.filter((recorded) => recorded.name !== guardName && runs(recorded));
  for (const server of servers.sort((a, b) => a.stopPhase - b.stopPhase)) {
    signalGroup(server.pid, 'SIGTERM');
    if (await waitUntil(() => !runs(server), { deadlineMs: leftoverDeadlineMs, signal })) continue;
    signalGroup(server.pid, 'SIGKILL');
    await waitUntil(() => !runs(server), { deadlineMs: leftoverDeadlineMs, signal });
  }
}

function runs(recorded: RecordedProcess): boolean {
  return isSameProcess(recorded.pid, recorded.identity);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Already gone.
  }
}
