/** Each repair of kafkajs: that the fault is there without it would need an unpatched copy, so the tests show the behaviour we rely on. */
import { createRequire } from 'node:module';
import { describe, expect, it, vi } from 'vitest';
import { patchKafkajs } from './patches.js';

patchKafkajs();
const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as new (
  options: object,
) => {
  scheduleCheckPendingRequests(): void;
  pending: unknown[];
  throttleCheckTimeoutId: unknown;
  throttledUntil: number;
  destroy(): void;
};

function queue() {
  const logger = { namespace: () => logger, debug: () => undefined } as never;
  return new RequestQueue({
    maxInFlightRequests: 1,
    requestTimeout: 1_000,
    enforceRequestTimeout: false,
    clientId: 'c',
    broker: 'b',
    logger,
  });
}

describe('the request queue', () => {
  it('arms no timer while nothing waits', () => {
    const idle = queue();
    idle.scheduleCheckPendingRequests();
    expect(idle.throttleCheckTimeoutId ?? null).toBeNull();
    idle.destroy();
  });

  it('looks again once the throttling of a waiting request is over', () => {
    vi.useFakeTimers();
    const throttled = queue();
    const check = vi
      .spyOn(throttled as never as { checkPendingRequests(): void }, 'checkPendingRequests')
      .mockImplementation(() => undefined);
    throttled.pending.push({});
    throttled.throttledUntil = Date.now() + 500;
    throttled.scheduleCheckPendingRequests();
    vi.advanceTimersByTime(499);
    expect(check).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(check).toHaveBeenCalledTimes(1);
    vi.useRealTimers();
    throttled.destroy();
  });
});
