/** Doing what a card says. Each returns once the fault has happened and is healed; it throws when it could not be made to happen. */
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Stack } from '@tokenline/local';
import type { ServiceName } from '@tokenline/runtime';
import { until } from '../wait.js';
import type { Card, Server } from './cards.js';
import type { Fleet } from './fleet.js';
import type { PlannedFault } from './plan.js';
import { armedVariable } from './points.js';
import type { Traffic } from './world/traffic.js';

export interface FaultContext {
  readonly stack: Stack;
  readonly fleet: Fleet;
  readonly traffic: Traffic;
  /** Below the system's home: for copies of state. */
  readonly home: string;
  readonly sessionTimeoutMs: number;
  /** Resolves once everything that was sent whole has come out as it should. */
  readonly settled: () => Promise<void>;
}

/** Strikes when the traffic has come as far as planned. */
export async function inflict({ card, at, n, delay: more }: PlannedFault, context: FaultContext): Promise<void> {
  await context.traffic.reached(at);
  await delay(more);
  switch (card.fault) {
    case 'kill':
      return killed(card.target, context.fleet);
    case 'point':
      return card.point === 'lifecycle.before-restore' ? atRestore(context) : atPoint(card, n, context);
    case 'restart':
      return restarted(card, context);
    case 'pause':
      return silent(card.target, context);
    case 'zombie':
      return zombie(card.target, context);
    case 'instances':
      return instances(card, context);
    case 'state':
      return card.state === 'deleted' ? stateDeleted(context) : stateOld(context);
  }
}

async function killed(service: ServiceName, fleet: Fleet): Promise<void> {
  await fleet.kill(service);
  fleet.spawn(service);
  // Not of this process alone: one that starts while a server is away may give up, and is started again.
  await fleet.ready(service);
}

/** Armed again where the process has died of something else; and for the next time at all, once much of the traffic is through. */
async function atPoint({ target, point }: Extract<Card, { fault: 'point' }>, n: number, context: FaultContext) {
  const { fleet, traffic } = context;
  let victim = fleet.main(target);
  fleet.arm(victim, point, n);
  let impatient = n === 1;
  await until(
    `${target} dies at ${point}`,
    () => {
      if (fleet.diedAtPoint(victim)) return true;
      const now = fleet.main(target);
      const tired = !impatient && traffic.done() > traffic.total * 0.5;
      if (now !== victim || tired) {
        impatient ||= tired;
        victim = now;
        fleet.arm(victim, point, impatient ? 1 : n);
      }
      return false;
    },
    60_000,
  );
}

/** This point lies in the start itself, so it is armed there. */
async function atRestore({ fleet }: FaultContext): Promise<void> {
  await fleet.kill('lifecycle');
  const victim = fleet.spawn('lifecycle', { [armedVariable]: 'lifecycle.before-restore' });
  await until('lifecycle dies while it takes its partitions', () => fleet.diedAtPoint(victim), 60_000);
}

async function restarted({ target, signal }: Extract<Card, { fault: 'restart' }>, { stack, fleet }: FaultContext) {
  await stack.stopPart(target, signal);
  await delay(500);
  await stack.startPart(target);
  // A running service has the schemas it needs; one that starts asks the registry.
  if (target === 'registry') await killed('projector', fleet);
}

async function silent(server: Server, { stack, sessionTimeoutMs }: FaultContext): Promise<void> {
  const pid = stack.pids[server];
  if (pid === undefined) throw new Error(`${server} does not run.`);
  process.kill(-pid, 'SIGSTOP');
  try {
    await delay(sessionTimeoutMs + 1_000);
  } finally {
    process.kill(-pid, 'SIGCONT');
  }
}

/**
 * The first instance stands still with whatever it has in hand; the second must bring everything sent meanwhile to its end;
 * then the first goes on where it stood.
 */
async function zombie(service: ServiceName, context: FaultContext): Promise<void> {
  const { fleet, traffic, sessionTimeoutMs, settled } = context;
  const second = await fleet.join(service, 2);
  const stopped = fleet.main(service);
  traffic.hold(75);
  fleet.pause(stopped);
  try {
    await delay(sessionTimeoutMs + 500);
    await traffic.reached(75);
    await settled();
  } finally {
    fleet.resume(stopped);
    traffic.release();
  }
  await traffic.finished;
  await fleet.leave(second, 'SIGTERM');
}

async function instances({ target, signal }: Extract<Card, { fault: 'instances' }>, context: FaultContext) {
  const { fleet, traffic } = context;
  traffic.hold(60);
  const second = await fleet.join(target, 2);
  const third = await fleet.join(target, 3);
  traffic.hold(70);
  await traffic.reached(62);
  await fleet.leave(second, signal);
  traffic.hold(80);
  await traffic.reached(72);
  await fleet.kill(target, signal);
  traffic.hold(90);
  await traffic.reached(82);
  fleet.spawn(target);
  traffic.release();
  await fleet.ready(target);
  await fleet.leave(third, signal);
}

async function stateDeleted({ fleet }: FaultContext): Promise<void> {
  const { stateDirectory } = fleet.main('lifecycle');
  await fleet.kill('lifecycle');
  rmSync(stateDirectory, { recursive: true, force: true });
  fleet.spawn('lifecycle');
  await fleet.ready('lifecycle');
}

/** Copied between two runs, when nobody writes to it. */
async function stateOld({ fleet, traffic, home }: FaultContext): Promise<void> {
  const { stateDirectory } = fleet.main('lifecycle');
  const copy = join(home, 'old-state');
  await fleet.kill('lifecycle');
  rmSync(copy, { recursive: true, force: true });
  if (existsSync(stateDirectory)) cpSync(stateDirectory, copy, { recursive: true });
  traffic.hold(80);
  fleet.spawn('lifecycle');
  await fleet.ready('lifecycle');
  await traffic.reached(80);
  await fleet.kill('lifecycle');
  rmSync(stateDirectory, { recursive: true, force: true });
  if (existsSync(copy)) cpSync(copy, stateDirectory, { recursive: true });
  traffic.release();
  fleet.spawn('lifecycle');
  await fleet.ready('lifecycle');
}
