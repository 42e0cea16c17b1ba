/**
 * Repairs of kafkajs 2.2.4 that its authors have not released. Each has a test that shows the fault is gone;
 * when an upgrade brings its own repair, the test of the patch's need fails and the patch goes.
 *
 * Timer loop: `RequestQueue.scheduleCheckPendingRequests` re-arms a 1 ms timer for ever once a connection has had a response
 * (tulios/kafkajs issues 1556, 1704, 1751). A timer is needed only while requests wait; `push` and `fulfillRequest` call again when they do.
 *
 * Records: each part of each is encoded and decoded by objects of its own. Ours are written by produce.ts and read by fetch.ts.
 *
 * Batches: for each message kafkajs copies the list of those before it, and asks the partitioner though the message says where it belongs. With its
 * head a request is copied twice, into memory cleared before. In lifecycle that is a twentieth of its time, and a third of the memory it asks for.
 * Here a request of records has room in front for its head, and is not copied at all.
 *
 * Timeouts: each connection looks for overdue requests ten times a second by a timer of its own, some twenty of them in a service. One timer looks at all.
 *
 * Aborted records: of several aborted transactions in one fetch kafkajs enters at most one with each record, in the order they are told. Where two lie
 * across each other, records of the second come through.
 *
 * Coordinators: for each transaction kafkajs asks four times who coordinates it, and its group, of nine requests in all. The answer holds for a
 * second; whoever was told wrongly throws the producer away (processor.ts) or asks again.
 */
import { createRequire } from 'node:module';
import type { Message } from 'kafkajs';
import { decodeFetch, type FetchResponse } from './fetch.js';
import { encodeProduce, type ProduceFields } from './produce.js';

const load = createRequire(import.meta.url);

/** To be called before kafkajs is loaded: modules of it that it has taken into others stay what they are. */
export function patchKafkajs(): void {
  replace('producer/groupMessagesPerPartition', groupMessagesPerPartition);
  replace('protocol/request', createRequest);
  replace('consumer/filterAbortedMessages', withoutAborted);
  patchRequestQueue();
  patchTimeouts();
  patchProduce();
  patchFetch();
  patchCoordinators();
}

/** Puts ours in the place of a module of kafkajs. */
function replace(name: string, ours: (...given: never[]) => unknown): void {
  const file = `kafkajs/src/${name}`;
  load(file);
  (load.cache[load.resolve(file)] as NodeJS.Module).exports = ours;
}

interface Grouping {
  readonly topic: string;
  readonly partitionMetadata: readonly object[];
  readonly messages: readonly Message[];
  readonly partitioner: (of: object) => number;
}

export function groupMessagesPerPartition({ topic, partitionMetadata, messages, partitioner }: Grouping) {
  const groups: Record<number, Message[]> = {};
  for (const message of messages) {
    const partition = message.partition ?? partitioner({ topic, partitionMetadata, message });
    const group = groups[partition];
    if (group === undefined) groups[partition] = [message];
    else group.push(message);
  }
  return groups;
}

interface Fetched<M> {
  readonly messages: readonly M[];
  readonly abortedTransactions?: readonly { readonly producerId: string; readonly firstOffset: string }[] | null;
}

interface InTransaction {
  readonly key: Buffer | null;
  readonly offset: string;
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

/** Key of the record that ends an aborted transaction. */
const abortKey = Buffer.alloc(4);

export function withoutAborted<M extends InTransaction>({ messages, abortedTransactions }: Fetched<M>): readonly M[] {
  const ahead = (abortedTransactions ?? [])
    .map(({ producerId, firstOffset }) => ({ producerId, from: Number(firstOffset) }))
    .sort((a, b) => a.from - b.from);
  if (ahead.length === 0) return messages;
  const aborted = new Set<string>();
  return messages.filter(({ key, offset, isControlRecord, batchContext: { producerId, inTransaction } }) => {
    for (let [next] = ahead; next !== undefined && next.from <= Number(offset); [next] = ahead) {
      aborted.add(next.producerId);
      ahead.shift();
    }
    if (!isControlRecord) return !inTransaction || !aborted.has(producerId);
    if (key?.equals(abortKey)) aborted.delete(producerId);
    return true;
  });
}

interface RequestParts {
  readonly correlationId: number;
  readonly clientId: string;
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly encode: () => Promise<Encoded>;
  };
}

interface Encoded {
  readonly buffer: Buffer;
  /** Bytes in front of it, in the same memory, that are free. */
  readonly before?: number;
}

/** Its length, what it asks for, whose it is, and its body. */
export async function createRequest({ correlationId, clientId, request }: RequestParts): Promise<{ buffer: Buffer }> {
  const { buffer: body, before = 0 } = await request.encode();
  const idLength = Buffer.byteLength(clientId);
  const head = 14 + idLength;
  const size = head + body.length;
  const buffer =
    head <= before
      ? Buffer.from(body.buffer, body.byteOffset - head, size)
      : Buffer.concat([Buffer.allocUnsafe(head), body], size);
  buffer.writeInt32BE(size - 4, 0);
  buffer.writeInt16BE(request.apiKey, 4);
  buffer.writeInt16BE(request.apiVersion, 6);
  buffer.writeInt32BE(correlationId, 8);
  buffer.writeInt16BE(idLength, 12);
  buffer.write(clientId, 14);
  return { buffer };
}

