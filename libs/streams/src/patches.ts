/**
 * Repairs of kafkajs 2.2.4 that its authors have not released. Each has a test that shows the fault is gone;
 * when an upgrade brings its own repair, the test of the patch's need fails and the patch goes.
 *
 * Timer loop: `RequestQueue.scheduleCheckPendingRequests` re-arms a 1 ms timer for ever once a connection has had a response
 * (tulios/kafkajs issues 1556, 1704, 1751). A timer is needed only while requests wait; `push` and `fulfillRequest` call again when they do.
 *
 * Encoder: each header of each record begins with 512 bytes of its own, set to zero, outside Node's pool of small buffers: a third of the time it
 * takes to encode a record of ours, and all of it garbage (29 against 21 us a record). Nothing is taken before the first byte is written, and then
 * from the pool; bytes that are not written are never read.
 */
import { createRequire } from 'node:module';

interface RequestQueue {
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  readonly pending: readonly unknown[];
  checkPendingRequests(): void;
}

interface Encoder {
  buf: Buffer;
  offset: number;
}

interface EncoderClass {
  nextPowerOfTwo(value: number): number;
  readonly prototype: { ensureAvailable(this: Encoder, length: number): void };
}

const checkIntervalMs = 10;
/** What kafkajs' encoder asks for where nobody says how much is coming. */
const unsaidSize = 511;
const leastBytes = 64;

export function patchKafkajs(): void {
  patchRequestQueue();
  patchEncoder();
}

function patchEncoder(): void {
  const encoder = createRequire(import.meta.url)('kafkajs/src/protocol/encoder') as EncoderClass;
  const { nextPowerOfTwo } = encoder;
  if (nextPowerOfTwo(unsaidSize) === 0) return;
  encoder.nextPowerOfTwo = (value) => (value === unsaidSize ? 0 : nextPowerOfTwo(value));
  encoder.prototype.ensureAvailable = function ensure(length) {
    const needed = this.offset + length;
    if (needed <= this.buf.length) return;
    const larger = Buffer.allocUnsafe(needed <= leastBytes ? leastBytes : nextPowerOfTwo(needed));
    this.buf.copy(larger, 0, 0, this.offset);
    this.buf = larger;
  };
}

function patchRequestQueue(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
    prototype: { scheduleCheckPendingRequests(this: RequestQueue): void };
  };
  prototype.scheduleCheckPendingRequests = function schedule(this: RequestQueue): void {
    if (this.throttleCheckTimeoutId !== null && this.throttleCheckTimeoutId !== undefined) return;
    if (this.pending.length === 0) return;
    const throttledFor = this.throttledUntil - Date.now();
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      throttledFor > 0 ? throttledFor : checkIntervalMs,
    );
  };
}
