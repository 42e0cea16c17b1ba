/** Each repair of kafkajs: that the fault is there without it would need an unpatched copy, so the tests show the behaviour we rely on. */
import { createRequire } from 'node:module';
import fc from 'fast-check';
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

describe('the encoder', () => {
  const require = createRequire(import.meta.url);
  interface Encoded {
    readonly buffer: Buffer;
    readonly buf: Buffer;
  }
  const record = require('kafkajs/src/protocol/recordBatch/record/v0') as (fields: object) => Encoded;
  const Encoder = require('kafkajs/src/protocol/encoder') as new (size?: number) => Encoded;
  const Decoder = require('kafkajs/src/protocol/decoder') as new (
    bytes: Buffer,
  ) => {
    readVarIntBytes(): Buffer;
  };
  const decode = require('kafkajs/src/protocol/recordBatch/record/v0/decoder') as (
    decoder: object,
    batch: object,
  ) => { key: Buffer; value: Buffer | null; headers: Record<string, Buffer> };

  it('takes nothing before something is written', () => {
    expect(new Encoder().buf).toHaveLength(0);
    expect(new Encoder(100).buf).toHaveLength(128);
  });

  it('writes every record so that it reads the same', () => {
    const bytes = fc.uint8Array({ maxLength: 3_000 }).map((list) => Buffer.from(list));
    const headers = fc.dictionary(
      fc.stringMatching(/^ce_[a-z]{1,20}$/),
      fc.string({ unit: 'grapheme', maxLength: 200 }),
    );
    fc.assert(
      fc.property(bytes, fc.option(bytes), headers, (key, value, given) => {
        const { buffer } = record({ offsetDelta: 3, timestampDelta: 5, key, value, headers: given });
        const read = decode(new Decoder(new Decoder(buffer).readVarIntBytes()), {
          firstOffset: '0',
          firstTimestamp: '0',
          magicByte: 2,
        });
        expect([read.key, read.value]).toEqual([key, value]);
        expect(Object.fromEntries(Object.entries(read.headers).map(([name, text]) => [name, text.toString()]))).toEqual(
          {
            ...given,
          },
        );
      }),
    );
  });
});
