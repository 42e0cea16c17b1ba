/**
 * Feeding generations: a reader of its own for each generation that is live or under construction, as the registry (libs/store projections.ts) says.
 *
 *   not there ── registry names it ──▶ reading ── held ──▶ waiting ── released ──▶ reading
 *                                        └──────── registry names it no more ────────┴──▶ stopped
 *
 * - The registry is read before each batch, after the batch was fetched: that order is what the swap rests on.
 * - A generation that is named no more commits nothing from then on, so that it can be brought back where it stood.
 * - A generation goes live without anything changing here: its reader goes on as before.
 * - Instances share the partitions of a generation as they do those of any consumer group.
 */
import type { Logger } from '@tokenline/runtime';
import { type ProjectionName, projectionNames, projections, type Registry, standingOf } from '@tokenline/store';
import type { Log, LogReader, ReaderOptions } from '@tokenline/streams';
import type { Meters } from './meters.js';

type OnRecords = ReaderOptions['onRecords'];

export interface FeedingParts {
  readonly registry: Pick<Registry, 'read' | 'release'>;
  readonly stream: Pick<Log, 'read'>;
  /** What writes records into a generation. */
  readonly project: (name: ProjectionName, generation: number, meters: Meters) => OnRecords;
  readonly meters: Meters;
  readonly log: Logger;
}

export interface Feeding {
  /** Undefined while every live generation is fed, else what is wrong. */
  readonly problem: () => string | undefined;
  readonly stop: () => Promise<void>;
}

interface Fed {
  readonly name: ProjectionName;
  readonly number: number;
  readonly reader: LogReader;
  readonly unfollow: () => void;
}

const lookEveryMs = 1_000;
const askEveryMs = 50;
/** Several portions of what is written at once (project.ts). */
const maxRecords = 4_000;

/** Starts a reader for each generation the registry names now, and keeps to the registry from then on. Throws when it cannot be read at first. */
export async function startFeeding(parts: FeedingParts): Promise<Feeding> {
  const { registry, stream, meters, log } = parts;
  const fed = new Map<string, Fed>();
  let trouble: string | undefined;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let underWay = Promise.resolve();

  const look = async (): Promise<void> => {
    for (const name of projectionNames) {
      const { live, building } = await registry.read(name);
      const wanted = building === undefined ? [live] : [live, building];
      for (const one of [...fed.values()]) {
        if (one.name !== name || wanted.some(({ number }) => number === one.number)) continue;
        await end(one);
        log.info({ projection: name, generation: one.number }, 'A generation is fed no more');
      }
      for (const { number, group } of wanted) {
        if (fed.has(keyOf(name, number))) continue;
        const topics = [projections[name].topic];
        const reader = await stream.read({ group, topics, onRecords: onRecords(name, number), maxRecords });
        fed.set(keyOf(name, number), { name, number, reader, unfollow: meters.follow(reader, name, number) });
        log.info({ projection: name, generation: number, group }, 'A generation is being fed');
      }
    }
  };

  /** Waits until the generation may be written to. Throws when it is done with: then nothing is committed. */
  const admitted = async (name: ProjectionName, number: number, signal: AbortSignal): Promise<'live' | 'building'> => {
    for (;;) {
      const standing = standingOf(await registry.read(name), number);
      if (standing.as === 'building' || (standing.as === 'live' && standing.held === undefined)) return standing.as;
      if (signal.aborted) throw new Error(`Generation ${number} of ${name} is fed no more.`);
      if (standing.as === 'live' && standing.held !== undefined) await registry.release(name, standing.held, 'lapsed');
      await pause(askEveryMs, signal);
    }
  };

  const onRecords = (name: ProjectionName, number: number): OnRecords => {
    let as: 'live' | 'building' = 'live';
    const counted: Meters = {
      ...meters,
      count: (type, result, count) => as === 'live' && meters.count(type, result, count),
    };
    const project = parts.project(name, number, counted);
    return async (records, signal) => {
      as = await admitted(name, number, signal);
      await project(records, signal);
    };
  };

  const end = async (one: Fed): Promise<void> => {
    fed.delete(keyOf(one.name, one.number));
    one.unfollow();
    await one.reader.stop();
  };

  const looking = async (): Promise<void> => {
    try {
      await look();
      trouble = undefined;
    } catch (error) {
      if (trouble === undefined) log.warn({ err: error }, 'The registry of projections cannot be followed');
      trouble = `The registry of projections cannot be followed: ${(error as Error).message}`;
    }
    if (!stopped) again();
  };
  const again = (): void => {
    timer = setTimeout(() => {
      underWay = looking();
    }, lookEveryMs);
  };

  await look();
  again();
  return {
    problem: () => trouble ?? [...fed.values()].map(({ reader }) => reader.problem()).find((p) => p !== undefined),
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await underWay;
      await Promise.all([...fed.values()].map(end));
    },
  };
}

function keyOf(name: ProjectionName, number: number): string {
  return `${name}/${number}`;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
