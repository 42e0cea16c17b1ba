import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type LockRecord, removeStaleLock, tryLock } from './file-lock.js';
import { homeAt } from './home.js';
import { lockHome } from './home-lock.js';
import { processIdentity } from './process-identity.js';
import { allGone } from './testing/supervisor.js';
import { temporaryFolder, writeIn } from './testing/temporary.js';

const silent = () => {};
const gone: LockRecord = { pid: 999_999_999, identity: 'gone', processes: [] };

async function homeHeldBy(record: LockRecord) {
  const home = homeAt(await temporaryFolder());
  await writeIn(home.run, 'stack.lock', JSON.stringify(record));
  return home;
}

function sleeper(): { pid: number; identity: string } {
  const { pid = 0 } = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  return { pid, identity: processIdentity(pid) ?? '' };
}

describe("a home's lock", () => {
  it('is had by one, then by the next', async () => {
    const home = homeAt(await temporaryFolder());
    const lock = await lockHome(home, silent);
    await expect(lockHome(home, silent)).rejects.toMatchObject({
      code: 'HOME_IN_USE',
      problem: `${home.path} is in use by another Tokenline, process ${process.pid}`,
    });
    await lock.release();
    await (await lockHome(home, silent)).release();
    expect(await readdir(home.run)).toEqual([]);
  });

  it('of a process that is gone is taken over', async () => {
    const home = await homeHeldBy(gone);
    const lock = await lockHome(home, silent);
    expect(JSON.parse(await readFile(home.lockFile, 'utf8'))).toMatchObject({ pid: process.pid });
    await lock.release();
  });

  it('of a pid that now belongs to somebody else is taken over', async () => {
    const home = await homeHeldBy({ ...gone, pid: process.pid, identity: 'an earlier process' });
    await (await lockHome(home, silent)).release();
  });

  it('that can not be read is taken over', async () => {
    const home = homeAt(await temporaryFolder());
    await writeIn(home.run, 'stack.lock', '{');
    await (await lockHome(home, silent)).release();
  });

  it('is taken over after the servers that outlived their supervisor and its guard were stopped', async () => {
    const server = sleeper();
    const home = await homeHeldBy({ ...gone, processes: [{ ...server, name: 'kafka', stopPhase: 2 }] });
    const lock = await lockHome(home, silent);
    expect(await allGone([server.pid], 0)).toBe(true);
    await lock.release();
  });

  it('never stops a process that merely has the pid of an old server', async () => {
    const stranger = sleeper();
    const recorded = { pid: stranger.pid, identity: 'an earlier process', name: 'kafka', stopPhase: 2 };
    const home = await homeHeldBy({ ...gone, processes: [recorded] });
    await (await lockHome(home, silent)).release();
    expect(processIdentity(stranger.pid)).toBe(stranger.identity);
    process.kill(stranger.pid, 'SIGKILL');
  });
});

describe('a lock file', () => {
  it('survives somebody who takes it for the stale one it replaced', async () => {
    const file = join(await temporaryFolder(), 'some.lock');
    const outcome = await tryLock(file);
    await removeStaleLock(file, gone);
    expect(await tryLock(file)).toMatchObject({ taken: false, alive: true, holder: { pid: process.pid } });
    if (outcome.taken) await outcome.lock.release();
  });

  it('lists what has to be gone before the home is free', async () => {
    const file = join(await temporaryFolder(), 'some.lock');
    const outcome = await tryLock(file);
    if (!outcome.taken) throw new Error('A new lock is free');
    const server = { name: 'kafka', pid: 7, identity: 'x', stopPhase: 2 };
    void outcome.lock.record([]);
    await outcome.lock.record([server]);
    expect(await tryLock(file)).toMatchObject({ taken: false, holder: { processes: [server] } });
    await outcome.lock.release();
    expect(await readdir(join(file, '..'))).toEqual([]);
  });
});
