/**
 * The whole way: posted at the ingest door → visible at the query door, with every service and server on the same cores.
 *
 * - idle: what each process costs while nothing happens.
 * - flood: a fixed number of messages posted as fast as they are acknowledged; how long until the last is in the read models, and what each
 *   process spent on a message.
 * - steady: messages by schedule at a given rate. Acknowledgement of every message, visibility of the first and the last message of one
 *   token in so many, both counted from the time the message was due. Visible means that the query door names the token (first) or calls its
 *   provisioning complete (last); it is asked after 150 ms, then every 25 ms, later every tenth of the time waited so far.
 * - A rate is sustained when in each round no message was put off with 503, everything is visible at most 2 s after the last post was due and
 *   the p99 of visibility stays under 2 s.
 *
 * Rates are measured turn about, in rounds: one slow minute of the machine meets all of them, and medians of the rounds leave it out.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Summary } from '@tokenline/cli';
import { serviceNames } from '@tokenline/runtime';
import { type System, startSystem, type Token } from '../system.js';
import { until } from '../wait.js';
import { type Child, startChild } from './child.js';
import { now } from './clock.js';
import { measureCpu } from './cpu.js';
import type { LoadResult } from './http-load.js';
import { benchAlias, messagesPerToken } from './messages.js';
import type { Go, Post, PosterSays } from './poster.js';
import { rawKafka, type Watcher, watchOffsets } from './raw/kafka.js';
import type { Say } from './say.js';
import { pidsOf } from './servers.js';
import { mediansOf, percentile, type Spread, spreadOf } from './stats.js';

export interface Idle {
  readonly kind: 'idle';
  readonly seconds: number;
  /** Processor time in one second, by process, ms. */
  readonly cpuMs: Readonly<Record<string, number>>;
}

export interface Flood {
  readonly kind: 'flood';
  readonly messages: number;
  /** From the first post to the last message in the read models. */
  readonly seconds: number;
  readonly perSecond: number;
  readonly acknowledgedPerSecond: number;
  /** Processor time for one message, by process, ms. */
  readonly cpuMs: Readonly<Record<string, number>>;
}

/** One round at one rate. */
export interface SteadyRound {
  /** Messages a second asked for. */
  readonly rate: number;
  readonly messages: number;
  readonly sustained: boolean;
  /** Answered 503 and sent again. */
  readonly repeated: number;
  readonly ackP50: number;
  readonly ackP99: number;
  readonly visibleP50: number;
  readonly visibleP99: number;
  readonly visibleMax: number;
  readonly samples: number;
  readonly cpuMs: Readonly<Record<string, number>>;
}

/** All rounds at one rate: of times the spread, of CPU the medians, of the rest the sums. */
export interface Steady {
  readonly kind: 'steady';
  readonly rate: number;
  readonly rounds: number;
  readonly messages: number;
  readonly sustained: boolean;
  readonly repeated: number;
  readonly ackP50: Spread;
  readonly ackP99: Spread;
  readonly visibleP50: Spread;
  readonly visibleP99: Spread;
  readonly visibleMax: Spread;
  readonly samples: number;
  readonly cpuMs: Readonly<Record<string, number>>;
}

export interface WayOptions {
  /** Messages of the flood. */
  readonly count: number;
  /** Of each rate. */
  readonly rounds: number;
  /** Seconds of a round. */
  readonly seconds: number;
  readonly rates: readonly number[];
  /** Look for the highest rate that is sustained. */
  readonly highest: boolean;
}

export type WayRow = Idle | Flood | Steady;

export async function measureWay(options: WayOptions, say: Say): Promise<readonly WayRow[]> {
  const way = await openWay();
  try {
    await warmUp(way, options, say);
    const rows: WayRow[] = [];
    const keep = <R extends WayRow>(row: R): R => {
      say(lineOf(row));
      rows.push(row);
      return row;
    };
    keep(await way.idle(Math.min(10, options.seconds)));
    const flood = keep(await way.flood(options.count));
    const measured = new Map(options.rates.map((rate) => [rate, [] as SteadyRound[]]));
    for (let round = 1; round <= options.rounds; round++) {
      for (const [rate, rounds] of measured) {
        // Far above what gets through at once there is nothing to wait a minute for.
        const hopeless = rate > 1.2 * flood.perSecond;
        const one = await way.steady(rate, hopeless ? Math.min(15, options.seconds) : options.seconds);
        say(`way: round ${round}/${options.rounds}, ${words(steadyOf([one]))}`);
        rounds.push(one);
      }
    }
    for (const rounds of measured.values()) keep(steadyOf(rounds));
    if (options.highest) await highest(way, flood.perSecond, options.seconds, keep);
    return rows;
  } finally {
    await way.close();
  }
}

const mostWarmUps = 5;

/**
 * Floods until one is hardly faster than the best before it, then each rate for its whole time: the compilers of broker and services take their time, and
 * before they are done a message costs up to three times as much; at 500 a second they took 4 % of the machine in the second half minute.
 */
