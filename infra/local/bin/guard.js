#!/usr/bin/env node
/*
 * The guard: a process that outlives its supervisor just long enough to leave nothing of it behind.
 *
 *   watching ──stdin closes──▶ clearing up ──▶ gone
 *
 * watching     The supervisor writes one line per change to stdin: `+ <pid> <phase>;` once a process group exists,
 *              `- <pid>;` once it has ended. Lines that aren't whole are ignored: the supervisor died writing them.
 * clearing up  stdin closes when the supervisor ends, however it ends, SIGKILL included. Phase by phase, lowest first:
 *              SIGTERM to every group still there, at most `graceMs` of waiting, then SIGKILL. Nothing left: exit.
 *
 * The guard has a process group of its own and ignores the signals a terminal sends, so that whatever ends the
 * supervisor doesn't end the guard. It is plain JavaScript because it is run as it stands, from sources and from dist.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const graceMs = Number(process.argv[2] ?? 5_000);

/** @type {Map<number, number>} pid → phase */
const watched = new Map();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [, change, pid, phase] = /^([+-]) (\d+)(?: (\d+))?;$/.exec(line) ?? [];
    if (change === '+') watched.set(Number(pid), Number(phase));
    if (change === '-') watched.delete(Number(pid));
  })
  .on('close', async () => {
    const phases = [...new Set(watched.values())].sort((a, b) => a - b);
    for (const phase of phases) await clearUp([...watched].filter(([, of]) => of === phase).map(([pid]) => pid));
    process.exit(0);
  });

async function clearUp(pids) {
  for (const pid of pids) signalGroup(pid, 'SIGTERM');
  const deadline = performance.now() + graceMs;
  while (pids.some(isRunning) && performance.now() < deadline) await delay(25);
  for (const pid of pids) signalGroup(pid, 'SIGKILL');
}

function signalGroup(pid, signal) {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** A zombie nobody reaps still answers to signal 0; it has stopped running all the same. */
function isRunning(pid) {
  if (!signalGroup(pid, 0)) return false;
  if (process.platform !== 'linux') return true;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    // The leader is gone but its group still answers: a grandchild is left.
    return true;
  }
}