/** Of one kind of request: gives for a version what makes a request of its fields, and what reads the response. */
interface RequestDefinition<Fields, Made> {
  protocol(of: { readonly version: number }): (fields: Fields) => Made;
}

interface ProduceRequest {
  readonly request: { readonly encode: () => Promise<Encoded & { readonly buf: Buffer }> };
}

interface FetchRequest {
  readonly response: { readonly decode: (bytes: Buffer) => Promise<FetchResponse> };
}

/** From this version on produce.ts writes a produce request. */
const oldestProduce = 3;
/** Room for the head of a request: what it takes with a client id of a hundred bytes. */
const headRoom = 114;
/** The version of a fetch that fetch.ts reads: the newest kafkajs knows. */
const fetchVersion = 11;

function patchProduce(): void {
  patchRequests<ProduceFields, ProduceRequest>(
    'produce',
    (version) => version >= oldestProduce,
    (made, fields) => {
      const encode = async () => {
        const buffer = encodeProduce(fields, Date.now(), headRoom);
        return buffer === undefined ? made.request.encode() : { buf: buffer, buffer, before: headRoom };
      };
      return { ...made, request: { ...made.request, encode } };
    },
  );
}

function patchFetch(): void {
  patchRequests<object, FetchRequest>(
    'fetch',
    (version) => version === fetchVersion,
    (made) => {
      const decode = async (bytes: Buffer) => decodeFetch(bytes) ?? made.response.decode(bytes);
      return { ...made, response: { ...made.response, decode } };
    },
  );
}

/** Requests of a kind, in the versions that are ours, become what `patched` makes of kafkajs' own. */
function patchRequests<Fields, Made>(
  kind: string,
  isOurs: (version: number) => boolean,
  patched: (own: Made, fields: Fields) => Made,
): void {
  const file = `kafkajs/src/protocol/requests/${kind}`;
  const definition = load(file) as RequestDefinition<Fields, Made>;
  const { protocol } = definition;
  definition.protocol = ({ version }) => {
    const own = protocol({ version });
    return isOurs(version) ? (fields) => patched(own(fields), fields) : own;
  };
}

interface CoordinatorQuestion {
  readonly groupId: string;
  readonly coordinatorType: number;
}

/** In kafkajs' coordinatorTypes. */
const ofTransactions = 1;
const coordinatorHoldsMs = 1_000;

/** Of a client that asks for transactions; a consumer's asks seldom, and then because the last answer has become wrong. */
function patchCoordinators(): void {
  const { prototype } = load('kafkajs/src/cluster') as {
    prototype: { findGroupCoordinatorMetadata(question: CoordinatorQuestion): Promise<object> };
  };
  const find = prototype.findGroupCoordinatorMetadata;
  const answers = new WeakMap<object, Map<string, { readonly answer: object; readonly until: number }>>();
  prototype.findGroupCoordinatorMetadata = async function ask(question: CoordinatorQuestion): Promise<object> {
    const { groupId, coordinatorType } = question;
    if (coordinatorType === ofTransactions && !answers.has(this)) answers.set(this, new Map());
    const name = `${coordinatorType} ${groupId}`;
    const known = answers.get(this)?.get(name);
    if (known !== undefined && Date.now() < known.until) return known.answer;
    const answer = await find.call(this, question);
    answers.get(this)?.set(name, { answer, until: Date.now() + coordinatorHoldsMs });
    return answer;
  };
}

interface RequestQueue {
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  readonly pending: readonly unknown[];
  readonly inflight: ReadonlyMap<
    number,
    { readonly sentAt: number; readonly requestTimeout: number; timeoutRequest(): void }
  >;
  readonly enforceRequestTimeout: boolean;
  isConnected(): boolean;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
  scheduleRequestTimeoutCheck(): void;
  destroy(): void;
}

const requestQueue = (): RequestQueue =>
  (load('kafkajs/src/network/requestQueue') as { readonly prototype: RequestQueue }).prototype;

const checkIntervalMs = 10;

function patchRequestQueue(): void {
  requestQueue().scheduleCheckPendingRequests = function schedule(this: RequestQueue): void {
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

const timeoutCheckMs = 100;

function patchTimeouts(): void {
  const prototype = requestQueue();
  const { destroy } = prototype;
  const watched = new Set<RequestQueue>();
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const now = Date.now();
    for (const queue of watched) {
      for (const request of queue.inflight.values())
        if (now - request.sentAt > request.requestTimeout) request.timeoutRequest();
      if (!queue.isConnected()) queue.destroy();
    }
  };
  prototype.scheduleRequestTimeoutCheck = function watch(this: RequestQueue): void {
    if (!this.enforceRequestTimeout) return;
    watched.add(this);
    timer ??= setInterval(look, timeoutCheckMs);
  };
  prototype.destroy = function unwatch(this: RequestQueue): void {
    destroy.call(this);
    watched.delete(this);
    if (watched.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
