/** Playing the sample day through the real door. The day's anchor is remembered, so that a second start the same day sends the same messages. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openDoor } from '../door.js';
import { CliError } from '../errors.js';
import { publishAll } from '../publisher.js';
import { type ExpectedPicture, sampleDay } from '../sample/index.js';
import { createTicker } from '../ticker.js';
import type { ShowContext } from './show.js';
import { fetchSummary, undecided } from './summary.js';

interface Played {
  readonly messages: number;
  readonly acknowledged: number;
  readonly refused: number;
  /** The day was played before: everything sent was a repeat. */
  readonly again: boolean;
  readonly expected: ExpectedPicture;
}

interface PlayOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  /** Zone of EHI's local stamps. */
  readonly zone: string;
  /** Epoch ms UTC. */
  readonly now: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
}

/** Few at a time: a sender's pace, and repeats and late messages still come in about the order the day has them. */
const concurrency = 4;
const settledWithinMs = 60_000;

/** Loads the cardholders and sends the day. Throws CliError when other messages were refused than the day means to be. */
async function playSampleDay({ env, home, zone, now, signal, onProgress }: PlayOptions): Promise<Played> {
  const { anchor, again } = anchorOf(home, now);
  const day = sampleDay(anchor, zone);
  const door = openDoor('ingest', env);
  await door.json('/v1/cardholders', { method: 'PUT', body: JSON.stringify(day.cardholders) });
  const { sent, acknowledged, refused } = await publishAll(door, day.messages, {
    source: 'thredd-ehi',
    concurrency,
    signal,
    onProgress,
  });
  if (!signal.aborted && refused.length !== day.expected.deadLetters) {
    const first = refused[0];
    const why = first === undefined ? 'none was refused' : `message ${first.message}: ${first.why}`;
    throw new CliError(`The sample day did not go through as it should: ${why}.`);
  }
  return { messages: sent, acknowledged, refused: refused.length, again, expected: day.expected };
}

/** When the day was first played; now, when it has not been. */
function anchorOf(home: string, now: number): { anchor: number; again: boolean } {
  const file = join(home, 'sample-day.json');
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  try {
    const { anchor } = JSON.parse(readFileSync(file, 'utf8')) as { anchor: number };
    if (day(anchor) === day(now)) return { anchor, again: true };
  } catch {
    // Not played in this home yet.
  }
  writeFileSync(file, `${JSON.stringify({ anchor: now })}\n`);
  return { anchor: now, again: false };
}

/** Plays the day and says how it goes; resolves once what was sent has come through. */
export async function playAndSettle({ config, env, screen, signal }: ShowContext): Promise<void> {
  screen.say('Playing the sample day through the ingest door …');
  const ticker = createTicker(screen.say, (done) => `Still playing, ${done} messages sent`);
  const played = await playSampleDay({
    env,
    home: config.home,
    zone: config.ehiTimeZone,
    now: Date.now(),
    signal,
    onProgress: ticker.tick,
  }).finally(ticker.stop);
  const again = played.again ? ' All of them were repeats: the day had been played before, so nothing changes.' : '';
  screen.say(
    `${played.acknowledged} of ${played.messages} messages acknowledged, ${played.refused} refused on purpose.${again}`,
  );
  await untilSettled(played.expected.tokens.length, { config, env, screen, signal });
}

/** Waits until what was sent has come through: enough tokens, no notice pending, and the same picture twice. */
async function untilSettled(tokens: number, { env, screen, signal }: ShowContext): Promise<void> {
  const query = openDoor('query', env);
  const ticker = createTicker(screen.say, () => 'Still working through the sample day');
  const deadline = performance.now() + settledWithinMs;
  let before = '';
  try {
    while (!signal.aborted && performance.now() < deadline) {
      const summary = await fetchSummary(query);
      const now = JSON.stringify(summary);
      if (summary !== undefined && summary.tokens.total >= tokens && undecided(summary) === 0 && now === before) return;
      before = now;
      await delay(500, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    ticker.stop();
  }
}
