/**
 * Sending messages through the ingest door as a sender would: a few at a time, again after 503 (the log cannot take them) as
 * Retry-After says, never again after 4xx (the door has judged).
 */
import type { Door } from './door.js';
import { refusal } from './door.js';
import type { Message } from './messages.js';
import { type Source, sources } from './sources.js';

export interface Refused {
  /** Place in the input, from 1. */
  readonly message: number;
  readonly status: number;
  /** In the door's words; it names fields, never values. */
  readonly why: string;
}

export interface Published {
  readonly sent: number;
  readonly acknowledged: number;
  readonly refused: readonly Refused[];
}

export interface PublishOptions {
  readonly source: Source;
  /** Messages a second; as fast as the door answers when left out. */
  readonly rate?: number;
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

const mostTries = 20;

/** Sends every message once and resolves with what became of them. Throws CliError when the door is gone. */
export async function publishAll(
  door: Door,
  messages: readonly Message[],
  options: PublishOptions,
): Promise<Published> {
  const { source, rate, signal, onProgress } = options;
  const refused: Refused[] = [];
  const startedAt = performance.now();
  let next = 0;
  let acknowledged = 0;

  const work = async (): Promise<void> => {
    while (next < messages.length && signal?.aborted !== true) {
      const at = next++;
      if (rate !== undefined) await pause(startedAt + (at * 1000) / rate - performance.now());
      const answer = await sendUntilJudged(door, messages[at] as Message, source);
      if (answer.ok) acknowledged += 1;
      else refused.push({ message: at + 1, status: answer.status, why: refusal(answer) });
      onProgress?.(acknowledged + refused.length);
    }
  };
  const workers = Math.min(options.concurrency ?? 16, messages.length);
  await Promise.all(Array.from({ length: workers }, work));
  return { sent: acknowledged + refused.length, acknowledged, refused: refused.sort((a, b) => a.message - b.message) };
}

async function sendUntilJudged(door: Door, message: Message, source: Source) {
  for (let attempt = 1; ; attempt++) {
    const answer = await door.send(sources[source], {
      method: 'POST',
      body: message.text,
      contentType: message.contentType,
    });
    if (answer.status !== 503 || attempt === mostTries) return answer;
    await pause(Math.min(answer.retryAfterSeconds ?? 1, 30) * 1000);
  }
}

function pause(ms: number): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
