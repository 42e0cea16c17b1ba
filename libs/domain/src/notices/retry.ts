/** When to try again: exponential back-off with jitter, bounded by the time left. Deterministic: the jitter is a hash of notice and attempt. */
import type { NoticePolicy } from './policy.js';

/**
 * Milliseconds to wait before the next attempt.
 * `failures` counts from 1. `timeLeft` is the time to the deadline, negative once it has passed. `asked` is what the channel asked for.
 * While time is left, the pause never uses up more than a third of it (but at least the policy's first pause), so attempts come closer as the
 * deadline does.
 */
export function retryPause(
  policy: NoticePolicy,
  noticeId: string,
  failures: number,
  timeLeft: number,
  asked = 0,
): number {
  const { first, factor, longest, longestWhenLate } = policy.retry;
  const cap = timeLeft > 0 ? longest : longestWhenLate;
  const full = Math.min(cap, first * factor ** Math.min(failures - 1, 30));
  const jittered = full * (0.5 + 0.5 * unitHash(`${noticeId}#${failures}`));
  const bound = timeLeft > 0 ? Math.max(first, timeLeft / 3) : cap;
  return Math.round(Math.min(bound, Math.max(jittered, Math.min(asked, cap))));
}

/** A number from 0 up to 1, the same for the same text, evenly spread: FNV-1a with a final mix (MurmurHash3's). */
export function unitHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
