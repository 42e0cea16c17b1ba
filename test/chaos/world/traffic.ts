/**
 * Sends a round's lists side by side, each message until it is acknowledged, as senders do. Paced, so that there is a midst for faults to strike in,
 * and held back where a fault wants some messages to come after it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { LogWriter } from '@tokenline/streams';
import { until } from '../../wait.js';
import type { Outgoing } from './lives.js';

export interface Traffic {
  readonly total: number;
  /** Messages acknowledged, or refused as they should be. */
  readonly done: () => number;
  /** Resolves once that share (percent) is acknowledged; throws when sending has failed. */
  readonly reached: (percent: number) => Promise<void>;
  /** Nothing beyond that share is sent until released, or held elsewhere. */
  readonly hold: (percent: number) => void;
  readonly release: () => void;
  /** Messages of that list which are through. */
  readonly doneOf: (list: readonly Outgoing[]) => number;
  /** Resolves when everything is acknowledged. */
  readonly finished: Promise<void>;
}

export interface TrafficParts {
  /** Addresses of the ingest doors that may answer now. */
  readonly doors: () => readonly string[];
  readonly writer: Pick<LogWriter, 'write'>;
  readonly signal: AbortSignal;
  /** Milliseconds the sending is spread over when nothing goes wrong. */
  readonly spreadMs: number;
}

const strands = 8;
const answerWithinMs = 3_000;

export function startTraffic(lists: readonly (readonly Outgoing[])[], parts: TrafficParts): Traffic {
  const total = lists.reduce((sum, list) => sum + list.length, 0);
  const through = new Map<readonly Outgoing[], number>();
  const pause = (parts.spreadMs * strands) / total;
  let limit = total;
  let begun = 0;
  let done = 0;
  let next = 0;
  let failure: Error | undefined;

  const strand = async (): Promise<void> => {
    while (next < lists.length) {
      const list = lists[next++] as readonly Outgoing[];
      for (const message of list) {
        await until('traffic may go on', () => failure !== undefined || parts.signal.aborted || begun < limit, 300_000);
        parts.signal.throwIfAborted();
        if (failure !== undefined) return;
        begun += 1;
        await send(message, parts);
        done += 1;
        through.set(list, (through.get(list) ?? 0) + 1);
        await delay(pause);
      }
    }
  };
  const finished = Promise.all(Array.from({ length: strands }, strand)).then(
    () => undefined,
    (error: Error) => {
      failure = error;
      throw error;
    },
  );
  finished.catch(() => undefined);
  const messagesAt = (percent: number): number => Math.ceil((total * percent) / 100);
  return {
    total,
    done: () => done,
    reached: async (percent) => {
      await until(
        `${percent} % of the messages are acknowledged`,
        () => {
          if (failure !== undefined) throw failure;
          return done >= messagesAt(percent);
        },
        100_000,
        () => ({ done, total }),
      );
    },
    hold: (percent) => {
      limit = messagesAt(percent);
    },
    release: () => {
      limit = total;
    },
    doneOf: (list) => through.get(list) ?? 0,
    finished,
  };
}

async function send(message: Outgoing, parts: TrafficParts): Promise<void> {
  if (message.to === 'log') return write(message, parts);
  const path = message.to === 'ehi' ? '/v1/inbound/thredd/ehi' : '/v1/facts';
  for (let attempt = 0; ; attempt++) {
    parts.signal.throwIfAborted();
    const doors = parts.doors();
    const status = await post(`${doors[attempt % doors.length]}${path}`, message.text, message.contentType);
    const accepted = status === 200 || status === 202;
    const refused = status !== undefined && status >= 400 && status < 500;
    if (message.refused ? refused : accepted) return;
    if (accepted || refused) throw new Error(`A message was answered ${status}, which it should not be.`);
    await delay(100);
  }
}

async function post(url: string, body: string, contentType: string): Promise<number | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': contentType },
      signal: AbortSignal.timeout(answerWithinMs),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return undefined;
  }
}

/** An adapter that publishes itself, and rubbish at that. */
async function write({ topic, text }: Extract<Outgoing, { to: 'log' }>, { writer, signal }: TrafficParts) {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await writer.write([{ topic, key: text, value: Buffer.from(text) }]);
    } catch {
      await delay(200);
    }
  }
}
