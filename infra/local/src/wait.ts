import { setTimeout as delay } from 'node:timers/promises';
import { localErrors } from './errors.js';

export interface WaitOptions {
  readonly deadlineMs: number;
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Asks `probe` again and again until it answers true; false once the deadline has passed. */
export async function waitUntil(probe: () => boolean | Promise<boolean>, options: WaitOptions): Promise<boolean> {
  const deadline = performance.now() + options.deadlineMs;
  for (;;) {
    throwIfAborted(options.signal);
    if (await probe()) return true;
    if (performance.now() >= deadline) return false;
    await delay(options.everyMs ?? 50);
  }
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw localErrors.aborted();
}
