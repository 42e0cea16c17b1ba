/**
 * Rebuilding a projection: the projector service feeds the new generation beside the live one, this drives it to the swap.
 *
 *   begun ── projector feeds it ──▶ nearly there ── compared with the log ──▶ right ── live one held, all of it caught up ──▶ swapped
 *     │          │                      │             └── wrong ──▶ removed, the live one stays
 *     └──────────┴──────────────────────┴── this process gone, or out of patience ──▶ stays under construction; the next one goes on with it
 *
 * Killed at any point, nothing is lost or doubled: what is under construction stands in the registry and is fed by the projector whether or not
 * anybody drives it, a hold lapses, and the swap is one write.
 */
import { hostname } from 'node:os';
import { type Begun, type Build, type ProjectionName, projections } from '@tokenline/store';
import type { Report } from '@tokenline/verification';
import { CliError } from '../errors.js';
import type { Servers } from '../servers.js';
import { createTicker } from '../ticker.js';
import { compareWithLog } from './compare.js';
import { hasHandled, missingOf, progressOf } from './lag.js';

export interface RebuildOptions {
  readonly from: 'nothing' | 'previous';
  /** Longest to wait without any progress, in milliseconds. */
  readonly patienceMs: number;
  readonly say: (line: string) => void;
}

export type Rebuilt =
  | { readonly ok: true; readonly generation: number; readonly resumed: boolean; readonly report: Report }
  | { readonly ok: false; readonly generation: number; readonly report: Report };

const renewEveryMs = 2_000;
/** Records that may be missing when the comparison begins: it waits for them itself. */
const nearly = 2_000;
const swapAttempts = 5;
/** Below the 30 s a hold lasts. */
const catchUpMs = 20_000;

/** Builds a generation, compares it with the log, and makes it live. Throws CliError when that cannot be begun or cannot go on. */
export async function rebuild(servers: Servers, name: ProjectionName, options: RebuildOptions): Promise<Rebuilt> {
  const { registry } = servers;
  const begun = await registry.begin(name, `process ${process.pid} on ${hostname()}`, options.from);
  if (!begun.ok) throw new CliError(refusal(name, begun));
  const { build, resumed } = begun;
  const driver = build.driver.id;
  options.say(
    resumed
      ? `Going on with generation ${build.number} of ${name}, under construction since ${build.since.toISOString()}.`
      : `Generation ${build.number} of ${name} is under construction; the live one serves meanwhile.`,
  );
  let lost = false;
  const lease = setInterval(() => {
    registry.renew(name, driver).then(
      (kept) => {
        lost ||= !kept;
      },
      () => undefined,
    );
  }, renewEveryMs);
  const stillOurs = (): void => {
    if (lost) throw new CliError(`Another process has taken over the rebuild of ${name}.`);
  };
  try {
    await untilNearlyThere(servers, name, build, options, stillOurs);
    options.say('Nearly there; comparing it with the log …');
    const report = await compareWithLog(servers, name, build, { waitMs: options.patienceMs, onProgress: options.say });
    stillOurs();
    const broken = report.verdicts.filter(({ outcome }) => outcome === 'broken');
    if (broken.every(({ code }) => code === 'CAUGHT_UP') && broken.length > 0) throw new CliError(tooSlow(name, build));
    if (!report.ok) {
      await registry.abandon(name, driver);
      return { ok: false, generation: build.number, report };
    }
    await swap(servers, name, build, options.say, stillOurs);
    return { ok: true, generation: build.number, resumed, report };
  } finally {
    clearInterval(lease);
    await registry.leave(name, driver);
  }
}

function refusal(name: ProjectionName, begun: Extract<Begun, { ok: false }>): string {
  return begun.reason === 'no-previous'
    ? `There is no previous generation of ${name} to bring back.`
    : `A rebuild of ${name} is under way (${begun.who}). If that process was killed, it can be taken over in some seconds.`;
}

async function untilNearlyThere(
  { log }: Servers,
  name: ProjectionName,
  build: Build,
  { patienceMs, say }: RebuildOptions,
  stillOurs: () => void,
): Promise<void> {
  const { topic } = projections[name];
  let total = 0;
  const ticker = createTicker(say, (done) => `${done} of ${total} places of ${topic} passed`);
  try {
    let moved = { done: -1, at: performance.now(), looked: false };
    for (;;) {
      stillOurs();
      const progress = await progressOf(log, name, build);
      total = progress.total;
      ticker.tick(progress.done);
      const idle = performance.now() - moved.at;
      if (progress.done !== moved.done) moved = { done: progress.done, at: performance.now(), looked: false };
      // Close to the end, or standing still, a look into the log tells what is left: its last places may hold no records.
      if (total - progress.done <= nearly || (idle > 1_500 && !moved.looked)) {
        moved.looked = true;
        if ((await missingOf(log, topic, build.group)).records <= nearly && idle < patienceMs) return;
      }
      if (idle > patienceMs) {
        throw new CliError(
          `Nothing has moved for ${Math.round(patienceMs / 1_000)} s: is the projector running? The build stands; start the projector and give the command again to go on.`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
  } finally {
    ticker.stop();
  }
}

async function swap(
  { log, registry }: Servers,
  name: ProjectionName,
  build: Build,
  say: (line: string) => void,
  stillOurs: () => void,
): Promise<void> {
  const { topic } = projections[name];
  for (let attempt = 1; attempt <= swapAttempts; attempt++) {
    // Once without holding anything still, so that the hold is short.
    await hasHandled(log, topic, build.group, await missingOf(log, topic, build.group), catchUpMs);
    stillOurs();
    const hold = await registry.hold(name, build.driver.id);
    if (hold === undefined) throw new CliError(`Another process has taken over the rebuild of ${name}.`);
    // What the live generation shows was fetched before the hold; so it lies below the end of the log as it is now.
    const missing = await missingOf(log, topic, build.group);
    if (
      (await hasHandled(log, topic, build.group, missing, catchUpMs)) &&
      (await registry.swap(await registry.read(name), hold))
    )
      return;
    await registry.release(name, hold);
    say('The new generation did not catch up while the live one was held; trying again …');
  }
  throw new CliError(tooSlow(name, build));
}

function tooSlow(name: ProjectionName, { number }: Build): string {
  return `Generation ${number} of ${name} does not catch up with the log: is the projector running? The build stands; give the command again to go on.`;
}
