/** Each repair of kafkajs: that the fault is there without it would need an unpatched copy, so the tests show the behaviour we rely on. */
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it, vi } from 'vitest';

const load = createRequire(import.meta.url);
// Before they are mended.
const theirs = {
  group: load('kafkajs/src/producer/groupMessagesPerPartition') as typeof groupMessagesPerPartition,
  request: load('kafkajs/src/protocol/request') as typeof createRequest,
  filter: load('kafkajs/src/consumer/filterAbortedMessages') as typeof withoutAborted,
};
const { createRequest, groupMessagesPerPartition, patchKafkajs, withoutAborted } = await import('./patches.js');

patchKafkajs();
const RequestQueue = load('kafkajs/src/network/requestQueue') as new (
  options: object,
) => {
  scheduleCheckPendingRequests(): void;
  scheduleRequestTimeoutCheck(): void;
  inflight: Map<number, { sentAt: number; requestTimeout: number; timeoutRequest: () => void }>;
  pending: unknown[];
  throttleCheckTimeoutId: unknown;
  throttledUntil: number;
  destroy(): void;
};

afterEach(() => void vi.useRealTimers());

function queue(isConnected = () => true) {
  const logger = { namespace: () => logger, debug: () => undefined } as never;
  return new RequestQueue({
    maxInFlightRequests: 1,
    requestTimeout: 1_000,
    enforceRequestTimeout: true,
    isConnected,
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
    throttled.destroy();
  });

  it('shares one timer with all others to find overdue requests, and needs none once closed', () => {
    vi.useFakeTimers();
    let connected = true;
    const queues = [queue(), queue(() => connected)] as const;
    const requests = queues.map((each) => {
      const request = { sentAt: Date.now(), requestTimeout: 1_000, timeoutRequest: vi.fn(() => each.inflight.clear()) };
      each.inflight.set(1, request);
      each.scheduleRequestTimeoutCheck();
      return request;
    });
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1_000);
    for (const { timeoutRequest } of requests) expect(timeoutRequest).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    for (const { timeoutRequest } of requests) expect(timeoutRequest).toHaveBeenCalledTimes(1);
    queues[0].destroy();
    expect(vi.getTimerCount()).toBe(1);
    connected = false;
    vi.advanceTimersByTime(100);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('records', () => {
  it('are grouped as kafkajs groups them, without asking where those belong that say it', () => {
    const messages = [3, undefined, 3, 0, undefined, 7].map((partition, n) => ({
      value: String(n),
      ...(partition !== undefined && { partition }),
    }));
    const grouped = (group: typeof groupMessagesPerPartition) => {
      const partitioner = vi.fn(({ message }) => message.partition ?? Number(message.value) % 3);
      const groups = group({ topic: 't', partitionMetadata: [{}, {}], messages, partitioner });
      return { groups, asked: partitioner.mock.calls.length };
    };
    const ours = grouped(groupMessagesPerPartition);
    expect(ours.groups).toEqual(grouped(theirs.group).groups);
    expect(ours.asked).toBe(2);
  });

  it('go in requests with the head kafkajs gives them', async () => {
    const Encoder = load('kafkajs/src/protocol/encoder') as new () => { writeBytes(of: Buffer): object };
    const encode = async () => new Encoder().writeBytes(Buffer.alloc(3_000, 7)) as { buffer: Buffer };
    const parts = { correlationId: 77, clientId: 'tokenline-é', request: { apiKey: 28, apiVersion: 3, encode } };
    const expected = (await theirs.request(parts)).buffer;
    expect((await createRequest(parts)).buffer.equals(expected)).toBe(true);
    for (const before of [25, 26, 200]) {
      const inRoom = async () => ({
        buffer: Buffer.concat([Buffer.alloc(before), (await encode()).buffer]).subarray(before),
        before,
      });
      const made = await createRequest({ ...parts, request: { ...parts.request, encode: inRoom } });
      expect(made.buffer.equals(expected)).toBe(true);
    }
  });

  it('are sent by a kafkajs that groups and frames this way', async () => {
    await import('./kafkajs.js');
    expect(load('kafkajs/src/producer/groupMessagesPerPartition')).toBe(groupMessagesPerPartition);
    expect(load('kafkajs/src/protocol/request')).toBe(createRequest);
  });
});

describe('aborted records', () => {
  const record = (offset: number, producerId: string, more: { readonly control?: number } = {}) => ({
    key: more.control === undefined ? null : Buffer.from([0, 0, 0, more.control]),
    offset: String(offset),
    isControlRecord: more.control !== undefined,
    batchContext: { producerId, inTransaction: true },
  });
  const [abort, commit] = [{ control: 0 }, { control: 1 }];
  const shown = (filter: typeof withoutAborted, fetched: Parameters<typeof withoutAborted>[0]) =>
    filter(fetched)
      .filter(({ isControlRecord }) => !isControlRecord)
      .map(({ offset }) => Number(offset));
  // Read from 12 on: both had begun before, and a third does between their ends.
  const across = {
    abortedTransactions: [
      { producerId: '1', firstOffset: '10' },
      { producerId: '2', firstOffset: '11' },
      { producerId: '1', firstOffset: '16' },
    ],
    messages: [
      record(12, '2'),
      record(13, '1'),
      record(14, '1', abort),
      record(15, '3'),
      record(16, '1'),
      record(17, '2', abort),
      record(18, '2'),
      record(19, '2', commit),
      record(20, '1', abort),
      record(21, '1'),
    ],
  };

  it('are left out where aborted transactions lie across each other', () => {
    expect(shown(withoutAborted, across)).toEqual([15, 18, 21]);
  });

  it('are let through there by kafkajs itself: the need of the patch', () => {
    expect(shown(theirs.filter, across)).not.toEqual([15, 18, 21]);
  });

  it('are left out by the kafkajs that is used', async () => {
    await import('./kafkajs.js');
    expect(load('kafkajs/src/consumer/filterAbortedMessages')).toBe(withoutAborted);
  });
});

describe('who coordinates', () => {
  const { prototype } = load('kafkajs/src/cluster') as {
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
