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

describe('who coordinates', () => {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/cluster') as {
    prototype: { findGroupCoordinatorMetadata(question: object): Promise<unknown> };
  };

  function client() {
    const findGroupCoordinator = vi.fn(async () => ({ coordinator: { nodeId: '1' } }));
    const made = {
      brokerPool: {
        withBroker: (ask: (of: object) => unknown) => ask({ nodeId: '1', broker: { findGroupCoordinator } }),
      },
      retrier: (work: (bail: (error: Error) => void) => unknown) =>
        work((error) => {
          throw error;
        }),
      logger: { debug: () => undefined },
    };
    const ask = (coordinatorType: number, groupId = 'g') =>
      prototype.findGroupCoordinatorMetadata.call(made, { groupId, coordinatorType });
    return { findGroupCoordinator, ask };
  }

  it('is asked once a second by a client with transactions, of each thing by itself', async () => {
    vi.useFakeTimers();
    const { findGroupCoordinator, ask } = client();
    for (let n = 0; n < 3; n++) {
      expect(await ask(1, 't')).toEqual({ coordinator: { nodeId: '1' } });
      await ask(0);
    }
    expect(findGroupCoordinator).toHaveBeenCalledTimes(2);
    await ask(1, 'another');
    expect(findGroupCoordinator).toHaveBeenCalledTimes(3);
    vi.advanceTimersByTime(1_000);
    await ask(1, 't');
    expect(findGroupCoordinator).toHaveBeenCalledTimes(4);
    vi.useRealTimers();
  });

  it('is asked anew each time by every other client, and after a question that was not answered', async () => {
    const consumer = client();
    for (let n = 0; n < 3; n++) await consumer.ask(0);
    expect(consumer.findGroupCoordinator).toHaveBeenCalledTimes(3);
    const producer = client();
    producer.findGroupCoordinator.mockRejectedValueOnce(new Error('no broker'));
    await expect(producer.ask(1)).rejects.toThrow('no broker');
    await producer.ask(1);
    expect(producer.findGroupCoordinator).toHaveBeenCalledTimes(2);
  });
});
