/** Waiting for a condition instead of sleeping for luck. */
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks `probe` until it gives something other than undefined or false, and returns that: often at first, then twice a second.
 * Throws after `deadlineMs`, saying what was awaited and what was last seen.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = 30_000,
  seen: () => unknown = () => undefined,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (let pause = 25; ; pause = Math.min(pause * 1.3, 500)) {
    const result = await probe();
    if (result !== undefined && result !== false) return result;
    if (performance.now() > deadline) {
      const last = seen();
      throw new Error(
        `Waited ${deadlineMs} ms in vain until ${what}.${last === undefined ? '' : ` Last seen: ${JSON.stringify(last)}`}`,
      );
    }
    await delay(pause);
  }
}
