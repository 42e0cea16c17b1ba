/**
 * Repairs of kafkajs 2.2.4 that its authors have not released. Each has a test that shows the fault is gone;
 * when an upgrade brings its own repair, the test of the patch's need fails and the patch goes.
 *
 * Timer loop: `RequestQueue.scheduleCheckPendingRequests` re-arms a 1 ms timer for ever once a connection has had a response
 * (tulios/kafkajs issues 1556, 1704, 1751). A timer is needed only while requests wait; `push` and `fulfillRequest` call again when they do.
 *
 * Produce requests: each part of each record is encoded in a buffer of its own (produce.ts, which writes ours).
 */
import { createRequire } from 'node:module';
import { encodeProduce, isPlain, type ProduceFields } from './produce.js';

interface RequestQueue {
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  readonly pending: readonly unknown[];
  checkPendingRequests(): void;
}

const checkIntervalMs = 10;

export function patchKafkajs(): void {
  patchRequestQueue();
  patchProduce();
}

interface ProduceRequest {
  readonly request: { readonly encode: () => Promise<{ readonly buf: Buffer; readonly buffer: Buffer }> };
}

interface RequestDefinition {
  protocol(of: { readonly version: number }): (fields: ProduceFields) => ProduceRequest;
}

/** The versions of a produce request that produce.ts writes. */
const oldestProduce = 3;

function patchProduce(): void {
  const definition = createRequire(import.meta.url)('kafkajs/src/protocol/requests/produce') as RequestDefinition;
  const { protocol } = definition;
  definition.protocol = ({ version }) => {
    const own = protocol({ version });
    if (version < oldestProduce) return own;
    return (fields) => {
      const made = own(fields);
      if (!isPlain(fields)) return made;
      const encode = async () => {
        const buffer = encodeProduce(fields, Date.now());
        return { buf: buffer, buffer };
      };
      return { ...made, request: { ...made.request, encode } };
    };
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
