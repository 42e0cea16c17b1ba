import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { constants, getPriority } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ManagedProcess } from './managed-process.js';
import { createProcessGroup, type ProcessGroup } from './process-group.js';
import { processIdentity } from './process-identity.js';
import { allGone, startSupervisor } from './testing/supervisor.js';
import { temporaryFolder } from './testing/temporary.js';
import { waitUntil } from './wait.js';

const shell = (script: string) => ({ command: '/bin/sh', args: ['-c', script] });
const sleeps = shell('sleep 600');
const soon = 10_000;

const groups: ProcessGroup[] = [];

function newGroup(): ProcessGroup {
  const group = createProcessGroup();
  groups.push(group);
  return group;
}

afterEach(async () => {
  for (const group of groups.splice(0)) await group.stopAll();
});

/** A process that says "up" once it runs, so that a test doesn't signal the shell at the gate. */
async function spawnUp(group: ProcessGroup, name: string, script: string, stopPhase = 0): Promise<ManagedProcess> {
  return await new Promise((resolve) => {
    const spawned = group.spawn({
      ...shell(`${script}`),
      name,
      stopPhase,
      onLine: (line) => {
        if (line === 'up') resolve(spawned);
      },
    });
  });
}

describe('a managed process', () => {
  it('hands over its lines and how it ended', async () => {
    const lines: string[] = [];
    const talker = newGroup().spawn({
      ...shell('echo "$GREETING"; echo bad >&2; exit 3'),
      name: 'talker',
      env: { GREETING: 'good' },
      onLine: (line, stream) => lines.push(`${stream}: ${line}`),
    });
    expect(await talker.exited).toEqual({ code: 3, signal: null });
    expect(lines.sort()).toEqual(['stderr: bad', 'stdout: good']);
    expect(talker.running).toBe(false);
  });

  it('writes to its log file, which holds its last words', async () => {
    const logFile = join(await temporaryFolder(), 'logs', 'talker.log');
    const talker = newGroup().spawn({ ...shell('echo hello; echo "fatal: no disk"'), name: 'talker', logFile });
    await talker.exited;
    expect(await readFile(logFile, 'utf8')).toMatch(/^--- \S+ talker starts\nhello\nfatal: no disk\n$/);
    expect(talker.lastWords()).toBe('fatal: no disk');
  });

  it('ends with code 127 when there is no such command', async () => {
    const missing = newGroup().spawn({ name: 'missing', command: '/nowhere/command' });
    expect(await missing.exited).toEqual({ code: 127, signal: null });
  });

  it('is stopped by SIGTERM, or by SIGKILL after its deadline', async () => {
    const group = newGroup();
    const polite = await spawnUp(group, 'polite', 'echo up; sleep 600');
    const deaf = await spawnUp(group, 'deaf', 'trap "" TERM; echo up; while :; do sleep 1; done');
    expect(await polite.stop()).toEqual({ code: null, signal: 'SIGTERM' });
    expect(polite.stopping).toBe(true);
    expect(await deaf.stop({ deadlineMs: 50 })).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('stands back as far as it is told, and where Linux shares by session its session too', async () => {
    const modest = await spawnUp(newGroup(), 'modest', 'echo up; sleep 600');
    const told = newGroup().spawn({ ...sleeps, name: 'told', niceness: 7 });
    expect(getPriority(modest.pid)).toBe(getPriority());
    expect(getPriority(told.pid)).toBe(7);
    const session = `/proc/${told.pid}/autogroup`;
    if (existsSync(session)) {
      const isSet = async () => (await readFile(session, 'utf8')).endsWith('nice 7\n');
      expect(await waitUntil(isSet, { deadlineMs: soon })).toBe(true);
    }
  });

  it('takes its own children along', async () => {
    const group = newGroup();
    let grandchild = 0;
    const parent = group.spawn({
      ...shell('sleep 600 & echo $!'),
      name: 'parent',
      onLine: (line) => {
        grandchild = Number(line);
      },
    });
    await parent.exited;
    expect(grandchild).toBeGreaterThan(0);
    expect(await allGone([grandchild], soon)).toBe(true);
  });
});

describe('a process whose output is held open', () => {
  const leavesStray = `
    const stray = require('node:child_process').spawn('sleep', ['600'], { detached: true, stdio: 'inherit' });
    console.log(stray.pid);
    stray.unref();`;

  it('by a child that left the group has ended all the same', async () => {
    let stray = 0;
    const parent = newGroup().spawn({
      command: process.execPath,
      args: ['-e', leavesStray],
      name: 'parent',
      onLine: (line) => {
        stray = Number(line);
      },
    });
    expect(await parent.exited).toEqual({ code: 0, signal: null });
    process.kill(stray, 'SIGKILL');
  });
});

describe('a process group', () => {
  it('stops phase by phase and then starts nothing more', async () => {
    const group = newGroup();
    const ended: string[] = [];
    for (const [name, phase] of [
      ['mongodb', 3],
      ['kafka', 2],
      ['service', 0],
    ] as const) {
      const member = await spawnUp(group, name, 'echo up; sleep 600', phase);
      void member.exited.then(() => ended.push(name));
    }
    const guard = group.guardPid ?? 0;
    await group.stopAll();
    expect(ended).toEqual(['service', 'kafka', 'mongodb']);
    expect(await allGone([guard], 0)).toBe(true);
    expect(() => group.spawn({ ...sleeps, name: 'late' })).toThrow('late was not started');
  });

  it('tells its observers who came and went', async () => {
    const group = newGroup();
    const seen: number[] = [];
    group.observe(() => seen.push(group.processes.length));
    await group.spawn({ ...shell('exit 0'), name: 'brief' }).exited;
    expect(seen).toEqual([1, 0]);
  });
});

/** By the mask the kernel keeps of the signals caught. SIGTERM node itself catches from its start, to end by it; SIGHUP is the guard's last. */
async function hearsSignals(pid: number): Promise<boolean> {
  const [, mask = '0'] = /^SigCgt:\t([\da-f]+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return ((BigInt(`0x${mask}`) >> BigInt(constants.signals.SIGHUP - 1)) & 1n) === 1n;
}

describe('nothing outlives the supervisor', () => {
  const twoSleepers = `
    const group = local.createProcessGroup();
    const pids = ['one', 'two'].map((name) => group.spawn({ name, command: '/bin/sh', args: ['-c', 'sleep 600'] }).pid);
    say({ pids, guard: group.guardPid });
    setInterval(() => {}, 1000);
  `;

  interface Pids {
    pids: number[];
    guard: number;
  }

  it('when it is killed', async () => {
    const supervisor = startSupervisor(twoSleepers);
    const { pids, guard } = await supervisor.nextMessage<Pids>();
    await supervisor.kill('SIGKILL');
    expect(await allGone([...pids, guard], soon)).toBe(true);
  });

  it('when it is killed after its guard was killed and replaced', async () => {
    const supervisor = startSupervisor(`${twoSleepers}
      const first = group.guardPid;
      const watch = setInterval(() => {
        if (group.guardPid === first) return;
        clearInterval(watch);
        say({ pids, guard: group.guardPid });
      }, 10);`);
    const { guard: first } = await supervisor.nextMessage<Pids>();
    process.kill(first, 'SIGKILL');
    const { pids, guard } = await supervisor.nextMessage<Pids>();
    await supervisor.kill('SIGKILL');
    expect(await allGone([...pids, guard], soon)).toBe(true);
  });

  it('when it is killed in the very moment of a spawn', async () => {
    const supervisor = startSupervisor(`
      const { writeSync } = await import('node:fs');
      const group = local.createProcessGroup();
      const { pid } = group.spawn({ name: 'sleeper', command: '/bin/sh', args: ['-c', 'sleep 600'] });
      writeSync(1, JSON.stringify({ pids: [pid] }) + '\\n');
      process.kill(process.pid, 'SIGKILL');`);
    const { pids } = await supervisor.nextMessage<Pids>();
    expect(await allGone(pids, soon)).toBe(true);
  });

  it('but everything outlives a guard that is asked to end', async () => {
    const group = newGroup();
    const sleeper = await spawnUp(group, 'sleeper', 'echo up; sleep 600');
    const guard = group.guardPid ?? 0;
    // Before that it would die of it, and be replaced.
    expect(await waitUntil(() => hearsSignals(guard), { deadlineMs: soon })).toBe(true);
    process.kill(guard, 'SIGTERM');
    expect(await waitUntil(() => !sleeper.running, { deadlineMs: 200 })).toBe(false);
    expect(group.guardPid).toBe(guard);
    expect(processIdentity(guard)).toBeDefined();
  });
});
