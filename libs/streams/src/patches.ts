/**
 * Repairs of kafkajs 2.2.4 that its authors have not released. Each has a test that shows the fault is gone;
 * when an upgrade brings its own repair, the test of the patch's need fails and the patch goes.
 *
 * Timer loop: `RequestQueue.scheduleCheckPendingRequests` re-arms a 1 ms timer for ever once a connection has had a response
 * (tulios/kafkajs issues 1556, 1704, 1751). A timer is needed only while requests wait; `push` and `fulfillRequest` call again when they do.
 */
import { createRequire } from 'node:module';

interface RequestQueue {
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  readonly pending: readonly unknown[];
  checkPendingRequests(): void;
}

const checkIntervalMs = 10;

export function patchKafkajs(): void {
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
