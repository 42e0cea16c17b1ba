/**
 * One round: fresh traffic, the planned faults in its midst, and then the question whether anything shows.
 *
 *   sending, faults striking ──▶ all sent, all healed ──▶ as expected ──▶ verify green ──▶ survived
 *           └──────────────── anything else, or no end within the time allowed ──────────▶ failed
 */
import { setTimeout as delay } from 'node:timers/promises';
import { seededChance } from '@tokenline/domain/testing';
import type { Stack } from '@tokenline/local';
import { LogUnavailable } from '@tokenline/streams';
import { type Report, verify } from '@tokenline/verification';
import { until } from '../wait.js';
import { isServer } from './cards.js';
import { inflict } from './faults.js';
import type { Fleet, OwnEnd } from './fleet.js';
import type { RoundPlan } from './plan.js';
import { missingNotices, wrongAnnouncements, wrongCounts, wrongLetters, wrongTokens } from './world/expectations.js';
import { roundTraffic } from './world/lives.js';
import { startTraffic } from './world/traffic.js';
import type { World } from './world/world.js';

export interface RoundParts {
  readonly stack: Stack;
  readonly fleet: Fleet;
  readonly world: World;
  readonly signal: AbortSignal;
}

export interface RoundResult {
  readonly messages: number;
  /** Tokens the system knows by now. */
  readonly tokens: number;
  readonly ownEnds: readonly OwnEnd[];
  readonly seconds: { readonly faults: number; readonly settling: number; readonly verify: number };
}

/** What a round found wrong. */
export class RoundFailed extends Error {
  override readonly name = 'RoundFailed';
  readonly offenders: readonly string[];
  constructor(what: string, offenders: readonly string[]) {
    super(what);
    this.offenders = offenders;
  }
}

const spreadMs = 3_000;
const settleWithinMs = 90_000;
/** Ten times what a round takes on a quiet machine. */
const roundWithinMs = 180_000;

/** Throws RoundFailed, at the latest three minutes from now, and at once when the signal aborts; what the round was waiting for is left to itself then. */
export async function runRound(plan: RoundPlan, parts: RoundParts): Promise<RoundResult> {
  const over = new AbortController();
  const ended = new Promise<never>((_resolve, reject) => {
    const end = (why: string) => () => reject(new RoundFailed(why, []));
    const timer = setTimeout(end(`The round took longer than ${roundWithinMs / 1000} s.`), roundWithinMs);
    over.signal.addEventListener('abort', () => clearTimeout(timer));
    parts.signal.addEventListener('abort', end('Interrupted.'), { signal: over.signal });
  });
  try {
    return await Promise.race([play(plan, parts), ended]);
  } finally {
    over.abort();
  }
}

async function play(plan: RoundPlan, { stack, fleet, world, signal }: RoundParts): Promise<RoundResult> {
  const began = performance.now();
  const { lists, lives, refused } = roundTraffic(plan.round, [...world.lives.values()], seededChance(plan.seed));
  for (const text of refused) world.refused.add(text);
  const { config } = world.system;
  const writer = world.log.writer();
  const over = new AbortController();
  try {
    const ending = AbortSignal.any([signal, over.signal]);
    const traffic = startTraffic(lists, { doors: fleet.doors, writer, signal: ending, spreadMs });
    const settled = () =>
      becomes('what was sent so far is as it should be', async () => {
        const whole = lives.filter((one) => one.lists.every((list) => traffic.doneOf(list) === list.length));
        const sent = whole.map(({ life }) => life);
        return [...(await wrongTokens(world, sent)), ...(await missingNotices(world, sent))];
      });
    const context = {
      stack,
      fleet,
      traffic,
      home: config.home,
      sessionTimeoutMs: config.kafka.sessionTimeoutMs ?? 10_000,
      settled,
    };
    // All must end before the round does, also when one fails.
    const ends = await Promise.allSettled(plan.faults.map((fault) => inflict(fault, context)));
    traffic.release();
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    await traffic.finished;
  } catch (error) {
    if (error instanceof RoundFailed) throw error;
    throw new RoundFailed('The round did not run its course.', [(error as Error).message]);
  } finally {
    over.abort();
    await writer.close();
  }
  const sent = performance.now();

  for (const { life } of lives) world.lives.set(life.aliases[0] as string, life);
  await fleet.ready();
  const touched = lives.map(({ life }) => life);
  await becomes('tokens, notices and dead letters are as if nothing had happened', async () => [
    ...(await wrongTokens(world, touched)),
    ...(await wrongCounts(world)),
    ...(await wrongLetters(world)),
  ]);
  await becomes('each completion is announced once', () => wrongAnnouncements(world));
  const ownEnds = fleet.ownEnds();
  if (ownEnds.length > 0 && !plan.faults.some(({ card }) => isServer(card.target)))
    throw new RoundFailed('A service ended although nobody stopped it.', ownEnds.map(described));
  const settledAt = performance.now();

  await requireGreen(world);
  return {
    messages: lists.flat().length,
    tokens: world.lives.size,
    ownEnds,
    seconds: {
      faults: (sent - began) / 1000,
      settling: (settledAt - sent) / 1000,
      verify: (performance.now() - settledAt) / 1000,
    },
  };
}

/** Once everything is at rest all invariants can be judged; while a receipt or a repeat is still on its way some cannot. */
async function requireGreen({ log, codec, found }: World): Promise<void> {
  const parts = { log, codec, collections: found, now: Date.now };
  const deadline = performance.now() + settleWithinMs;
  for (;;) {
    const late = performance.now() > deadline;
    try {
      const report = await verify(parts, { waitMs: 60_000 });
      const offenders = offendersOf(report);
      if (offenders.length === 0) return;
      if (!report.ok || late) throw new RoundFailed('verify is not green.', offenders);
    } catch (error) {
      // A log that breaks off while it is read says nothing about what is in it.
      if (!(error instanceof LogUnavailable) || late) throw error;
    }
    await delay(500);
  }
}

/** Asks until nothing is wrong any more. */
async function becomes(what: string, wrongs: () => Promise<readonly string[]>): Promise<void> {
  let wrong: readonly string[] = [];
  const probe = async (): Promise<boolean> => {
    wrong = await wrongs().catch((error: Error) => [error.message]);
    return wrong.length === 0;
  };
  await until(what, probe, settleWithinMs).catch(() => {
    throw new RoundFailed(`Not so after ${settleWithinMs / 1000} s: ${what}.`, wrong.slice(0, 8));
  });
}

function offendersOf(report: Report): string[] {
  return report.verdicts
    .filter(({ outcome }) => outcome !== 'holds')
    .flatMap(({ code, outcome, note, offenders }) => [
      `${code}: ${outcome}${note === undefined ? '' : ` (${note})`}`,
      ...offenders.map(({ where, tokenId, what }) => `  ${[where, tokenId, what].filter(Boolean).join(' ')}`),
    ]);
}

export function described({ name, code, signal, words }: OwnEnd): string {
  return `${name} ended with ${signal ?? `code ${code}`}${words === undefined ? '' : `: ${words}`}`;
}