async function warmUp(way: Way, { count, seconds, rates }: WayOptions, say: Say): Promise<void> {
  let best = 0;
  for (let i = 1; i <= mostWarmUps; i++) {
    const { perSecond } = await way.flood(count);
    say(`way: warming up, ${perSecond.toFixed(0)}/s`);
    if (perSecond < best * 1.05) break;
    best = Math.max(best, perSecond);
  }
  for (const rate of rates.filter((rate) => rate < best)) await way.steady(rate, seconds);
}

export interface Way {
  readonly system: System;
  readonly watcher: Watcher;
  readonly flood: (messages: number) => Promise<Flood>;
  readonly idle: (seconds: number) => Promise<Idle>;
  readonly steady: (rate: number, seconds: number) => Promise<SteadyRound>;
  /** Messages on their way: behind each reader, records. */
  readonly behind: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** A whole system, and a process that posts to it. */
export async function openWay(): Promise<Way> {
  const system = await startSystem({ env: { TOKENLINE_LOG_LEVEL: 'warn' } });
  const watcher = await watchOffsets(rawKafka(system.config.kafka, 'bench-way'));
  const poster = startChild<Post | Go, PosterSays>('poster', {});
  const { prefix } = system.config;
  /** Events the group has still to read. Behind the last record of a partition stands the end of its transaction, which nobody commits. */
  const eventsLeft = async (group: string): Promise<number> => {
    const topic = `${prefix}token.lifecycle`;
    const partitions = (await watcher.ends(topic)).size;
    const left = await watcher.lag(`${prefix}${group}`, topic);
    return left > partitions ? left : 0;
  };
  const behind = async (): Promise<number> => {
    const inbound = await watcher.lag(`${prefix}ingest.normalizer`, `${prefix}tsp.inbound`);
    if (inbound > 0) return inbound;
    const facts = await watcher.lag(`${prefix}lifecycle`, `${prefix}token.facts`);
    return facts > 0 ? facts : eventsLeft('projector.read-models');
  };
  const drained = async (): Promise<void> => {
    while ((await behind()) > 0) await delay(50);
  };
  /** Until nothing is on its way, notices included: what one measurement leaves behind must not count in the next. */
  const settled = async (): Promise<void> => {
    await drained();
    const told = async (): Promise<boolean> => {
      if ((await eventsLeft('notifier')) > 0) return false;
      const { notices } = await system.ask<Summary>('/v1/summary');
      return (notices.byState.PENDING ?? 0) === 0;
    };
    await until('every notice is told', told, longestRestMs);
  };
  let nextToken = 4_000;

  const post = async (messages: number, more: { readonly rate?: number; readonly sampleEvery?: number }) => {
    const tokens = Math.ceil(messages / messagesPerToken / 4) * 4;
    const firstToken = nextToken;
    nextToken += tokens;
    await settled();
    poster.send({ post: { port: system.config.ports.ingest, connections: 64, firstToken, tokens, ...more } });
    await poster.next();
    const pids = pidsOf(system, serviceNames);
    const cpu = measureCpu({ ...pids, poster: poster.pid, bench: process.pid });
    poster.send({ go: true });
    return { cpu, started: now() };
  };

  const idle = async (seconds: number): Promise<Idle> => {
    await settled();
    const cpu = measureCpu(pidsOf(system, serviceNames));
    const started = now();
    await delay(seconds * 1_000);
    return { kind: 'idle', seconds, cpuMs: each(cpu(), (now() - started) / 1_000) };
  };

  const flood = async (messages: number): Promise<Flood> => {
    const { cpu, started } = await post(messages, {});
    const posted = await untilPosted(poster, () => undefined);
    if (posted.repeated > 0) throw new Error(`${posted.repeated} of ${posted.count} messages were put off.`);
    await drained();
    const seconds = (now() - started) / 1_000;
    return {
      kind: 'flood',
      messages: posted.count,
      seconds,
      perSecond: posted.count / seconds,
      acknowledgedPerSecond: posted.count / posted.seconds,
      cpuMs: each(cpu(), posted.count),
    };
  };

  const steady = async (rate: number, seconds: number): Promise<SteadyRound> => {
    // Some two tokens a second, two messages of each: enough for a p99 of a minute; more of them, and the questions cost what is measured.
    const sampleEvery = Math.max(1, Math.round(rate / messagesPerToken / 2));
    const seen: Promise<number>[] = [];
    const { cpu, started } = await post(rate * seconds, { rate, sampleEvery });
    const posted = await untilPosted(poster, (sent) => seen.push(visibleAfter(system, sent)));
    const lastDue = started + (posted.count / rate) * 1_000;
    await drained();
    const drainedAfter = now() - lastDue;
    const used = cpu();
    const visible = (await Promise.all(seen)).sort((a, b) => a - b);
    return {
      rate,
      messages: posted.count,
      sustained: posted.repeated === 0 && drainedAfter < 2_000 && percentile(visible, 99) < 2_000,
      repeated: posted.repeated,
      ackP50: posted.p50,
      ackP99: posted.p99,
      visibleP50: percentile(visible, 50),
      visibleP99: percentile(visible, 99),
      visibleMax: visible.at(-1) as number,
      samples: visible.length,
      cpuMs: each(used, posted.count),
    };
  };

  return {
    system,
    watcher,
    idle,
    flood,
    steady,
    behind,
    close: async () => {
      await poster.stop();
      await watcher.close();
      await system.stop();
    },
  };
}

function steadyOf(rounds: readonly SteadyRound[]): Steady {
  const sum = (pick: (round: SteadyRound) => number): number => rounds.reduce((total, round) => total + pick(round), 0);
  const spread = (pick: (round: SteadyRound) => number): Spread => spreadOf(rounds.map(pick));
  return {
    kind: 'steady',
    rate: (rounds[0] as SteadyRound).rate,
    rounds: rounds.length,
    messages: sum(({ messages }) => messages),
    sustained: rounds.every(({ sustained }) => sustained),
    repeated: sum(({ repeated }) => repeated),
    ackP50: spread(({ ackP50 }) => ackP50),
    ackP99: spread(({ ackP99 }) => ackP99),
    visibleP50: spread(({ visibleP50 }) => visibleP50),
    visibleP99: spread(({ visibleP99 }) => visibleP99),
    visibleMax: spread(({ visibleMax }) => visibleMax),
    samples: sum(({ samples }) => samples),
    cpuMs: mediansOf(rounds.map(({ cpuMs }) => cpuMs)),
  };
}

const longestWait = 60_000;
/** Before that hardly anything is visible, and what is counts as if it had taken so long. */
const firstLookMs = 150;
/** Between two measurements. */
const longestRestMs = 120_000;

type Sent = Extract<PosterSays, { sent: unknown }>['sent'];

async function untilPosted(poster: Child<Post | Go, PosterSays>, onSent: (sent: Sent) => void): Promise<LoadResult> {
  for (;;) {
    const says = await poster.next();
    if ('sent' in says) onSent(says.sent);
    if (!('posted' in says)) continue;
    if (says.posted.refused > 0)
      throw new Error(`${says.posted.refused} of ${says.posted.count} messages were refused.`);
    return says.posted;
  }
}

/** Milliseconds from when a message was due until the query door shows what it led to; after a minute nobody asks any more, and that minute is what it took. */
async function visibleAfter(system: System, { token, last, due }: Sent): Promise<number> {
  const path = `/v1/tokens?alias=${encodeURIComponent(benchAlias(token))}`;
  await delay(due + firstLookMs - now());
  for (;;) {
    // A door that does not answer shows nothing.
    const page = await system.ask<{ items: readonly Token[] }>(path).catch(() => undefined);
    const found = page?.items[0];
    if (found !== undefined && (!last || found.provisioning.outcome === 'COMPLETED')) return now() - due;
    const waited = now() - due;
    if (waited > longestWait) return longestWait;
    // Asking costs more than a message does: a question every 10 ms, and of each token, took a fifth of the machine.
    await delay(Math.max(25, waited / 10));
  }
}

/** Goes up from what must work by a fifth at a time until a rate is not sustained, beginning at seven tenths of the flood's. */
async function highest(
  way: Way,
  floodRate: number,
  seconds: number,
  keep: <R extends Steady>(row: R) => R,
): Promise<void> {
  let rate = Math.round((floodRate * 0.7) / 10) * 10;
  let good = 0;
  for (let tries = 0; tries < 6; tries++) {
    const row = keep(steadyOf([await way.steady(rate, seconds)]));
    if (row.sustained) good = rate;
    else if (good > 0) return;
    rate = Math.max(10, Math.round((rate * (row.sustained ? 1.2 : 0.8)) / 10) * 10);
    // Going down, the first that holds is the answer; going up, the last.
    if (good > 0 && rate <= good) return;
  }
}

function each(used: Readonly<Record<string, number>>, count: number): Record<string, number> {
  return Object.fromEntries(Object.entries(used).map(([name, ms]) => [name, ms / count]));
}

function lineOf(row: WayRow): string {
  const cpu = Object.entries(row.cpuMs)
    .map(([name, ms]) => `${name} ${ms.toFixed(2)}`)
    .join(' ');
  return `way: ${words(row)}; ms of CPU a ${row.kind === 'idle' ? 'second' : 'message'}: ${cpu}`;
}

function words(row: WayRow): string {
  switch (row.kind) {
    case 'idle':
      return `idle for ${row.seconds} s`;
    case 'flood':
      return `flood of ${row.messages}: ${row.perSecond.toFixed(0)}/s to the read models, ${row.acknowledgedPerSecond.toFixed(0)}/s acknowledged`;
    case 'steady': {
      const of = ({ median }: Spread, digits = 0): string => median.toFixed(digits);
      const acknowledged = `acknowledged p50 ${of(row.ackP50, 1)} p99 ${of(row.ackP99, 1)} ms`;
      const visible = `visible p50 ${of(row.visibleP50)} p99 ${of(row.visibleP99)} max ${of(row.visibleMax)} ms (${row.samples} samples)`;
      return `${row.rate}/s${row.sustained ? '' : ' NOT sustained'}: ${acknowledged}, ${visible}`;
    }
  }
}
