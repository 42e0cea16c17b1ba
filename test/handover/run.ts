/**
 * The run: the notifier is killed between a channel's acceptance and the ledger's record of it, time and again; then it is let finish, and what the
 * far sides took is held against what was to be told.
 *
 *   read (far sides closed) ─▶ kill ─▶ [start ─▶ armed: one message taken ─▶ SIGKILL ─▶ the ledger must not know]* ─▶ open: finish ─▶ count
 *
 * A kill counts only where the ledger afterwards has no word of the acceptance; one that came too late is made up for.
 */
import { seededChance } from '@tokenline/domain/testing';
import type { ManagedProcess } from '@tokenline/local';
import { until } from '../wait.js';
import { type ChannelName, channels, createDesk, type Desk, type Moment, moments, type Strike } from './desk.js';
import { startFarSides } from './far-sides.js';
import { openWorld, type World } from './world.js';

export interface RunOptions {
  readonly kills: number;
  readonly seed: number;
  readonly say: (line: string) => void;
  /** Ends the killing; what was done by then is finished and counted. */
  readonly signal?: AbortSignal | undefined;
}

export interface ChannelReport {
  readonly channel: ChannelName;
  readonly notices: number;
  /** Kills in the window, by when the sender died. */
  readonly beforeAnswer: number;
  readonly afterAnswer: number;
  /** Notices no far side ever took. */
  readonly missing: readonly string[];
  /** Notices handed over more than once. */
  readonly repeated: readonly string[];
  /** Notices of which the cardholder gets more than one message: the far side does not look at the key. */
  readonly doubled: readonly string[];
}

export interface RunReport {
  readonly channels: readonly ChannelReport[];
  /** Kills that came after the record, and were made up for. */
  readonly tooLate: number;
  /** Entries that did not end as SENT. */
  readonly unsent: number;
  readonly seconds: number;
}

/** What one notifier claims at most at a time (services/notifier): a killed one's claims are nobody's until their lease runs out. */
const claimedAtOnce = 64;
const strikeWithinMs = 90_000;

/** Throws when a kill cannot be brought about, or the notifier does not finish. */
export async function run({ kills, seed, say, signal }: RunOptions): Promise<RunReport> {
  const began = performance.now();
  const desk = createDesk();
  const farSides = await startFarSides(desk);
  let world: World | undefined;
  try {
    world = await openWorld(kills + 10 * claimedAtOnce, farSides.env);
    await readAll(world);
    say(`${world.notices.size} notices stand in the ledger, none is sent.`);
    const { struck, tooLate } = await strikes(world, desk, { kills, seed, say, signal });
    await finish(world, desk);
    return {
      channels: channels.map((channel) => reportOf(channel, world as World, desk, struck)),
      tooLate,
      unsent: await world.count({ state: { $nin: ['SENT', 'DELIVERED'] } }),
      seconds: (performance.now() - began) / 1_000,
    };
  } finally {
    await world?.close();
    await farSides.stop();
  }
}

/** Has a notifier read the log while nobody takes anything. */
async function readAll(world: World): Promise<void> {
  const notifier = world.notifier();
  let read = 0;
  await until(
    'every completion has its entry',
    async () => {
      read = await world.count({ published: true });
      return read === world.notices.size;
    },
    120_000,
    () => ({ read, words: notifier.lastWords() }),
  );
  await notifier.stop({ signal: 'SIGKILL' });
}

async function strikes(
  world: World,
  desk: Desk,
  { kills, seed, say, signal }: RunOptions,
): Promise<{ readonly struck: readonly Strike[]; readonly tooLate: number }> {
  const chance = seededChance(seed);
  const struck: Strike[] = [];
  let tooLate = 0;
  while (struck.length < kills && signal?.aborted !== true) {
    const strike: Strike = {
      channel: channels[chance.below(channels.length)] as ChannelName,
      moment: moments[chance.below(moments.length)] as Moment,
    };
    const entry = await world.entry(await strikeOnce(world, desk, strike));
    const known = entry?.attempts.some(({ outcome }) => outcome === 'ACCEPTED' || outcome === 'DELIVERED') ?? false;
    if (known) tooLate += 1;
    else struck.push(strike);
    if (struck.length % 10 === 0 && !known)
      say(`${struck.length} of ${kills} kills in the window, ${tooLate} too late.`);
  }
  return { struck, tooLate };
}

/** One life of a notifier, from its start to its death in the window. Gives the notice that was taken. */
async function strikeOnce(world: World, desk: Desk, strike: Strike): Promise<string> {
  let victim: ManagedProcess | undefined;
  let noticeId: string | undefined;
  void desk
    .arm(strike, () => void (victim?.running === true && process.kill(-victim.pid, 'SIGKILL')))
    .then((struck) => {
      noticeId = struck;
    });
  victim = world.notifier();
  try {
    await until(
      `a message of ${strike.channel} is taken`,
      () => {
        if (noticeId === undefined && victim?.running !== true)
          throw new Error(`The notifier ended: ${victim?.lastWords()}`);
        return noticeId !== undefined;
      },
      strikeWithinMs,
    );
  } finally {
    desk.close();
    await victim.stop({ signal: 'SIGKILL' });
  }
  return noticeId as unknown as string;
}

async function finish(world: World, desk: Desk): Promise<void> {
  desk.open();
  const notifier = world.notifier();
  let waiting = world.notices.size;
  await until(
    'everything is sent and told',
    async () => {
      waiting = await world.count({ $or: [{ state: 'PENDING' }, { receiptsOwed: { $exists: true } }] });
      return waiting === 0;
    },
    300_000,
    () => ({ waiting, words: notifier.lastWords() }),
  );
  await notifier.stop();
}

function reportOf(channel: ChannelName, world: World, desk: Desk, struck: readonly Strike[]): ChannelReport {
  const taken = desk.taken[channel];
  const keysOf = (noticeId: string): readonly string[] => taken.get(noticeId) ?? [];
  const notices = [...world.notices].filter(([, by]) => by === channel).map(([noticeId]) => noticeId);
  const own = struck.filter((strike) => strike.channel === channel);
  return {
    channel,
    notices: notices.length,
    beforeAnswer: own.filter(({ moment }) => moment === 'before-answer').length,
    afterAnswer: own.filter(({ moment }) => moment === 'after-answer').length,
    missing: notices.filter((noticeId) => !taken.has(noticeId)),
    repeated: notices.filter((noticeId) => keysOf(noticeId).length > 1),
    doubled: notices.filter((noticeId) => messagesOf[channel](keysOf(noticeId)) > 1),
  };
}

/** How many messages the cardholder gets of what was taken under these keys. */
const messagesOf: Readonly<Record<ChannelName, (keys: readonly string[]) => number>> = {
  sms: (keys) => new Set(keys).size,
  smtp: (keys) => keys.length,
};
